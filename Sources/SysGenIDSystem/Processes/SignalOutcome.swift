/// What a signal does to a process. See signal(7).
public enum SignalOutcome: Hashable, Sendable {
    /// The process has a handler for it, or waits for it in sigwait(3).
    case taken
    /// The process keeps it back: until it takes it by signalfd(2) or sigwait(3), or for the moments of a fork(2), in which the
    /// C library keeps all back.
    case keptBack
    /// Nothing: the process ignores it, or the system does where nobody has asked for it.
    case ignored
    case ends
    case stops
    /// Nothing: the process has ended.
    case isOver
    /// /proc does not show it.
    case unknown

    /// Of what is known of the threads of a process; nil stands for one of which nothing is known.
    ///
    /// The kernel gives a signal of the process to any thread that does not keep it back. Where it would end the
    /// process, one such thread is enough.
    init(of signal: Signal, in threads: some Sequence<ThreadSignals?>) {
        var rest = Self.isOver
        for thread in threads {
            guard let thread else {
                self = .unknown
                return
            }
            guard !thread.isOver else { continue }
            guard !thread.caught.contains(signal) else {
                self = .taken
                return
            }
            if thread.blocked.contains(signal) {
                if rest == .isOver { rest = .keptBack }
            } else if thread.awaited().contains(signal) {
                rest = .taken
            } else {
                self = thread.ignored.contains(signal) ? .ignored : signal.defaultOutcome
                return
            }
        }
        self = rest
    }
}

extension ChildProcess {
    /// What the signal would do to the program if it were sent now. See proc(5).
    ///
    /// A thread that was added meanwhile does not matter: it has begun with the signals of the one that has started it.
    public func outcome(of signal: Signal) -> SignalOutcome {
        // As a parent that has not taken note of its end, this process can rely on the number.
        guard OwnProcess.seesItsNamespace,
            let threads = try? Files.names(in: "/proc/\(id)/task", limit: Self.threadLimit)
        else { return .unknown }
        // The first one is looked at first: where the program has a handler, any thread tells.
        let process = "\(id)"
        let others = threads.filter { $0 != process }
        return SignalOutcome(
            of: signal, in: ([process] + others).lazy.map { ThreadSignals(folder: "/proc/\(process)/task/\($0)") })
    }

    /// How many threads a program may have to be looked at.
    private static let threadLimit = 100_000
}
