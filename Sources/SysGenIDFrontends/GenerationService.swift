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
    /// Readable when the published attributes have changed by a new generation.
    public let changeSignal: EventSignal

    let guarded: Mutex<Guarded>
    private let nextRequest = Atomic<UInt64>(1)
    private let journal: any Journal
    let report: @Sendable (ServiceEvent) -> Void

    struct Guarded: Sendable {
        var registry: GenerationRegistry
        var parked: [RequestID: PendingReply] = [:]
        var pollHandles: [WatcherID: PollHandle] = [:]
        var deferral: Deferral?
    }

    /// Performs the second part of a change elsewhere, after the page was stored in the kernel's cache.
    public typealias Deferral = @Sendable (Generation, @escaping @Sendable () -> Void) -> Void

    /// - Parameters:
    ///   - record: what the predecessor left.
    ///   - report: takes the events; it is called from any thread, without the lock.
    public init(
        continuing record: Record, limits: Limits, journal: any Journal,
        report: @escaping @Sendable (ServiceEvent) -> Void
    ) throws(SystemCallFailure) {
        page = try CounterPage(generation: record.generation.rawValue)
        deadlineTimer = try Timer()
        changeSignal = try EventSignal()
        guarded = Mutex(Guarded(registry: GenerationRegistry(continuing: record, limits: limits)))
        self.journal = journal
        self.report = report
    }

    // MARK: What frontends ask

    /// The current generation.
    public var current: Generation { guarded.withLock { $0.registry.current } }

    /// How many watchers there are of each kind, and the generation at the same moment.
    public var snapshot: (current: Generation, census: Census) {
        guarded.withLock { ($0.registry.current, $0.registry.census) }
    }

    /// Who opened the device and has not acknowledged the current generation, some of them where there are many.
    public func outdatedOpeners(limit: Int) -> [Opener] {
        guarded.withLock { $0.registry.outdatedOpeners(limit: limit) }
    }

    /// A program opened the device.
    func opened(by opener: Opener) throws(Refusal) -> WatcherID {
        do throws(Refusal) {
            return try guarded.withLock { guarded throws(Refusal) in try guarded.registry.opened(by: opener) }
        } catch {
            if error == .tooManyWatchers { report(.limitReached(error)) }
            throw error
        }
    }

    /// The last descriptor of the watcher was closed.
    func closed(_ watcher: WatcherID) {
        let (outcome, pollHandle) = guarded.withLock { guarded in
            (
                resolve(guarded.registry.closed(watcher), in: &guarded),
                guarded.pollHandles.removeValue(forKey: watcher)
            )
        }
        pollHandle?.discard()
        perform(outcome)
    }

    /// A program polls: whether the watcher is outdated, nil where there is no such watcher.
    func polled(_ watcher: WatcherID, pollHandle: PollHandle?) -> Bool? {
        let (isOutdated, replaced) = guarded.withLock { guarded in
            let isOutdated = guarded.registry.polled(watcher, mayBeNotified: pollHandle != nil)
            guard isOutdated != nil, let pollHandle else { return (isOutdated, pollHandle) }
            return (isOutdated, guarded.pollHandles.updateValue(pollHandle, forKey: watcher))
        }
        replaced?.discard()
        return isOutdated
    }

    /// Serves a request by the event that it is, and answers it in the given form, now or later.
    ///
    /// - Parameter event: tells the registry; the id is for the request where it is parked.
    func serve(
        _ request: consuming Request, as form: ReplyForm, mayPark: Bool, cause: ServiceEvent.Cause? = nil,
        _ event: (inout GenerationRegistry, RequestID) -> Step
    ) {
        let id = RequestID(rawValue: nextRequest.wrappingAdd(1, ordering: .relaxed).oldValue)
        guard !mayPark || request.reportInterrupt(as: id.rawValue) else {
            return request.reply(.refused(.interrupted), as: form)
        }
        let pending = PendingReply(request: request.parkable, form: form)
        var outcome = guarded.withLock { guarded in
            let step = event(&guarded.registry, id)
            if step.answer == .parked { guarded.parked[id] = pending }
            return resolve(step, in: &guarded, cause: cause)
        }
        guard outcome.answer != .parked else {
            request.park()
            return perform(outcome)
        }
        guard outcome.deferral == nil else {
            request.park()
            outcome.actions.append(.reply(pending, outcome.answer))
            return perform(outcome)
        }
        if case .refused(.tooManyParked) = outcome.answer { report(.limitReached(.tooManyParked)) }
        request.reply(outcome.answer, as: form)
        perform(outcome)
    }

    /// A signal ended the parked request, see `Request.reportInterrupt(as:)`.
    func interrupted(_ request: RequestID) {
        handle { $0.interrupted(request) }
    }

    /// Tells of a refused trigger.
    func triggerDenied(to caller: Request.Caller) {
        report(.triggerDenied(thread: caller.thread, userID: caller.userID))
    }

    /// From now on the second part of a change waits for the kernel's cache.
    ///
    /// - Returns: the generation before the first change that waits.
    func deferChanges(_ deferral: @escaping Deferral) -> Generation {
        guarded.withLock { guarded in
            guarded.deferral = deferral
            return guarded.registry.current
        }
    }

    // MARK: The two parts

    func handle(cause: ServiceEvent.Cause? = nil, _ event: (inout GenerationRegistry) -> Step) {
        perform(guarded.withLock { guarded in resolve(event(&guarded.registry), in: &guarded, cause: cause) })
    }

    /// The first part, under the lock: stores what must be stored in order, and finds the requests and polls
    /// that the effects name.
    ///
    /// - Parameter cause: what the event is for those that can make a change.
    private func resolve(
        _ step: Step, in guarded: inout Guarded, cause: ServiceEvent.Cause? = nil
    ) -> Outcome {
        var outcome = Outcome(answer: step.answer)
        guard !step.effects.isEmpty else { return outcome }
        outcome.actions.reserveCapacity(step.effects.count)
        for effect in step.effects {
            switch effect {
            case .publish(let generation):
                page.store(generation.rawValue)
                outcome.published = generation
                outcome.deferral = guarded.deferral
                if let cause { outcome.actions.append(.report(.changed(to: generation, cause))) }
            case .record(let record):
                do {
                    try journal.write(record)
                } catch {
                    outcome.actions.append(.report(.recordFailed(error)))
                }
            case .complete(let request, let answer):
                guard let pending = guarded.parked.removeValue(forKey: request) else { continue }
                outcome.actions.append(.reply(pending, answer))
            case .notifyPoll(let watcher):
                guard let pollHandle = guarded.pollHandles.removeValue(forKey: watcher) else { continue }
                outcome.actions.append(.notify(pollHandle))
            case .armDeadline(let deadline):
                // Under the lock, since a later deadline must not replace an earlier one.
                deadlineTimer.arm(at: deadline.rawValue)
            case .reportWrapAround:
                outcome.actions.append(.report(.wrappedAround))
            case .reportAdoption:
                outcome.actions.append(.report(.identityAdopted))
            }
        }
        return outcome
    }

    /// The second part, without the lock.
    private func perform(_ outcome: consuming Outcome) {
        guard let published = outcome.published else { return outcome.actions.forEach(perform) }
        changeSignal.raise()
        guard let deferral = outcome.deferral else { return outcome.actions.forEach(perform) }
        let actions = outcome.actions
        deferral(published) { [self] in actions.forEach(perform) }
    }

    private func perform(_ action: Action) {
        switch action {
        case .reply(let pending, let answer): pending.request.resume().reply(answer, as: pending.form)
        case .notify(let pollHandle): pollHandle.notify()
        case .report(let event): report(event)
        }
    }
}

/// What is left to do after the lock.
private struct Outcome {
    var answer: Answer
    var published: Generation?
    var deferral: GenerationService.Deferral?
    var actions: [Action] = []
}

private enum Action: Sendable {
    case reply(PendingReply, Answer)
    case notify(PollHandle)
    case report(ServiceEvent)
}
