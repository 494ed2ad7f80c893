internal import Synchronization
public import SysGenIDCore
import SysGenIDFuse
public import SysGenIDSystem

/// The one owner of the registry and of the counter page; all frontends serve from it.
///
/// An event is handled in two parts. Under the lock the registry decides, and a new generation is stored in
/// the page and in the journal, so that two changes can never be stored in the wrong order. After the lock
/// requests are answered and sleepers are woken.
public final class GenerationService: Sendable {
    /// What clients map.
    public let page: CounterPage
    /// Armed for the next moment at which a wait's time is over; then `deadlinePassed` is due.
    public let deadlineTimer: Timer
    /// Readable shortly after a change, when those who waited for it are awake.
    public let changeSignal: DelayedSignal
    /// Readable a while after anything has changed that is published.
    public let censusSignal: DelayedSignal
    /// Whether a program may have mapped the page for writing.
    private let wasOpenedForWriting: Atomic<Bool>

    let guarded: Lock<Guarded>
    private let nextRequest = Atomic<UInt64>(1)
    let journal: any Journal
    let reseeder: Reseeder
    /// What outlives the daemon; nil where nobody would keep it.
    let handover: HandoverMemory?
    let report: @Sendable (ServiceEvent) -> Void

    struct Guarded: Sendable {
        var registry: GenerationRegistry
        var parked: [RequestID: PendingReply] = [:]
        var pollHandles: [WatcherID: PollHandle] = [:]
        /// The frontends that serve from the kernel's cache, and how a change is stored there.
        var deferrals: [FrontendKind: Deferral] = [:]
        /// nil where no containers have devices.
        var containers: ContainerDevices?
        /// What the kernel still has of devices that are no more.
        var releasedBackings: [BackingID] = []
        /// What could not be written to the journal.
        var unrecorded: Record?
        /// What was read of the hypervisor's vmclock last.
        var hostClock: HostClock?
        /// What the pages in the layout of a vmclock show with the change that is being made; nil where it stays the same.
        var newFields: VMClockFields?
        /// Nil where the device is the service's own.
        var driver: Driver?
        /// The kernel's cache may lack the last change of a predecessor: answers wait for it, too.
        var staleCaches: Set<FrontendKind> = []
        var inherited = Inherited()
    }

    /// Performs the second part of a change elsewhere, after the pages were stored in the kernel's cache: never before it
    /// returns, since it may be called under the lock.
    typealias Deferral = @Sendable ([DeviceChange], @escaping @Sendable () -> Void) -> Void

    /// - Parameters:
    ///   - record: what the predecessor left.
    ///   - page: what clients are to map; nil is the page that was handed over, or a new one.
    ///   - mayPageBeWritten: whether the page was there before, so that a program may have mapped it for writing.
    ///   - forged: the generations that were forged under a predecessor.
    ///   - handover: what a predecessor handed over, and where it is kept for a successor.
    ///   - containers: the devices of containers; nil where there are none.
    ///   - reseeder: reseeds the kernel's random pool before a resume is published.
    ///   - report: takes the events; it is called from any thread, without the lock.
    public init(
        continuing record: Record, limits: Limits, journal: any Journal, page: CounterPage? = nil,
        mayPageBeWritten: Bool = false, forged: ForgedGenerations = ForgedGenerations(), handover: Handover? = nil,
        containers: ContainerDevices? = nil,
        reseeder: Reseeder = Reseeder(nil), report: @escaping @Sendable (ServiceEvent) -> Void
    ) throws(SystemCallFailure) {
        if let page = page ?? handover?.page {
            self.page = page
        } else {
            self.page = try CounterPage(generation: record.generation.rawValue)
        }
        deadlineTimer = try Timer()
        changeSignal = try DelayedSignal(delay: 500_000)
        censusSignal = try DelayedSignal(delay: 90_000_000)
        wasOpenedForWriting = Atomic(mayPageBeWritten || handover?.inheritance != nil)
        self.handover = handover?.memory
        let slots = handover?.inheritance?.slots ?? []
        let registry = GenerationRegistry(
            continuing: record, limits: limits, watchers: slots, containers: containers?.generations ?? [:],
            clocks: containers?.clockSequences ?? [:], forged: forged)
        guarded = Lock(
            Guarded(
                registry: registry, containers: containers,
                inherited: Inherited(handover?.inheritance, in: registry)))
        self.journal = journal
        self.reseeder = reseeder
        self.report = report
    }

    // MARK: What frontends ask

    /// The current generation.
    public var current: Generation { guarded.withLock { $0.registry.current } }

    /// How many watchers there are of each kind, and the generation at the same moment.
    public var snapshot: (current: Generation, census: Census) {
        guarded.withLock { ($0.registry.current, $0.registry.census) }
    }

    /// Whether the page has to be looked at closely, see `checkPage`.
    public var mayPageBeWritten: Bool { wasOpenedForWriting.load(ordering: .relaxed) }

    /// Who opened the device and has not acknowledged the current generation, some of them where there are many.
    public func outdatedOpeners(limit: Int) -> [Opener] {
        guarded.withLock { $0.registry.outdatedOpeners(limit: limit) }
    }

    /// A program opened the device. An open that a predecessor has served, and that the kernel delivers again, gets
    /// the same watcher.
    ///
    /// - Parameters:
    ///   - flags: what a successor has to know of the watcher.
    ///   - isForWriting: whether the program may map the page for writing.
    func opened(
        _ device: DeviceID = .system, by opener: Opener, for key: RequestKey, flags: WatcherState.Flags,
        isForWriting: Bool
    ) throws(Refusal) -> WatcherID {
        if isForWriting { wasOpenedForWriting.store(true, ordering: .relaxed) }
        censusSignal.raise()
        do throws(Refusal) {
            return try guarded.withLock { guarded throws(Refusal) in
                if let known = guarded.inherited.unansweredOpens.removeValue(forKey: key) { return known }
                let id = try guarded.registry.opened(by: opener, device, asClock: flags.contains(.isOfClock))
                if device != .system { guarded.containers?.opened(device, isForWriting: isForWriting) }
                if let handover, let watcher = guarded.registry.handedWatcher(id) {
                    handover.opened(id, watcher, by: key, flags: flags)
                }
                return id
            }
        } catch {
            if error == .tooManyWatchers { report(.limitReached(error)) }
            throw error
        }
    }

    /// The last descriptor of the watcher was closed.
    func closed(_ watcher: WatcherID) {
        censusSignal.raise()
        perform(
            guarded.withLock { guarded in
                let device = guarded.registry.device(of: watcher)
                let step = guarded.registry.closed(watcher)
                if let device, device != .system { guarded.releaseIfUnused(device) }
                if step.answer == .done { handover?.closed(watcher) }
                guarded.pollHandles[watcher] = nil
                return resolve(step, in: &guarded)
            })
    }

    /// A program polls: whether the watcher is outdated, nil where there is no such watcher.
    ///
    /// - Parameter isReplayed: a predecessor may have answered the poll, so that it sleeps, and nobody hears this answer.
    ///   It is told when all that was left is served.
    func polled(_ watcher: WatcherID, pollHandle: PollHandle?, isReplayed: Bool = false) -> Bool? {
        guarded.withLock { guarded in
            guard let isOutdated = guarded.registry.polled(watcher, mayBeNotified: pollHandle != nil) else {
                return nil
            }
            if let pollHandle {
                guarded.pollHandles[watcher] = pollHandle
                if !guarded.inherited.stalePolls.isEmpty { guarded.inherited.stalePolls.remove(watcher) }
                if isReplayed { guarded.inherited.stalePolls.insert(watcher) }
                handover?.polled(
                    watcher, number: pollHandle.number,
                    at: isReplayed ? nil : guarded.registry.shown(to: watcher))
            }
            return isOutdated
        }
    }

    /// Serves a request by the event that it is, and answers it in the given form, now or later.
    ///
    /// - Parameters:
    ///   - call: what the request is, as far as it matters here.
    ///   - event: tells the registry; the id is for the request where it is parked.
    func serve(
        _ request: consuming Request, _ call: Call, _ event: (inout GenerationRegistry, RequestID) -> Step
    ) {
        // Only what is parked is asked for by its id.
        let id = RequestID(rawValue: call.mayPark ? nextRequest.wrappingAdd(1, ordering: .relaxed).oldValue : 0)
        guard !call.mayPark || request.reportInterrupt(as: id.rawValue) else {
            return request.reply(.refused(.interrupted), as: call.form)
        }
        var pending = PendingReply(request: request.parkable, form: call.form)
        let message = request.message
        let (answer, consequences): (Answer, Consequences?) = guarded.withLock { guarded in
            let step = event(&guarded.registry, id)
            if let handover, let id = call.changedWatcher, let watcher = guarded.registry.handedWatcher(id) {
                handover.changed(id, to: watcher)
            }
            guard step.answer.isParked || !step.effects.isEmpty || !guarded.staleCaches.isEmpty else {
                return (step.answer, nil)
            }
            var consequences = resolve(step, in: &guarded, cause: call.cause, key: call.key)
            let hasMadeChange = consequences.hasChange
            if !step.answer.isParked { consequences.awaitStaleCaches(of: guarded) }
            if step.answer.isParked || consequences.areDeferred {
                pending.slot =
                    guarded.inherited.parked.removeValue(forKey: call.key)?.slot
                    ?? handover?.park(
                        message, as: call.key, until: call.deadline, atMostUntil: call.limit,
                        hasMadeChange: hasMadeChange)
            }
            if step.answer.isParked {
                guarded.parked[id] = pending
            } else if consequences.areDeferred {
                consequences.actions.append(.reply(pending, step.answer))
            }
            return (step.answer, consequences)
        }
        if call.changedWatcher != nil { censusSignal.raise() }
        if case .refused(.tooManyParked) = answer { report(.limitReached(.tooManyParked)) }
        guard let consequences else { return request.reply(answer, as: call.form) }
        guard !answer.isParked, !consequences.areDeferred else {
            request.park()
            return perform(consequences)
        }
        // As in a kernel: whoever triggers comes back when the others have been woken.
        consequences.actions.forEach(perform)
        request.reply(answer, as: call.form)
        tell(consequences)
    }

    /// A signal ended the parked request, see `Request.reportInterrupt(as:)`.
    func interrupted(_ request: RequestID) {
        handle { $0.interrupted(request) }
    }

    /// Tells of a refused trigger.
    func triggerDenied(to caller: Request.Caller) {
        report(.triggerDenied(thread: caller.thread, userID: caller.userID))
    }

    /// From now on the second part of a change waits for the kernel's cache, from which a frontend serves.
    ///
    /// - Parameters:
    ///   - isContinued: a predecessor may have made a change that is not in the cache yet.
    ///   - begin: is told the generations before the first change that waits.
    func deferChanges(
        of kind: FrontendKind, isContinued: Bool, _ deferral: @escaping Deferral,
        beginningWith begin: ([DeviceChange]) -> Void
    ) {
        guarded.withLock { guarded in
            guarded.deferrals[kind] = deferral
            let current = guarded.current
            begin(current)
            guard isContinued else { return }
            guarded.staleCaches.insert(kind)
            // Under the lock: what comes next waits behind it.
            deferral(current) { [self] in self.guarded.withLock { _ = $0.staleCaches.remove(kind) } }
        }
    }

    /// The frontend serves no longer.
    func endDeferral(of kind: FrontendKind) {
        guarded.withLock { guarded in
            guarded.deferrals[kind] = nil
            guarded.staleCaches.remove(kind)
        }
    }
}
