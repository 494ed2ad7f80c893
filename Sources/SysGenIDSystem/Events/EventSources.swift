internal import CSysGenID
internal import Glibc
internal import Synchronization
internal import SystemPackage

/// A descriptor that becomes readable when another thread says so. See eventfd(2).
public struct EventSignal: ~Copyable, Sendable {
    public let descriptor: OwnedDescriptor
    /// Whether it was made readable and not cleared since: then to raise it again takes no system call.
    private let isRaised = Atomic(false)

    public init() throws(SystemCallFailure) {
        descriptor = try describing("eventfd", "wake-up") { () throws(Errno) in
            OwnedDescriptor(owning: try valueOrErrno { eventfd(0, CInt(EFD_CLOEXEC | EFD_NONBLOCK)) })
        }
    }

    /// Makes the descriptor readable. What was stored before is seen after the next `clear`.
    public func raise() {
        guard !isRaised.exchange(true, ordering: .acquiringAndReleasing) else { return }
        // write(2) itself, not eventfd_write(3): Thread Sanitizer knows that one thread learns by it of another.
        var count: UInt64 = 1
        let isRaised = succeedsInTwo { write(descriptor.rawValue, &count, MemoryLayout<UInt64>.size) }
        // Whoever raises it next tries again.
        if !isRaised { self.isRaised.store(false, ordering: .releasing) }
    }

    /// Makes the descriptor unreadable again; true where it was readable.
    @discardableResult
    public func clear() -> Bool {
        var count: UInt64 = 0
        let wasReadable = read(descriptor.rawValue, &count, MemoryLayout<UInt64>.size) >= 0
        // Only now: whoever raises it between the two has stored before what the caller looks at after them.
        if wasReadable { _ = isRaised.exchange(false, ordering: .acquiringAndReleasing) }
        return wasReadable
    }
}

/// A descriptor that becomes readable at a moment. See timerfd_create(2).
public struct Timer: ~Copyable, Sendable {
    public let descriptor: OwnedDescriptor

    public init() throws(SystemCallFailure) {
        descriptor = try describing("timerfd_create", "timer") { () throws(Errno) in
            let flags = CInt(TFD_CLOEXEC | TFD_NONBLOCK)
            return OwnedDescriptor(owning: try valueOrErrno { timerfd_create(CLOCK_MONOTONIC, flags) })
        }
    }

    /// Begins anew with a timer that is not armed, under the same number: for the child of a fork(2), which shares its
    /// parent's.
    public func detach() throws(SystemCallFailure) {
        let fresh = try Timer()
        try describing("dup3", "timer") { () throws(Errno) in
            try descriptor.refer(toFileOf: fresh.descriptor.duplicate())
        }
    }

    /// Becomes readable at the moment of the monotonic clock, in nanoseconds; an earlier one is replaced.
    public func arm(at moment: UInt64) {
        // The moment 0 would disarm the timer.
        var value = itimerspec(it_interval: timespec(), it_value: timespec(nanoseconds: max(1, moment)))
        _ = succeedsInTwo { Int(timerfd_settime(descriptor.rawValue, CInt(TFD_TIMER_ABSTIME), &value, nil)) }
    }

    /// Makes the descriptor unreadable until the next moment.
    public func clear() {
        var expirations: UInt64 = 0
        _ = read(descriptor.rawValue, &expirations, MemoryLayout<UInt64>.size)
    }
}

/// A descriptor that becomes readable a while after another thread says so: what is said until then is taken together,
/// and whoever waits for it does not run before those who do not.
public struct DelayedSignal: ~Copyable, Sendable {
    private let timer: Timer
    private let delay: UInt64
    /// Whether it was raised and not cleared since: then to raise it again takes no system call.
    private let isRaised = Atomic(false)

    /// - Parameter delay: in nanoseconds.
    public init(delay: UInt64) throws(SystemCallFailure) {
        timer = try Timer()
        self.delay = delay
    }

    public var descriptor: CInt { timer.descriptor.rawValue }

    /// Makes the descriptor readable when the time is over. What was stored before is seen after the next `clear`.
    public func raise() {
        guard !isRaised.exchange(true, ordering: .acquiringAndReleasing) else { return }
        timer.arm(at: MonotonicClock.now() + delay)
    }

    /// Makes the descriptor unreadable again.
    public func clear() {
        timer.clear()
        _ = isRaised.exchange(false, ordering: .acquiringAndReleasing)
    }
}

/// A descriptor that becomes readable when somebody asks the process for something. See signalfd(2).
public struct ProcessSignals: ~Copyable, Sendable {
    public let descriptor: OwnedDescriptor

    /// What the process is asked for.
    public enum Wish: Hashable, Sendable {
        /// SIGTERM or SIGINT: to end.
        case end
        /// SIGHUP: to look again at what it found at its start.
        case lookAgain
        /// SIGUSR1: to end and leave all as it is to a successor.
        case handOver
    }

    /// Blocks SIGTERM, SIGINT, SIGHUP and SIGUSR1, and nothing else, in this thread and in those that it starts, and
    /// collects them here. Ignores SIGPIPE. Whoever started the process may have blocked any signal in it.
    public init() throws(SystemCallFailure) {
        try describing("sigaction", "SIGPIPE") { () throws(Errno) in
            var ignored = sigaction()
            ignored.__sigaction_handler.sa_handler = SIG_IGN
            try nothingOrErrno { sigaction(SIGPIPE, &ignored, nil) }
        }
        var set = sigset_t()
        sigemptyset(&set)
        for number in [SIGTERM, SIGINT, SIGHUP, SIGUSR1] { sigaddset(&set, number) }
        // A signal that is not blocked would end the process, and leave everything behind.
        let result = pthread_sigmask(SIG_SETMASK, &set, nil)
        guard result == 0 else { throw SystemCallFailure("sigprocmask", "SIGTERM", Errno(rawValue: result)) }
        descriptor = try describing("signalfd", "SIGTERM") { () throws(Errno) in
            OwnedDescriptor(owning: try valueOrErrno { signalfd(-1, &set, CInt(SFD_CLOEXEC | SFD_NONBLOCK)) })
        }
    }

    /// Takes one wish; nil where there is none.
    public func take() -> Wish? {
        var information = signalfd_siginfo()
        let size = MemoryLayout<signalfd_siginfo>.size
        guard Glibc.read(descriptor.rawValue, &information, size) == size else { return nil }
        return switch CInt(bitPattern: information.ssi_signo) {
        case SIGHUP: .lookAgain
        case SIGUSR1: .handOver
        default: .end
        }
    }
}

/// Makes a call by which somebody is woken, and once more where it fails: he might wait for ever.
///
/// - Returns: whether it has succeeded.
private func succeedsInTwo(_ call: () -> Int) -> Bool {
    call() >= 0 || call() >= 0
}

extension timespec {
    init(nanoseconds: UInt64) {
        self.init(tv_sec: Int(nanoseconds / 1_000_000_000), tv_nsec: Int(nanoseconds % 1_000_000_000))
    }
}
