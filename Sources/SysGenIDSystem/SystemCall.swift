internal import Glibc
public import SystemPackage

/// A system call that failed: what was tried, on what, and the kernel's answer.
public struct SystemCallFailure: Error, Hashable, Sendable, CustomStringConvertible {
    /// The name of the call, as in the man pages.
    public var call: String
    /// What it was tried on: a path, a device.
    public var subject: String
    public var errno: Errno

    public init(_ call: String, _ subject: String, _ errno: Errno) {
        self.call = call
        self.subject = subject
        self.errno = errno
    }

    public var description: String { "\(call) \(subject): \(errno)" }
}

/// What to do where a signal interrupts a system call.
enum InterruptPolicy {
    case retry
    case fail
}

/// The result of a system call that returns −1 where it fails.
func valueOrErrno<Value: FixedWidthInteger>(
    _ policy: InterruptPolicy = .retry, _ body: () -> Value
) throws(Errno) -> Value {
    while true {
        let value = body()
        if value != -1 { return value }
        let error = Errno(rawValue: errno)
        guard policy == .retry, error == .interrupted else { throw error }
    }
}

/// Makes a system call whose result says only whether it failed.
func nothingOrErrno(_ policy: InterruptPolicy = .retry, _ body: () -> CInt) throws(Errno) {
    _ = try valueOrErrno(policy, body)
}

/// Adds what was tried, and on what, to a failure.
func describing<Value: ~Copyable>(
    _ call: String, _ subject: @autoclosure () -> String, _ body: () throws(Errno) -> Value
) throws(SystemCallFailure) -> Value {
    do {
        return try body()
    } catch {
        throw SystemCallFailure(call, subject(), error)
    }
}
