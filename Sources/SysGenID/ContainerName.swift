internal import SysGenIDCore

/// The name of a container's device: 1 to 64 of the letters, digits, `.`, `_` and `-` of ASCII, not first a `.`.
///
/// It is one component of a path, and leads nowhere else.
public struct ContainerName: Hashable, Sendable, CustomStringConvertible {
    public let description: String

    /// nil where the text is no such name.
    public init?(_ text: String) {
        guard DeviceName.isValid(text.utf8) else { return nil }
        description = text
    }
}
