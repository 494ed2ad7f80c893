internal import Glibc
internal import SystemPackage

/// A program that this one has started, until its end was taken note of. See posix_spawn(3), waitpid(2).
public struct ChildProcess: Sendable {
    /// Its number in this process's pid namespace: it stays its own until `takeEnd` has returned its end.
    public let id: Int32

    /// How a program ended.
    public enum End: Hashable, Sendable {
        case exited(code: CInt)
        case killed(by: Signal)

        /// What a shell makes of it: the code, or 128 and the number of the signal.
        public var status: CInt {
            switch self {
            case .exited(let code): code
            case .killed(let signal): 128 + signal.rawValue
            }
        }
    }

    /// Starts a program, which is looked for in PATH where its name has no slash.
    ///
    /// It inherits the environment, the standard streams, and the signals that were blocked before `signals` were
    /// collected; and none of the descriptors that this library has opened, since they are all close-on-exec.
    ///
    /// - Parameter command: the name of the program and its arguments; not empty.
    public init(_ command: [String], after signals: borrowing ReceivedSignals) throws(SystemCallFailure) {
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var mask = signals.blockedBefore.value
        posix_spawnattr_setsigmask(&attributes, &mask)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))

        var words = command.map { strdup($0) } + [nil]
        defer { words.forEach { free($0) } }
        var number = pid_t()
        let result = posix_spawnp(&number, command[0], nil, &attributes, &words, environ)
        guard result == 0 else { throw SystemCallFailure("posix_spawnp", command[0], Errno(rawValue: result)) }
        id = number
    }

    /// Sends it a signal. That it has ended is no failure. See kill(2).
    public func send(_ signal: Signal) {
        kill(id, signal.rawValue)
    }

    /// Takes note of all children that have ended, also of those of others that the kernel has left to this process.
    ///
    /// - Returns: how this one ended; nil where it still runs.
    public func takeEnd() -> End? {
        var end: End?
        while true {
            var status: CInt = 0
            let number = waitpid(-1, &status, WNOHANG)
            guard number > 0 else { return end }
            if number == id { end = End(status) }
        }
    }
}

extension ChildProcess.End {
    /// Reads what waitpid(2) tells.
    fileprivate init(_ status: CInt) {
        let signal = status & 0x7f
        self = signal == 0 ? .exited(code: status >> 8 & 0xff) : .killed(by: Signal(rawValue: signal))
    }
}
