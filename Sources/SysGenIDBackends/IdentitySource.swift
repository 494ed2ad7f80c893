internal import SysGenIDCore

/// A place where the system's identity can be read, again and again.
protocol IdentitySource: Sendable {
    /// The identity as it is now. It never waits.
    func identity() throws(SourceFailure) -> Identity

    /// A descriptor that becomes readable when the identity has changed; nil where nothing tells.
    var pollDescriptor: CInt? { get }
}

extension IdentitySource {
    var pollDescriptor: CInt? { nil }
}

/// Why a source cannot be used or read, in one line that names what was tried and, where there is something
/// to do, the remedy.
struct SourceFailure: Error, Hashable, Sendable, CustomStringConvertible {
    var description: String

    init(_ description: String) {
        self.description = description
    }
}
