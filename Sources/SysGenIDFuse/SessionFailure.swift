public import SysGenIDSystem

/// Why there is no session.
public enum SessionFailure: Error, Hashable, Sendable, CustomStringConvertible {
    case system(SystemCallFailure)
    /// libfuse would not make one; it has told why in the log.
    case refusedByLibrary
    /// libfuse has no answer to the kernel's handshake, or the kernel does not take it.
    case noAgreement

    public var description: String {
        switch self {
        case .system(let failure): failure.description
        case .noAgreement: "libfuse and the kernel did not agree in the handshake"
        case .refusedByLibrary: "libfuse refused to make a session"
        }
    }
}

extension SessionFailure {
    /// The value of the body, whose failed system call is a failure of the session.
    static func wrapping<Value>(
        _ body: () throws(SystemCallFailure) -> Value
    ) throws(SessionFailure) -> Value {
        do {
            return try body()
        } catch {
            throw .system(error)
        }
    }
}
