internal import CSysGenID
internal import Glibc
internal import Synchronization
internal import SystemPackage

/// A thread of its own, for loops that block in the kernel: nothing that blocks may run on the threads
/// that Swift's concurrency shares. One that nobody refers to any more, and that was not joined, ends by itself. See
/// pthread_create(3).
///
/// Signals are left to the other threads of the process, which may be anybody's: all are blocked here but those with which
/// the kernel reports a fault of the thread itself, and the wake signal where `installWakeHandler` was called before.
public final class Thread: Sendable {
    private let handle: pthread_t
    private let state: State
    private let isJoined = Atomic(false)
    /// Without its handler, the wake signal ends the process, or is one that the program waits for itself.
    private static let hasWakeHandler = Atomic(false)

    private final class State: Sendable {
        let name: String
        let body: @Sendable () -> Void
        let capabilities: Capabilities?
        let begun: EventSignal
        let ended: EventSignal
        let activity = Activity()

        init(
            _ name: String, _ capabilities: Capabilities?, _ body: @escaping @Sendable () -> Void
        ) throws(SystemCallFailure) {
            self.name = name
            self.capabilities = capabilities
            self.body = body
            begun = try EventSignal()
            ended = try EventSignal()
        }
    }

    /// Starts the body on a new thread.
    ///
    /// - Parameters:
    ///   - name: what `ps -L` shows, at most 15 bytes.
    ///   - capabilities: what it keeps of those of the calling thread; nil is all. When this returns it has given
    ///     up the others, where it can.
    public init(
        named name: String, keeping capabilities: Capabilities? = nil, _ body: @escaping @Sendable () -> Void
    ) throws(SystemCallFailure) {
        state = try State(name, capabilities, body)
        var handle = pthread_t()
        let argument = Unmanaged.passRetained(state).toOpaque()
        // Blocked before it starts, since a thread inherits this: a signal may come at any moment.
        let signals = leaveSignalsToOthers(butForWakeSignal: Self.hasWakeHandler.load(ordering: .acquiring))
        defer { signals.restore() }
        let result = pthread_create(
            &handle, nil,
            { argument in
                let state = Unmanaged<State>.fromOpaque(argument!).takeRetainedValue()
                csysgenid_name_this_thread(state.name)
                if let kept = state.capabilities { try? Capabilities.keepOnly(kept) }
                state.begun.raise()
                state.activity.whileOfThisThread(state.body)
                state.ended.raise()
                return nil
            }, argument)
        guard result == 0 else {
            Unmanaged<State>.fromOpaque(argument).release()
            throw SystemCallFailure("pthread_create", name, Errno(rawValue: result))
        }
        self.handle = handle
        while waitUntilReadable([state.begun.descriptor.rawValue]).isEmpty {}
    }

    deinit {
        // Nobody can wait for it any more: what the kernel and the C library keep of it goes when it ends.
        if !isJoined.load(ordering: .relaxed) { pthread_detach(handle) }
    }

    /// What `ps -L` shows.
    public var name: String { state.name }

    /// What the thread does at present.
    public var activity: Activity.State { state.activity.state }

    /// Lets a wait of the thread return at once, if only to begin again: a thread that still can shows by it that
    /// it is alive. To be called before `join`.
    public func wake() {
        pthread_kill(handle, csysgenid_wake_signal())
    }

    /// Readable when the body has returned.
    public var endDescriptor: CInt { state.ended.descriptor.rawValue }

    /// Waits until the body has returned. To be called once.
    ///
    /// - Parameter interrupting: sends the thread the wake signal until it has, so that a system call that
    ///   blocks fails with EINTR. One signal is not enough, since it may come just before the call.
    public func join(interrupting: Bool = false) {
        while interrupting, waitUntilReadable([endDescriptor], milliseconds: 0).isEmpty {
            wake()
            _ = waitUntilReadable([endDescriptor], milliseconds: 5)
        }
        pthread_join(handle, nil)
        isJoined.store(true, ordering: .relaxed)
    }

    /// Prepares the process for `wake` and `join(interrupting:)`, which do nothing to threads that were started before.
    /// It takes the signal SIGRTMIN + 1, so it is for programs of the project, and not for its library.
    public static func installWakeHandler() throws(SystemCallFailure) {
        try describing("sigaction", "wake signal") { () throws(Errno) in
            try nothingOrErrno { csysgenid_install_wake_handler() }
        }
        hasWakeHandler.store(true, ordering: .releasing)
    }
}

/// Blocks the signals of this thread that are for the process. Who handles its faults, as to tell of them, does so still:
/// where one is blocked, the kernel ends the process at once. See signal(7).
///
/// - Parameter isWakeLetThrough: also where this thread blocks it, as those do that Swift's concurrency shares.
/// - Returns: what was blocked before.
private func leaveSignalsToOthers(butForWakeSignal isWakeLetThrough: Bool) -> SignalSet {
    var signals = sigset_t()
    var before = sigset_t()
    sigfillset(&signals)
    for fault in [SIGILL, SIGTRAP, SIGBUS, SIGFPE, SIGSEGV, SIGSYS] { sigdelset(&signals, fault) }
    if isWakeLetThrough { sigdelset(&signals, csysgenid_wake_signal()) }
    pthread_sigmask(SIG_SETMASK, &signals, &before)
    return SignalSet(before)
}
