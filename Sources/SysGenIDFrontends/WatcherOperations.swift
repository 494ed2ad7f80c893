internal import Synchronization
import SysGenIDCore
import SysGenIDFuse
import SysGenIDSystem

/// The operations of an open device, the same for every frontend: decode, and let the service decide.
// Sendable: what can change here is atomic; the service is Sendable.
class WatcherOperations: FileOperations, @unchecked Sendable {
    let service: GenerationService
    let kind: FrontendKind
    /// How long a request may wait, in nanoseconds; 0 is for ever.
    private let longestWait = Atomic<UInt64>(0)
    private let triggerPermission = TriggerPermission()
    private let originLookup = OriginLookup()
    /// Whether the frontend goes on with what a predecessor has agreed on with the kernel.
    let isContinued: Bool
    /// What the frontends know of the watchers that a predecessor has left.
    private let inherited: [WatcherID: Inheritance.HandedState]

    init(_ service: GenerationService, _ kind: FrontendKind, continuing inheritance: Inheritance?) {
        self.service = service
        self.kind = kind
        isContinued = inheritance != nil
        inherited = inheritance?.watchers.filter { $0.value.kind == kind } ?? [:]
    }

    /// The handshake was the last for which the session's thread needed more than to see who triggers. Whether it
    /// has given up the rest is seen from outside.
    override func connected(by agreement: Agreement) {
        try? Capabilities.keepOnly(capabilities(servingBy: agreement))
        // Stored once more, it would be void for a moment, and a daemon that is killed then have no successor.
        if !isContinued { service.handover?.connected(kind, by: agreement) }
        guard let timeout = agreement.requestTimeout else { return }
        let longest = RequestTimeouts.longestWait(under: timeout)
        longestWait.store(UInt64(longest) * 1_000_000_000, ordering: .relaxed)
        service.report(.requestsAreLimited(seconds: timeout, longestWait: longest))
    }

    /// What the session's thread needs while it serves.
    func capabilities(servingBy agreement: Agreement) -> Capabilities { .seeingAnyProcess }

    /// What the node of a request stands for.
    func device(of node: UInt64) -> DeviceID? { .system }

    override func serving(_ message: UnsafeRawBufferPointer) {
        service.handover?.serving(message, of: kind)
    }

    override func served(whileCatchingUp isCatchingUp: Bool) {
        service.handover?.served(of: kind)
        if isCatchingUp { service.handover?.getOn() }
    }

    override func dropped(opcode: UInt32, thread: Int32, userID: UInt32) {
        service.dropped(opcode: opcode, thread: thread, userID: userID)
    }

    override func caughtUp() {
        service.caughtUp(kind, watchers: inherited)
    }

    /// How the service knows a request.
    func key(of request: borrowing Request) -> RequestKey {
        RequestKey(request.number, of: kind)
    }

    override func open(_ request: consuming Request, flags: AccessFlags) {
        do throws(Refusal) {
            let (caller, node) = (request.caller, request.node)
            guard let device = device(of: node) else { throw .noSuchDevice }
            try willOpen(node, flags)
            let opener = Opener(caller, from: originLookup.origin(of: caller.thread))
            let watcher = try service.opened(
                device, by: opener, for: key(of: request), flags: handedFlags(node, flags),
                isForWriting: !flags.isReadOnly)
            let isReplayed = request.isReplayed
            let isHeld = request.reply(opened: opening(of: watcher, node, flags: flags))
            if isHeld || isReplayed {
                service.handover?.openAnswered(watcher, of: kind)
            } else {
                service.closed(watcher)
            }
        } catch {
            request.reply(errno: error.errno)
        }
    }

    /// Makes what there has to be before there is a watcher, or says why there can be none.
    func willOpen(_ node: UInt64, _ flags: AccessFlags) throws(Refusal) {}

    /// How the open file is to be treated by the kernel.
    func opening(of watcher: WatcherID, _ node: UInt64, flags: AccessFlags) -> Opening {
        Opening(handle: watcher.rawValue, mode: .direct)
    }

    /// What a successor has to know of a watcher that was opened so.
    func handedFlags(_ node: UInt64, _ flags: AccessFlags) -> WatcherState.Flags { [] }

    override func read(
        _ request: consuming Request, of handle: UInt64, count: Int, offset: Int64, flags: AccessFlags
    ) {
        serveRead(request, of: WatcherID(rawValue: handle), as: .read, count: count, mayPark: !flags.isNonBlocking)
    }

    /// Serves a read, or what the kernel asks before one.
    func serveRead(
        _ request: consuming Request, of watcher: WatcherID, as form: ReplyForm, count: Int, mayPark: Bool
    ) {
        var call = Call(key: key(of: request), form: form, mayPark: mayPark && request.kind.mayWait)
        if call.mayPark { call.limit = limit(of: call.key) }
        service.serve(request, call) { [call] registry, id in
            registry.read(watcher, count: count, parkingAs: call.mayPark ? id : nil, atMostUntil: call.limit)
        }
    }

    /// When a request that comes now has to end; nil where the kernel lets it wait for ever.
    private func limit(of key: RequestKey) -> Deadline? {
        let longest = longestWait.load(ordering: .relaxed)
        guard longest > 0 else { return nil }
        return service.inheritedLimit(of: key) ?? Deadline(rawValue: MonotonicClock.now() + longest)
    }

    override func write(_ request: consuming Request, of handle: UInt64, bytes: UnsafeRawBufferPointer) {
        let isWhole = bytes.count == MemoryLayout<UInt32>.size
        let generation = isWhole ? Generation(rawValue: bytes.loadUnaligned(as: UInt32.self)) : nil
        let watcher = WatcherID(rawValue: handle)
        let call = Call(key: key(of: request), form: .write, changedWatcher: watcher)
        service.serve(request, call) { registry, _ in registry.wrote(watcher, generation) }
    }

    /// The device never tells poll(2) and its kin that it can be written to, and so io_uring would let a write wait for
    /// ever: it asks first, and is told from them since it does not wait for POLLHUP as well (io_arm_poll_handler in
    /// io_uring/poll.c).
    override func poll(_ request: consuming Request, of handle: UInt64, for asked: PollEvents, pollHandle: PollHandle?)
    {
        let writable = asked.isDisjoint(with: .ofEveryCall) ? asked.intersection(.writable) : []
        let watcher = WatcherID(rawValue: handle)
        switch service.polled(watcher, pollHandle: pollHandle, isReplayed: request.isReplayed) {
        case true?: request.reply(events: .readable.union(writable))
        case false?: request.reply(events: writable)
        case nil: request.reply(events: .error)
        }
    }

    override func control(_ request: consuming Request, of handle: UInt64, command: UInt32, word: UInt) {
        let watcher = WatcherID(rawValue: handle)
        var call = Call(key: key(of: request), form: .control)
        switch ControlRequest(command: command, word: word) {
        case .setTracking(let isTracked)?:
            call.changedWatcher = watcher
            service.serve(request, call) { registry, _ in registry.trackingChanged(watcher, to: isTracked) }
        case .waitForWatchers(let scope, let timeout)?:
            let deadline =
                service.inheritedDeadline(of: call.key) ?? timeout.map { Deadline($0, after: MonotonicClock.now()) }
            (call.mayPark, call.deadline, call.limit) = (request.kind.mayWait, deadline, limit(of: call.key))
            service.serve(request, call) { [call] registry, id in
                registry.waited(watcher, for: scope, until: deadline, parkingAs: id, atMostUntil: call.limit)
            }
        case .countOutdated?:
            service.serve(request, call) { registry, _ in registry.countedOutdated(by: watcher) }
        case .trigger(let minimum)?:
            trigger(request, by: watcher, call, minimum)
        case nil:
            request.reply(errno: Refusal.unknownRequest.errno)
        }
    }

    private func trigger(
        _ request: consuming Request, by watcher: WatcherID, _ call: Call, _ minimum: UInt32
    ) {
        guard !service.hasMadeChange(for: call.key) else {
            return service.serve(request, call) { registry, _ in registry.triggeredBefore() }
        }
        let caller = request.caller
        let isPermitted =
            triggerPermission.isGranted(to: caller.thread) || service.isOwner(caller.userID, of: watcher)
        if !isPermitted { service.triggerDenied(to: caller) }
        var call = call
        call.cause = .trigger(thread: caller.thread, userID: caller.userID)
        service.serve(request, call) { registry, _ in
            registry.triggered(minimum: minimum, isPermitted: isPermitted, by: watcher)
        }
    }

    override func release(_ request: consuming Request, of handle: UInt64) {
        service.closed(WatcherID(rawValue: handle))
        request.replyDone()
    }

    override func interrupted(_ token: UInt64) {
        service.interrupted(RequestID(rawValue: token))
    }
}
