/// A definition block: a DSDT, an SSDT or a PSDT (ACPI 6.5, 5.2.11).
struct ACPITable: Hashable {
    /// The block of ACPI Machine Language after the header.
    let block: [UInt8]
    /// Whether the sum of all bytes is 0. Linux uses a table in any case. Here a table that is damaged must
    /// not lead to a wrong address, which would make any change of ordinary memory look like a resume.
    let isIntact: Bool
    let isDSDT: Bool
    let revision: UInt8

    /// No table that is read is longer than this, in bytes.
    static let sizeLimit = 8 << 20
    /// The length of the header (ACPI 6.5, 5.2.6).
    static let headerSize = 36

    /// Why a file is no table that can be read.
    enum Defect: Error, Hashable, CustomStringConvertible {
        case tooLong
        case cutShort
        case otherSignature

        var description: String {
            switch self {
            case .tooLong: "longer than \(ACPITable.sizeLimit) bytes"
            case .cutShort: "not as long as its header says"
            case .otherSignature: "neither a DSDT nor an SSDT"
            }
        }
    }

    /// Takes the contents of a table's file, which the kernel makes just as long as the header says.
    init(contents: [UInt8]) throws(Defect) {
        guard contents.count <= Self.sizeLimit else { throw .tooLong }
        guard contents.count >= Self.headerSize else { throw .cutShort }
        let signature = String(decoding: contents.prefix(4), as: UTF8.self)
        guard ["DSDT", "SSDT", "PSDT"].contains(signature) else { throw .otherSignature }
        let length = contents[4..<8].reversed().reduce(0) { $0 << 8 | Int($1) }
        guard length == contents.count else { throw .cutShort }
        isDSDT = signature == "DSDT"
        revision = contents[8]
        block = Array(contents[Self.headerSize...])
        isIntact = contents.withUnsafeBufferPointer { $0.reduce(0, &+) } == 0
    }
}
