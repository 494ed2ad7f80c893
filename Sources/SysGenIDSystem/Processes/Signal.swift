internal import Glibc

/// A signal. See signal(7).
public struct Signal: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    /// The number that the system has for it, from 1 on.
    public let rawValue: CInt

    public init(rawValue: CInt) {
        self.rawValue = rawValue
    }

    /// The signal of a name, with or without SIG, in letters of either case, or of a number in decimal; nil where there
    /// is none.
    public init?(_ text: String) {
        let name = text.uppercased()
        let short = name.hasPrefix("SIG") ? String(name.dropFirst(3)) : name
        if let number = Self.names.first(where: { $0.value == short })?.key {
            self.init(rawValue: number)
        } else if let number = CInt(text), String(number) == text, (1...Self.last).contains(number) {
            self.init(rawValue: number)
        } else {
            return nil
        }
    }

    public static let hangUp = Signal(rawValue: SIGHUP)
    public static let interrupt = Signal(rawValue: SIGINT)
    public static let quit = Signal(rawValue: SIGQUIT)
    public static let terminate = Signal(rawValue: SIGTERM)
    public static let kill = Signal(rawValue: SIGKILL)
    public static let childEnded = Signal(rawValue: SIGCHLD)

    public static let stop = Signal(rawValue: SIGSTOP)

    /// Those with which people ask a program for something: to end, to look again, or whatever it makes of them.
    public static let requests = [SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2, SIGALRM, SIGWINCH].map(
        Signal.init(rawValue:))

    /// The name as kill(1) has it, without SIG; the number where there is none.
    public var description: String { Self.names[rawValue] ?? String(rawValue) }

    /// What it does to a process that has made nothing of it. See signal(7).
    var defaultOutcome: SignalOutcome {
        switch rawValue {
        case SIGCHLD, SIGURG, SIGWINCH, SIGCONT: .ignored
        case SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU: .stops
        default: .ends
        }
    }

    /// The last of the realtime signals.
    private static let last: CInt = 64

    private static let names: [CInt: String] = [
        SIGHUP: "HUP", SIGINT: "INT", SIGQUIT: "QUIT", SIGILL: "ILL", SIGTRAP: "TRAP", SIGABRT: "ABRT", SIGBUS: "BUS",
        SIGFPE: "FPE", SIGKILL: "KILL", SIGUSR1: "USR1", SIGSEGV: "SEGV", SIGUSR2: "USR2", SIGPIPE: "PIPE",
        SIGALRM: "ALRM", SIGTERM: "TERM", SIGSTKFLT: "STKFLT", SIGCHLD: "CHLD", SIGCONT: "CONT", SIGSTOP: "STOP",
        SIGTSTP: "TSTP", SIGTTIN: "TTIN", SIGTTOU: "TTOU", SIGURG: "URG", SIGXCPU: "XCPU", SIGXFSZ: "XFSZ",
        SIGVTALRM: "VTALRM", SIGPROF: "PROF", SIGWINCH: "WINCH", SIGIO: "IO", SIGPWR: "PWR", SIGSYS: "SYS",
    ]
}
