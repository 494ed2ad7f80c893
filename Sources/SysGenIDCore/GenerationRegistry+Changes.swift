// The events that come from no open file: resumes, signals, time, and the end.

/// How far a new generation of the system's has come.
enum UnfinishedChange: Sendable {
    /// It is to be stored. Then the devices of containers have theirs.
    case containers
    /// Those are to be stored. Then whoever waits is looked for.
    case sleepers
}

extension GenerationRegistry {
    /// A backend reports the identity that the system has now.
    ///
    /// One that is already known is no change, however often it is announced. The first of its domain is
    /// adopted. After a change the identities of other domains count for nothing any more: they belong to the
    /// resume that is already counted, or will.
    public mutating func identified(_ seen: Identity) -> Step {
        switch identities.recognition(of: seen) {
        case .known: return Step(.done)
        case .adopted:
            let isFirst = identities.all.isEmpty
            identities.remember(seen)
            return Step(.done, commit: .identities(record), isFirst ? [.reportAdoption] : [])
        case .resumed:
            identities.rememberOnly(seen)
            return ownChange(to: forged.next(after: current, atLeast: 0))
        }
    }

    /// A backend reports an identity that belongs to a change which was made already, so that it can tell the next
    /// resume by it.
    public mutating func remembered(_ seen: Identity) -> Step {
        guard identities.isNews(seen) else { return Step(.done) }
        identities.remember(seen)
        return Step(.done, commit: .identities(record))
    }

    /// The system's page in the layout of a vmclock shows another counter, with the same generation.
    public mutating func clockChanged() -> Step {
        clockSequence = ClockSequence.next(after: clockSequence)
        return Step(.done, notifiedClockPolls { $0 == .system })
    }

    /// The pages of all devices in the layout of a vmclock show another clock, with the same generations.
    public mutating func clocksChanged() -> Step {
        clockSequence = ClockSequence.next(after: clockSequence)
        for (device, container) in containers {
            containers[device]?.clockSequence = ClockSequence.next(after: container.clockSequence)
        }
        return Step(.done, notifiedClockPolls { _ in true })
    }

    private mutating func notifiedClockPolls(of isMeant: (DeviceID) -> Bool) -> [Effect] {
        var effects: [Effect] = []
        watchers.forEach { key, watcher in
            if watcher.isOfClock, isMeant(watcher.device) { Self.notifyPoll(of: &watcher, key, &effects) }
        }
        return effects
    }

    /// Clients may have seen a generation that somebody else has written to the page of a device: no change of it must
    /// lead there.
    public mutating func sawForged(_ generation: UInt32, of device: DeviceID = .system) {
        guard let current = self.generation(of: device), generation != current.rawValue else { return }
        if device == .system {
            forged.remember(generation, at: current)
        } else {
            containers[device]?.forged.remember(generation, at: current)
        }
    }

    /// A signal ended the parked request. One that was completed in the meantime is none of ours.
    public mutating func interrupted(_ request: RequestID) -> Step {
        guard unpark(request) != nil else { return Step(.done) }
        return Step(.done, [.complete(request, .refused(.interrupted))])
    }

    /// The clock reached `now`: requests whose time is over end.
    public mutating func deadlinePassed(now: Deadline) -> Step {
        var effects: [Effect] = []
        while let request = parked.takeDue(now: now) {
            guard let refusal = unpark(request) else { continue }
            effects.append(.complete(request, .refused(refusal)))
        }
        nextDeadline = parked.nextDeadline()
        if let nextDeadline { effects.append(.armDeadline(nextDeadline)) }
        return Step(.done, effects)
    }

    /// The daemon goes away: parked requests end, sleeping polls wake, and nobody can come in.
    public mutating func shutDown() -> Step {
        isShuttingDown = true
        var effects: [Effect] = []
        completeParked(waits: .refused(.shuttingDown), &effects) { _ in .refused(.shuttingDown) }
        watchers.forEach { key, watcher in Self.notifyPoll(of: &watcher, key, &effects) }
        return Step(.done, effects)
    }

    /// The system has a new generation. Only so much is done of it as its page shows, however many there are whom it concerns:
    /// what else it brings is asked for by `changeStored` and `pagesStored`.
    mutating func change(to next: Generation) -> Step {
        assert(unfinished == nil, "nobody was told of the change before")
        let effects: [Effect] = next < current ? [.reportWrapAround] : []
        current = next
        clockSequence = ClockSequence.next(after: clockSequence)
        unfinished = .containers
        return Step(.done, commit: .change(record), effects)
    }

    /// The owner has stored the change that a step has committed: what it brings to the devices of containers. To be called
    /// next, and then `pagesStored`, before any other event.
    public mutating func changeStored() -> [Effect] {
        guard unfinished == .containers else { return [] }
        unfinished = .sleepers
        return changeContainers()
    }

    /// The owner has stored all that programs map: who is to be answered and woken, in the order that clients rely on.
    public mutating func pagesStored() -> [Effect] {
        guard unfinished == .sleepers else { return [] }
        unfinished = nil
        var effects: [Effect] = []
        // Whoever is parked was up to date, so it is outdated now: reads return, waits end.
        completeParked(waits: .refused(.callerOutdated), &effects) { [current, containers] device in
            .generation(containers[device]?.current ?? current)
        }
        recount { watcher, key, isOutdated in
            if isOutdated { Self.notifyPoll(of: &watcher, key, &effects) }
        }
        return effects
    }

    /// Completes the waits whose watchers have all readjusted, after something has changed of a device's.
    mutating func settledWaits(of device: DeviceID) -> [Effect] {
        guard parked.waitCount > 0 else { return [] }
        var effects: [Effect] = []
        for waited in device == .system ? [device] : [device, .system] {
            for scope in [WatcherScope.tracked, .everyOpenFile] where census(of: waited).outdated(in: scope) == 0 {
                for request in parked.all(scope, at: waited) {
                    _ = unpark(request)
                    effects.append(.complete(request, .done))
                }
            }
        }
        return effects
    }

    /// Who is answered first: those who are waited for, then all who wait for a change; waits end with it.
    private enum Urgency: Int, Comparable {
        case trackedRead, otherRead, wait

        static func < (earlier: Self, later: Self) -> Bool { earlier.rawValue < later.rawValue }
    }

    private mutating func completeParked(
        waits waitAnswer: Answer, _ effects: inout [Effect], reads readAnswer: (DeviceID) -> Answer
    ) {
        guard parkedCount > 0 else { return }
        effects.reserveCapacity(effects.count + parkedCount)
        var ended: [(urgency: Urgency, request: RequestID, answer: Answer)] = []
        ended.reserveCapacity(parkedCount)
        parked.removeAll { [watchers] request, watcher, device, kind in
            guard kind == .read else { return ended.append((.wait, request, waitAnswer)) }
            let isTracked = watchers[watcher.rawValue]?.isTracked == true
            ended.append((isTracked ? .trackedRead : .otherRead, request, readAnswer(device)))
        }
        // Those of one urgency in the order in which they came, as a queue of the kernel's has it.
        ended.sort { ($0.urgency, $0.request.rawValue) < ($1.urgency, $1.request.rawValue) }
        for end in ended { effects.append(.complete(end.request, end.answer)) }
        nextDeadline = nil
        parkedShares.removeAll()
        watchers.forEach { _, watcher in (watcher.parkedCount, watcher.firstParked) = (0, nil) }
    }

    /// Wakes a sleeping poll of the watcher, once.
    static func notifyPoll(of watcher: inout Watcher, _ key: UInt64, _ effects: inout [Effect]) {
        guard watcher.awaitsPollNotification else { return }
        watcher.awaitsPollNotification = false
        effects.append(.notifyPoll(WatcherID(rawValue: key)))
    }

    /// Takes a request out of those that are parked, and says what it is answered with where its time is over; nil where
    /// it is not parked.
    private mutating func unpark(_ request: RequestID) -> Refusal? {
        guard let owner = parked.watcher(of: request), var watcher = watchers[owner.rawValue] else { return nil }
        let refusal = parked.remove(request, from: &watcher.firstParked)
        watcher.parkedCount -= 1
        watchers[owner.rawValue] = watcher
        parkedShares.remove(watcher.opener)
        return refusal
    }
}

extension Generation: Comparable {
    public static func < (earlier: Generation, later: Generation) -> Bool {
        earlier.rawValue < later.rawValue
    }
}

extension WatcherScope {
    var timeoutRefusal: Refusal {
        switch self {
        case .tracked: .timedOut
        case .everyOpenFile: .stillOutdated
        }
    }
}
