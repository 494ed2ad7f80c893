internal import SysGenIDCore

extension Model {
    /// Performs the event.
    ///
    /// - Parameter opened: the id that the registry gave to a file that this event opens; the model does not
    ///   care how ids are chosen.
    mutating func perform(_ event: Event, opened: WatcherID?) -> Outcome {
        switch event {
        case .open(let opener): open(as: opened, opener)
        case .close(let id): close(id)
        case .read(let id, let count, let request, let limit): read(id, count, request, limit?.rawValue)
        case .write(let id, let generation): write(id, generation)
        case .poll(let id, let mayBeNotified): poll(id, mayBeNotified)
        case .track(let id, let isTracked): track(id, isTracked)
        case .countOutdated: Outcome(answer: .count(UInt32(outdated.count)))
        case .wait(let id, let scope, let deadline, let request, let limit):
            wait(id, scope, deadline?.rawValue, request, limit?.rawValue)
        case .trigger(let minimum, true): change(minimum: minimum)
        case .trigger(_, false): Outcome(answer: .refused(.notPermitted))
        case .identify(let identity): identify(identity)
        case .remember(let identity): remember(identity)
        case .forge(let number): forge(number)
        case .interrupt(let request):
            Outcome(answer: .done, completions: wake({ _ in .refused(.interrupted) }) { $0.request == request })
        case .passTime(let now): passTime(now.rawValue)
        case .shutDown: shutDown()
        }
    }

    private mutating func open(as id: WatcherID?, _ opener: Opener) -> Outcome {
        if isEnding { return Outcome(opened: .failure(.shuttingDown)) }
        if isRefused(opener, among: files.map(\.opener), limits.watchers) {
            return Outcome(opened: .failure(.tooManyWatchers))
        }
        // A registry that refuses what it should grant gives no id, and differs in the outcome.
        let id = id ?? WatcherID(rawValue: .max)
        files.append(File(id: id, opener: opener, seen: counter))
        return Outcome(opened: .success(id))
    }

    private mutating func close(_ id: WatcherID) -> Outcome {
        guard let place = place(id) else { return Outcome(answer: .refused(.noSuchWatcher)) }
        files.remove(at: place)
        let own = wake({ _ in .refused(.noSuchWatcher) }) { $0.file == id }
        return Outcome(answer: .done, completions: own.merging(wakeSatisfied()) { mine, _ in mine })
    }

    private mutating func read(_ id: WatcherID, _ count: Int, _ request: RequestID?, _ limit: UInt64?) -> Outcome {
        guard let place = place(id) else { return Outcome(answer: .refused(.noSuchWatcher)) }
        if count < 4 { return Outcome(answer: .refused(.bufferTooSmall)) }
        if files[place].seen != counter { return Outcome(answer: .generation(Generation(rawValue: counter))) }
        guard let request else { return Outcome(answer: .refused(.wouldBlock)) }
        if let refusal = refusalToSleep(on: id) { return Outcome(answer: .refused(refusal)) }
        calls.append(Call(kind: .read, request: request, file: id, limit: limit))
        return Outcome(answer: .parked)
    }

    private mutating func write(_ id: WatcherID, _ generation: Generation?) -> Outcome {
        guard let place = place(id) else { return Outcome(answer: .refused(.noSuchWatcher)) }
        guard let generation else { return Outcome(answer: .refused(.wrongLength)) }
        if generation.rawValue != counter { return Outcome(answer: .refused(.notCurrent)) }
        files[place].seen = counter
        return Outcome(answer: .done, completions: wakeSatisfied())
    }

    private mutating func poll(_ id: WatcherID, _ mayBeNotified: Bool) -> Outcome {
        guard let place = place(id) else { return Outcome() }
        if mayBeNotified { files[place].pollSleeps = true }
        return Outcome(isReadable: files[place].seen != counter)
    }

    private mutating func track(_ id: WatcherID, _ isTracked: Bool) -> Outcome {
        guard let place = place(id) else { return Outcome(answer: .refused(.noSuchWatcher)) }
        files[place].isTracked = isTracked
        return Outcome(answer: .done, completions: wakeSatisfied())
    }

    private mutating func wait(
        _ id: WatcherID, _ scope: WatcherScope, _ end: UInt64?, _ request: RequestID, _ limit: UInt64?
    ) -> Outcome {
        guard let place = place(id) else { return Outcome(answer: .refused(.noSuchWatcher)) }
        if files[place].seen != counter { return Outcome(answer: .refused(.callerOutdated)) }
        if (scope == .tracked ? trackedOutdated : outdated).isEmpty { return Outcome(answer: .done) }
        if let refusal = refusalToSleep(on: id) { return Outcome(answer: .refused(refusal)) }
        let kind: Call.Kind = scope == .tracked ? .newerWait : .olderWait
        calls.append(Call(kind: kind, request: request, file: id, end: end, limit: limit))
        return Outcome(answer: .parked)
    }

    private mutating func identify(_ seen: Identity) -> Outcome {
        guard let known = known(seen.domain) else {
            let isFirst = identities.isEmpty
            identities.append(seen)
            return Outcome(answer: .done, commit: .identities(record), reports: isFirst ? [.reportAdoption] : [])
        }
        let isOld = seen.domain == .kernelLog ? seen.low <= known.low : seen == known
        if isOld { return Outcome(answer: .done) }
        identities = [seen]
        return change()
    }

    private mutating func remember(_ seen: Identity) -> Outcome {
        if let known = known(seen.domain) {
            let isOld = seen.domain == .kernelLog ? seen.low <= known.low : seen == known
            if isOld { return Outcome(answer: .done) }
            identities = identities.map { $0.domain == seen.domain ? seen : $0 }
        } else {
            identities.append(seen)
        }
        return Outcome(answer: .done, commit: .identities(record))
    }

    private func known(_ domain: Identity.Domain) -> Identity? {
        identities.filter { $0.domain == domain }.last
    }

    private mutating func forge(_ number: UInt32) -> Outcome {
        if number != counter { forged.insert(number) }
        return Outcome()
    }

    private mutating func passTime(_ now: UInt64) -> Outcome {
        let late = wake({ call in
            // Whatever would have come first; what was asked for, where both come at once.
            guard let end = call.end, end <= call.limit ?? .max else { return .refused(.interrupted) }
            return .refused(call.kind == .newerWait ? .timedOut : .stillOutdated)
        }) { call in
            [call.end, call.limit].compactMap(\.self).contains { $0 <= now }
        }
        return Outcome(answer: .done, completions: late)
    }

    private mutating func shutDown() -> Outcome {
        isEnding = true
        var outcome = Outcome(answer: .done)
        outcome.completions = wake({ _ in .refused(.shuttingDown) }) { _ in true }
        for place in files.indices where files[place].pollSleeps {
            files[place].pollSleeps = false
            outcome.notified.insert(files[place].id)
        }
        return outcome
    }
}
