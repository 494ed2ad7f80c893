internal import Synchronization
import SysGenIDCore
import SysGenIDFuse
import SysGenIDSystem

// What is done for an event: under the lock it is resolved, then it is published, then whoever waits is woken and answered,
// and then it is told.

extension GenerationService {
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
        let (pending, message) = (PendingReply(request: request.parkable, form: call.form), request.message)
        let followUp = guarded.withLock { guarded in
            let step = event(&guarded.registry, id)
            if let handover, let id = call.changedWatcher, let watcher = guarded.registry.handedWatcher(id) {
                handover.changed(id, to: watcher)
            }
            var followUp = resolve(step, in: &guarded, cause: call.cause, key: call.key)
            if !step.answer.isParked { followUp.publication.awaitPredecessor(at: nil) }
            let isLater = step.answer.isParked || followUp.publication.isDeferred
            let pending = isLater ? keep(pending, message, call, followUp, in: &guarded) : pending
            if step.answer.isParked { guarded.parked[id] = pending } else { followUp.reply = (pending, step.answer) }
            return followUp
        }
        // Whoever has what it is kept by answers it from here on.
        request.park()
        if call.changedWatcher != nil { censusSignal.raise() }
        if case .refused(.tooManyParked)? = followUp.reply?.answer { report(.limitReached(.tooManyParked)) }
        publish(followUp)
    }

    /// Keeps a request for a successor until it is answered.
    private func keep(
        _ pending: PendingReply, _ message: UnsafeRawBufferPointer, _ call: Call, _ followUp: FollowUp,
        in guarded: inout Guarded
    ) -> PendingReply {
        var pending = pending
        pending.slot =
            guarded.inherited.parked.removeValue(forKey: call.key)?.slot
            ?? handover?.park(
                message, as: call.key, until: call.deadline, atMostUntil: call.limit,
                hasMadeChange: followUp.hasChange)
        return pending
    }

    /// Handles an event that is no request.
    func handle(cause: ServiceEvent.Cause? = nil, _ event: (inout GenerationRegistry) -> Step) {
        publish(guarded.withLock { guarded in resolve(event(&guarded.registry), in: &guarded, cause: cause) })
    }

    // MARK: Under the lock

    /// Stores what must be stored in order, and finds the requests and polls that the effects name.
    ///
    /// - Parameters:
    ///   - cause: what the event is for those that can make a change.
    ///   - key: the request that the event is.
    func resolve(
        _ step: Step, in guarded: inout Guarded, cause: ServiceEvent.Cause? = nil, key: RequestKey? = nil
    ) -> FollowUp {
        guard step.commit != nil || !step.effects.isEmpty else { return FollowUp(guarded.publication) }
        var effects = step.effects
        var followUp: FollowUp
        // From here on a successor would make the change, if this daemon does not come to the end of it.
        if let commit = step.commit {
            handover?.commit(commit.record, by: key)
            followUp = store(commit, in: &guarded)
            // Not before: no page waits for those who are to be woken, however many they are, nor the system's for others.
            for effect in guarded.registry.changeStored() { resolve(effect, in: &guarded, &followUp) }
            effects += guarded.registry.pagesStored()
        } else {
            followUp = FollowUp(guarded.publication)
            if case .publishContainer(let device, let generation)? = effects.first {
                let change = DeviceChange(device: device, generation: generation)
                handover?.commit(guarded.registry.record, by: key, changing: change)
                if let cause, let name = guarded.containers?.name(of: device) {
                    followUp.reports.append(.containerChanged(name, to: generation, cause))
                }
            }
        }
        followUp.cause = cause
        followUp.wakeups.reserveCapacity(effects.count)
        for effect in effects { resolve(effect, in: &guarded, &followUp) }
        return followUp
    }

    /// Stores what comes before all else of a step, and what follows from it: nothing is prepared for that before.
    func store(_ commit: Commit, in guarded: inout Guarded) -> FollowUp {
        if case .change(let record) = commit {
            page.store(record.generation.rawValue)
            guarded.storeClock()
        }
        let failure = guarded.write(commit.record, to: journal)
        var followUp = FollowUp(guarded.publication)
        if case .change(let record) = commit {
            followUp.published = record.generation
            followUp.add(record.generation, of: .system, &guarded)
        }
        if let failure { followUp.reports.append(.recordFailed(failure)) }
        return followUp
    }

    private func resolve(_ effect: Effect, in guarded: inout Guarded, _ followUp: inout FollowUp) {
        switch effect {
        case .publishContainer(let device, let generation):
            guarded.storeContainer(generation, of: device)
            followUp.add(generation, of: device, &guarded)
        case .drive(let minimum):
            followUp.drive = guarded.driver.map { (minimum, $0) }
        case .complete(let request, let answer):
            guard let pending = guarded.parked.removeValue(forKey: request) else { return }
            followUp.wakeups.append(.reply(pending, answer))
        case .notifyPoll(let watcher):
            guard let pollHandle = guarded.pollHandles.removeValue(forKey: watcher) else {
                // A poll that was inherited, whose frontend has not started yet: it is told when that has caught up.
                guarded.inherited.stalePolls.insert(watcher)
                return
            }
            followUp.wakeups.append(.notify(pollHandle))
        case .armDeadline(let deadline):
            // Under the lock, since a later deadline must not replace an earlier one.
            deadlineTimer.arm(at: deadline.rawValue)
        case .reportWrapAround:
            followUp.reports.append(.wrappedAround)
        case .reportAdoption:
            followUp.reports.append(.identityAdopted)
        }
    }

    // MARK: After the lock

    /// Publishes what the step has changed, and then does what follows.
    func publish(_ followUp: FollowUp) {
        followUp.publication.publish(before: followUp, by: self)
    }

    /// The same where more is to be done for a change after it is published, and before it is told.
    ///
    /// - Parameter cause: does that, on the calling thread, and says what the change came from.
    func publish(_ followUp: FollowUp, tellingAs cause: () -> ServiceEvent.Cause) {
        var followUp = followUp
        var news = followUp.takeNews()
        publish(followUp)
        news.cause = cause()
        publish(news)
    }

    /// What follows when the change is published.
    func conclude(_ followUp: FollowUp) {
        for wakeup in followUp.wakeups {
            switch wakeup {
            case .reply(let pending, let answer): reply(pending, answer)
            case .notify(let pollHandle): pollHandle.notify()
            }
        }
        if let (minimum, driver) = followUp.drive { driver(minimum) }
        // As in a kernel: whoever triggers comes back when the others have been woken.
        if let (pending, answer) = followUp.reply { reply(pending, answer) }
        tell(followUp)
    }

    private func reply(_ pending: PendingReply, _ answer: Answer) {
        pending.request.resume().reply(answer, as: pending.form)
        if let slot = pending.slot { handover?.unpark(slot) }
    }

    private func tell(_ followUp: FollowUp) {
        if let published = followUp.published, let cause = followUp.cause { report(.changed(to: published, cause)) }
        followUp.reports.forEach(report)
        guard followUp.hasChange else { return }
        changeSignal.raise()
        censusSignal.raise()
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
