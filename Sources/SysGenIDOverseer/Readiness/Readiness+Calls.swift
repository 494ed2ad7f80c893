import SysGenID

// Those who wait for an answer.

extension Readiness {
    /// A call that waits.
    struct Call: Hashable, Sendable {
        enum Wish: Hashable, Sendable {
            /// That the system is ready, with no older generation; nil is whichever it has.
            case ready(atLeast: Generation?)
            /// The same, with the generation that the announced resume will have.
            case announced(identity: String)
            case quiesced
        }

        var number: CallNumber
        var wish: Wish
        /// When its time is over, on the monotonic clock.
        var deadline: UInt64
    }

    /// What `Get` says.
    struct View: Hashable, Sendable {
        var state: State
        /// Generation 0 and an unknown cause until the device was seen.
        var generation: Generation
        var cause: Cause
        var waitingFor: [String]
        var proof: Proof?
    }

    var view: View {
        View(
            state: state, generation: change?.generation ?? .fresh, cause: change?.cause ?? .unknown,
            waitingFor: missing, proof: state == .ready ? proof : nil)
    }

    /// Nobody is told that a system is ready of whose generation nobody can be sure.
    private var state: State {
        guard stage == .ready else { return stage.state }
        return isDoubted ? .changed : isServed ? .ready : .starting
    }

    /// What the system waits for, in words.
    private var missing: [String] {
        var missing: [String] = isServed && !isDoubted ? [] : ["device"]
        if let running, stage.phase != nil || running.isEnding { missing.append("hook \(running.hook.name)") }
        switch stage {
        case .learning: missing.append("reseed")
        case .starting, .awaiting:
            if change != nil {
                missing += outdatedProcesses.isEmpty ? ["watchers"] : outdatedProcesses.map { "process \($0)" }
            }
        case .quiescing, .quiesced, .changing, .readying, .ready, .failing, .failed: break
        }
        return missing
    }

    // MARK: New calls

    mutating func quiesce(_ call: CallNumber, _ deadline: UInt64?, _ now: UInt64) -> [Action] {
        let time = min(deadline ?? settings.deadline, settings.deadline)
        switch stage {
        case .ready:
            quiescence = Quiescence(began: now)
            enter(.quiescing, until: now + time)
            calls.append(Call(number: call, wish: .quiesced, deadline: .max))
            return advance(now)
        case .quiescing, .quiesced: calls.append(Call(number: call, wish: .quiesced, deadline: now + time))
        case .starting, .learning, .changing, .awaiting, .readying, .failing, .failed:
            return [.answer(call, .notQuiet(state, waitingFor: missing))]
        }
        return []
    }

    mutating func announce(
        _ call: CallNumber, _ announcement: Announcement, _ end: UInt64, _ now: UInt64
    ) -> [Action] {
        let identity = announcement.identity
        if let generation = announcements.generation(of: identity) {
            calls.append(Call(number: call, wish: .ready(atLeast: generation), deadline: end))
            return []
        }
        guard announcements.isPending(identity) || announcements.pending.count < Announcements.limit else {
            return [.answer(call, .tooManyCalls)]
        }
        calls.append(Call(number: call, wish: .announced(identity: identity), deadline: end))
        guard !announcements.isPending(identity) else { return [] }
        guard let generation = announcements.add(announcement, grace: settings.backendGrace, now: now) else {
            return triggerWhatIsDue(now)
        }
        claim(identity, generation)
        if generation == change?.generation, let reseed = change?.reseed, reseed.isTaken {
            change?.reseed = Reseed(reseed, and: announcement.entropy, for: generation)
        }
        return []
    }

    /// Makes the change of an announced resume that no backend has seen.
    mutating func triggerWhatIsDue(_ now: UInt64) -> [Action] {
        guard stage != .learning, let next = announcements.nextTrigger(now: now) else { return [] }
        return [.trigger(minimum: next.minimum)]
    }

    /// When that is due. A change of which nothing is known yet may be the one that is announced.
    var nextTriggerMoment: UInt64? { stage == .learning ? nil : announcements.nextMoment }

    mutating func triggered(_ generation: Generation?, _ remark: String, _ now: UInt64) -> [Action] {
        guard let announcement = announcements.noteTrigger(generation) else { return [] }
        var actions: [Action] = []
        if let generation {
            claim(announcement.identity, generation)
        } else {
            for call in calls where call.wish == .announced(identity: announcement.identity) {
                actions.append(.answer(call.number, .notServed(remark)))
            }
            calls.removeAll { $0.wish == .announced(identity: announcement.identity) }
        }
        if stage == .learning, let generation = self.change?.generation { actions.append(.learn(generation)) }
        return actions + triggerWhatIsDue(now)
    }

    /// The announced resume is this generation.
    mutating func claim(_ identity: String, _ generation: Generation) {
        for index in calls.indices where calls[index].wish == .announced(identity: identity) {
            calls[index].wish = .ready(atLeast: generation)
        }
    }

    // MARK: Answers

    /// Answers those calls that can be answered.
    mutating func settle(_ now: UInt64) -> [Action] {
        var actions: [Action] = []
        var waiting: [Call] = []
        for call in calls {
            if let answer = answer(to: call, now) {
                actions.append(.answer(call.number, answer))
            } else {
                waiting.append(call)
            }
        }
        calls = waiting
        return actions
    }

    private func answer(to call: Call, _ now: UInt64) -> Answer? {
        guard let change else { return late(call, .fresh, now) }
        switch call.wish {
        case .ready(let least):
            guard change.generation.rawValue >= least?.rawValue ?? 0 else { break }
            if let failure { return .failed(change.generation, failure) }
            if state == .ready, let proof { return .ready(proof) }
        case .announced: break
        case .quiesced:
            if let failure { return .failed(change.generation, failure) }
            if stage == .quiesced, let quiescence {
                return .quiesced(
                    change.generation, hooks: quiescence.hooks, milliseconds: quiescence.milliseconds)
            }
            guard stage == .quiescing else { return .notQuiet(state, waitingFor: missing) }
        }
        return late(call, change.generation, now)
    }

    private func late(_ call: Call, _ generation: Generation, _ now: UInt64) -> Answer? {
        guard call.deadline <= now else { return nil }
        return .deadlineExceeded(generation, waitingFor: missing(for: call))
    }

    /// What a call waits for. Where the system waits for nothing, it is a change that has not come yet.
    private func missing(for call: Call) -> [String] {
        if case .announced = call.wish { return missing + ["backend"] }
        return missing.isEmpty ? ["change"] : missing
    }
}
