import SysGenIDCore
import SysGenIDFuse
import SysGenIDSystem

// The two parts in which an event is handled: under the lock, and after it.

extension GenerationService {
    func handle(cause: ServiceEvent.Cause? = nil, _ event: (inout GenerationRegistry) -> Step) {
        perform(guarded.withLock { guarded in resolve(event(&guarded.registry), in: &guarded, cause: cause) })
    }

    /// The same for a change of which more is to be done than to publish it, before it is told.
    ///
    /// - Parameter cause: does that, on the calling thread, and says what the change came from.
    func handle(tellingAs cause: () -> ServiceEvent.Cause, _ event: (inout GenerationRegistry) -> Step) {
        var consequences = guarded.withLock { guarded in resolve(event(&guarded.registry), in: &guarded) }
        perform(after: consequences.deferrals[...], consequences) { [self] in $0.actions.forEach(perform) }
        consequences.cause = cause()
        // Nothing is left to be stored; what was to be comes before this.
        consequences.changes = []
        perform(after: consequences.deferrals[...], consequences) { [self] in tell($0) }
    }

    /// The first part, under the lock: stores what must be stored in order, and finds the requests and polls
    /// that the effects name.
    ///
    /// - Parameters:
    ///   - cause: what the event is for those that can make a change.
    ///   - key: the request that the event is.
    func resolve(
        _ step: Step, in guarded: inout Guarded, cause: ServiceEvent.Cause? = nil, key: RequestKey? = nil
    ) -> Consequences {
        var consequences = Consequences()
        guard !step.effects.isEmpty else { return consequences }
        // From here on a successor would make the change, if this daemon does not come to the end of it.
        if let record = step.record {
            handover?.commit(record, by: key)
        } else if case .publishContainer(let device, let generation)? = step.effects.first {
            let change = DeviceChange(device: device, generation: generation)
            handover?.commit(guarded.registry.record, by: key, changing: change)
        }
        // A change is published and recorded; all else that it brings is to be done later.
        consequences.actions.reserveCapacity(max(0, step.effects.count - 2))
        for effect in step.effects {
            switch effect {
            case .publish(let generation):
                page.store(generation.rawValue)
                guarded.storeClock()
                consequences.published = generation
                consequences.cause = cause
                consequences.add(.system, generation, guarded)
            case .publishContainer(let device, let generation):
                guarded.storeContainer(generation, of: device)
                consequences.add(device, generation, guarded)
                guard step.record == nil, let cause, let name = guarded.containers?.name(of: device) else { continue }
                consequences.reports.append(.containerChanged(name, to: generation, cause))
            case .record(let record):
                if let failure = guarded.write(record, to: journal) {
                    consequences.reports.append(.recordFailed(failure))
                }
            case .drive(let minimum):
                if let driver = guarded.driver { consequences.actions.append(.drive(minimum, driver)) }
            case .complete(let request, let answer):
                guard let pending = guarded.parked.removeValue(forKey: request) else { continue }
                consequences.actions.append(.reply(pending, answer))
            case .notifyPoll(let watcher):
                guard let pollHandle = guarded.pollHandles.removeValue(forKey: watcher) else {
                    // A poll that was inherited, whose frontend has not started yet: it is told when that has caught up.
                    guarded.inherited.stalePolls.insert(watcher)
                    continue
                }
                consequences.actions.append(.notify(pollHandle))
            case .armDeadline(let deadline):
                // Under the lock, since a later deadline must not replace an earlier one.
                deadlineTimer.arm(at: deadline.rawValue)
            case .reportWrapAround:
                consequences.reports.append(.wrappedAround)
            case .reportAdoption:
                consequences.reports.append(.identityAdopted)
            }
        }
        return consequences
    }

    /// The second part, without the lock. Whoever waits comes first, then the reports.
    func perform(_ consequences: Consequences) {
        perform(after: consequences.deferrals[...], consequences) { [self] consequences in
            consequences.actions.forEach(perform)
            tell(consequences)
        }
    }

    private func perform(
        after deferrals: ArraySlice<Deferral>, _ consequences: Consequences,
        _ body: @escaping @Sendable (Consequences) -> Void
    ) {
        guard let deferral = deferrals.first else { return body(consequences) }
        deferral(consequences.changes) { [self] in perform(after: deferrals.dropFirst(), consequences, body) }
    }

    func tell(_ consequences: Consequences) {
        if let published = consequences.published, let cause = consequences.cause {
            report(.changed(to: published, cause))
        }
        consequences.reports.forEach(report)
        guard consequences.hasChange else { return }
        changeSignal.raise()
        censusSignal.raise()
    }

    func perform(_ action: Action) {
        switch action {
        case .reply(let pending, let answer):
            pending.request.resume().reply(answer, as: pending.form)
            if let slot = pending.slot { handover?.unpark(slot) }
        case .notify(let pollHandle): pollHandle.notify()
        case .drive(let minimum, let driver): driver(minimum)
        }
    }
}

extension GenerationService.Guarded {
    /// Writes the record, or keeps it for the next time.
    mutating func write(_ record: Record, to journal: any Journal) -> SystemCallFailure? {
        do throws(SystemCallFailure) {
            try journal.write(record)
            unrecorded = nil
            return nil
        } catch {
            unrecorded = record
            return error
        }
    }
}

/// What is left to do of an event after the lock. Most events have nothing but an answer.
struct Consequences: Sendable {
    /// The system's new generation.
    var published: Generation?
    /// Whether any device has a new generation.
    var hasChange = false
    /// The new generations of all devices, where they are to be stored in the kernel's cache.
    var changes: [DeviceChange] = []
    /// What they wait for.
    var deferrals: [GenerationService.Deferral] = []
    /// What the new generation comes from.
    var cause: ServiceEvent.Cause?
    var actions: [Action] = []
    /// What there is to report besides the new generation.
    var reports: [ServiceEvent] = []

    /// Whether all of it waits for the kernel's cache.
    var areDeferred: Bool { !deferrals.isEmpty }

    mutating func add(
        _ device: DeviceID, _ generation: Generation, _ guarded: borrowing GenerationService.Guarded
    ) {
        hasChange = true
        guard !guarded.deferrals.isEmpty else { return }
        changes.append(guarded.change(of: device, to: generation))
        if deferrals.isEmpty { deferrals = Array(guarded.deferrals.values) }
    }

    /// Waits for what is on its way into the kernel's cache since the start.
    mutating func awaitStaleCaches(of guarded: borrowing GenerationService.Guarded) {
        guard !areDeferred, !guarded.staleCaches.isEmpty else { return }
        deferrals = guarded.staleCaches.compactMap { guarded.deferrals[$0] }
    }
}

enum Action: Sendable {
    case reply(PendingReply, Answer)
    case notify(PollHandle)
    case drive(Generation, GenerationService.Driver)
}
