/// The contents of a file that holds an identity: 16 raw bytes, or a UUID in text.
public enum IdentityFile {
    /// No file that holds an identity is longer than this, in bytes.
    public static let sizeLimit = 256

    /// Why contents are no identity.
    public enum Defect: Error, Hashable, Sendable, CaseIterable {
        case empty
        case tooLong
        case neitherRawNorUUID
    }

    /// The 16 bytes of the identity. Raw bytes are taken as they are, a UUID in the order in which it is
    /// written. A file of exactly 16 bytes is raw.
    public static func parse(_ contents: [UInt8]) throws(Defect) -> [UInt8] {
        guard !contents.isEmpty else { throw .empty }
        guard contents.count <= sizeLimit else { throw .tooLong }
        if contents.count == 16 { return contents }
        guard let bytes = UUIDText.parse(contents) else { throw .neitherRawNorUUID }
        return bytes
    }
}
