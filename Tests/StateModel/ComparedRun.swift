internal import SysGenIDCore

/// The registry and the model, side by side.
package struct ComparedRun<Choices: ChoiceSource> {
    private var source: EventSource<Choices>
    private var registry: GenerationRegistry
    private var model: Model
    private var given: Set<WatcherID> = []
    /// When the owner's timer will ring.
    private var alarm: Deadline?
    /// What has been seen so far.
    package private(set) var reached: Set<String> = []

    package init(_ choices: Choices) {
        source = EventSource(choices)
        let record = source.record()
        let limits = source.limits()
        registry = GenerationRegistry(continuing: record, limits: limits)
        model = Model(record: record, limits: limits)
    }

    /// Whether there is still something to choose by.
    package var canGoOn: Bool { source.canGoOn }

    /// Performs one event on both and says what is wrong then; nil where nothing is.
    package mutating func step(isLate: Bool) -> String? {
        let event = source.event(current: registry.current, isLate: isLate)
        if case .passTime(let now) = event, let due = alarm, due <= now { alarm = nil }
        let (outcome, effects) = registry.perform(event)
        let opened = try? outcome.opened?.get()
        if let opened { source.remember(opened) }
        let expected = model.perform(event, opened: opened)
        for case .armDeadline(let deadline) in effects { alarm = deadline }
        note(outcome)

        if outcome != expected { return "\(event): \(outcome), expected \(expected)" }
        if let opened, !given.insert(opened).inserted { return "\(opened) was given twice" }
        return complaint(about: effects, after: event)
    }

    /// Kills the registry and lets a successor continue, which is asked again what was not answered.
    package mutating func takeOver() -> String? {
        let slots = registry.handedSlots
        registry = GenerationRegistry(
            continuing: registry.record, limits: registry.limits, watchers: slots, forged: registry.forged)
        alarm = nil
        for call in model.calls {
            let (deadline, limit) = (call.end.map(Deadline.init(rawValue:)), call.limit.map(Deadline.init(rawValue:)))
            let step: Step =
                switch call.kind {
                case .read: registry.read(call.file, count: 4, parkingAs: call.request, atMostUntil: limit)
                case .newerWait:
                    registry.waited(
                        call.file, for: .tracked, until: deadline, parkingAs: call.request, atMostUntil: limit)
                case .olderWait:
                    registry.waited(
                        call.file, for: .everyOpenFile, until: deadline, parkingAs: call.request, atMostUntil: limit)
                }
            for case .armDeadline(let deadline) in step.effects { alarm = deadline }
            if step.answer != .parked { return "\(call): \(step.answer) after a takeover" }
        }
        return complaint(about: [], after: .countOutdated)
    }

    private func complaint(about effects: [Effect], after event: Event) -> String? {
        let completed = effects.filter { if case .complete = $0 { true } else { false } }
        if completed.count != Set(completed).count { return "\(event): a request is completed twice" }

        let census = registry.census
        let counts = [census.watchers, census.tracked, census.outdated, census.trackedOutdated]
        let expected = [model.files, model.tracked, model.outdated, model.trackedOutdated].map(\.count)
        if counts != expected { return "\(event): \(census), expected \(expected)" }
        if registry.parkedCount != model.calls.count { return "\(event): \(registry.parkedCount) parked" }
        if registry.record != model.record { return "\(event): \(registry.record), expected \(model.record)" }
        if let first = model.calls.flatMap({ [$0.end, $0.limit] }).compactMap(\.self).min(),
            alarm.map({ $0.rawValue > first }) ?? true
        {
            return "\(event): no timer will end the wait until \(first)"
        }
        return nil
    }

    private mutating func note(_ outcome: Outcome) {
        let refusedOpen: Answer? =
            if case .failure(let refusal) = outcome.opened { .refused(refusal) } else { nil }
        for answer in [outcome.answer, refusedOpen].compactMap(\.self) + outcome.completions.values {
            switch answer {
            case .generation: reached.insert("generation")
            case .count: reached.insert("count")
            case .done, .refused, .parked: reached.insert("\(answer)")
            }
        }
        if outcome.reports.contains(.reportWrapAround) { reached.insert("wrap-around") }
    }
}
