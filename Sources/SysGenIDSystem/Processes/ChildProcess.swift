internal import CSysGenID
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

    /// One that somebody else has started.
    init(knownAs id: Int32) {
        self.id = id
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

    /// Starts a program that has nothing of this process's: a process group of its own, the root as its directory, nothing
    /// to read, no other descriptors, and all signals as they are at first.
    ///
    /// - Parameters:
    ///   - path: where the program is; it gets no arguments.
    ///   - environment: its variables, in the order in which they stand.
    ///   - output: what it writes to, with both streams; another descriptor than the standard streams.
    public init(
        inGroupOfItsOwn path: String, environment: KeyValuePairs<String, String>, output: borrowing OwnedDescriptor
    ) throws(SystemCallFailure) {
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        sigfillset(&signals)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        posix_spawnattr_setpgroup(&attributes, 0)
        posix_spawnattr_setflags(
            &attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP))
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, output.rawValue, 1)
        posix_spawn_file_actions_adddup2(&actions, 1, 2)
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        csysgenid_spawn_alone(&actions, "/")

        var words = [strdup(path), nil]
        var variables = environment.map { strdup("\($0)=\($1)") } + [nil]
        defer { (words + variables).forEach { free($0) } }
        var number = pid_t()
        let result = posix_spawn(&number, path, &actions, &attributes, &words, &variables)
        guard result == 0 else { throw SystemCallFailure("posix_spawn", path, Errno(rawValue: result)) }
        id = number
    }

    /// Ends all of its process group, unless its end was taken note of. See kill(2).
    public func endGroup() {
        kill(-id, SIGKILL)
    }

    /// As `takeEnd`, of a program with a process group of its own: what it has left there ends with it. That is done
    /// before its number can be another's.
    public func takeEndWithGroup() -> End? {
        while true {
            var information = siginfo_t()
            guard waitid(P_ALL, 0, &information, WEXITED | WNOHANG | WNOWAIT) == 0 else { return nil }
            let number = information._sifields._sigchld.si_pid
            guard number > 0 else { return nil }
            if number == id { endGroup() }
            var status: CInt = 0
            guard waitpid(number, &status, 0) == number else { return nil }
            if number == id { return End(status) }
        }
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
