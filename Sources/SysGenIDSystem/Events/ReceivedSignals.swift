internal import CSysGenID
internal import Glibc
internal import SystemPackage

/// A descriptor that becomes readable when a signal comes, of which the process wants to know. See signalfd(2).
public struct ReceivedSignals: ~Copyable, Sendable {
    public let descriptor: OwnedDescriptor
    /// The signals that were blocked before, for the programs that this one starts.
    let blockedBefore: SignalSet

    /// A signal that came.
    public struct Received: Hashable, Sendable {
        public var signal: Signal
        /// Whether the kernel sent it, as for a key of the terminal: to all programs in the foreground, so that a child
        /// of this one has had it, too.
        public var isOfKernel: Bool

        public init(signal: Signal, isOfKernel: Bool) {
            self.signal = signal
            self.isOfKernel = isOfKernel
        }
    }

    /// Blocks the signals in this thread and in those that it starts, and collects them here. The end of a child is told
    /// even where whoever started the process did not want to know of it.
    public init(_ signals: [Signal]) throws(SystemCallFailure) {
        var set = sigset_t()
        sigemptyset(&set)
        for signal in signals { sigaddset(&set, signal.rawValue) }
        // With SIGCHLD ignored, nobody could wait for a child.
        if signals.contains(.childEnded) { signal(SIGCHLD, SIG_DFL) }
        var before = sigset_t()
        pthread_sigmask(SIG_BLOCK, &set, &before)
        blockedBefore = SignalSet(before)
        descriptor = try describing("signalfd", "signals") { () throws(Errno) in
            OwnedDescriptor(owning: try valueOrErrno { signalfd(-1, &set, CInt(SFD_CLOEXEC | SFD_NONBLOCK)) })
        }
    }

    /// Takes one; nil where there is none.
    public func take() -> Received? {
        var information = signalfd_siginfo()
        let size = MemoryLayout<signalfd_siginfo>.size
        guard Glibc.read(descriptor.rawValue, &information, size) == size else { return nil }
        return Received(
            signal: Signal(rawValue: CInt(bitPattern: information.ssi_signo)),
            isOfKernel: information.ssi_code > 0)
    }
}

/// A set of signals, as the C library has it.
struct SignalSet: Sendable {
    let value: sigset_t

    init(_ value: sigset_t) {
        self.value = value
    }

    /// Blocks these in this thread, and no others. See pthread_sigmask(3).
    func restore() {
        var value = value
        pthread_sigmask(SIG_SETMASK, &value, nil)
    }
}
