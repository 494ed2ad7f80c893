/// The name of a container's device: 1 to 64 of the letters, digits, `.`, `_` and `-` of ASCII, not first a `.`.
///
/// It is one component of a path, and leads nowhere else.
public struct ContainerName: Hashable, Sendable, CustomStringConvertible {
    public let description: String

    /// nil where the text is no such name.
    public init?(_ text: String) {
        guard (1...64).contains(text.utf8.count), text.utf8.first != UInt8(ascii: "."),
            text.utf8.allSatisfy(Self.isAllowed)
        else { return nil }
        description = text
    }

    private static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
        default: false
        }
    }
}
