import SysGenID

// The hooks of a phase, one after the other.

extension Readiness {
    /// Does what is next in the phase, where no hook runs: one that was ended may not be gone yet.
    mutating func advance(_ now: UInt64) -> [Action] {
        guard let phase = stage.phase, running == nil, let change else { return [] }
        guard let hook = queue?.first else { return queue == nil ? [.list(phase)] : phaseIsDone(now) }
        queue?.removeFirst()
        if hook.objection != nil {
            return ended(HookResult(hook, phase, .failed, status: nil, milliseconds: 0), hook.objection, now)
        }
        running = Running(hook: hook, phase: phase, since: now)
        return [.run(hook, phase, change.generation, change.cause)]
    }

    /// Takes the hooks of the phase, of which some may have been run by an overseer before this one.
    mutating func listed(_ hooks: [Hook], _ now: UInt64) -> [Action] {
        guard let phase = stage.phase, queue == nil else { return [] }
        let done = results.filter { $0.phase == phase }.map(\.name)
        queue = hooks.filter { !done.contains($0.name) }
        return advance(now)
    }

    /// The hook that runs has ended, or could not be started: nil.
    mutating func hookEnded(_ status: Int32?, _ now: UInt64) -> [Action] {
        guard let ended = running else { return [] }
        running = nil
        guard !ended.isEnding else { return advance(now) }
        let time = Self.milliseconds(from: ended.since, until: now)
        let outcome: HookResult.Outcome = status == 0 ? .succeeded : .failed
        return self.ended(
            HookResult(ended.hook, ended.phase, outcome, status: status, milliseconds: time), nil, now)
    }

    /// Ends the hook that runs, which counts no more.
    mutating func endHook() -> [Action] {
        guard let hook = running, !hook.isEnding else { return [] }
        running?.isEnding = true
        return [.endHook, .tell(.ends(hook: hook.hook.name))]
    }

    /// The time of the phase is over. What was to be run yet is not; where it was all optional, that is no failure.
    mutating func phaseIsLate(_ now: UInt64) -> [Action] {
        guard let phase = stage.phase else { return [] }
        var late = [running?.hook].compactMap(\.self) + (queue ?? [])
        // Where one that was ended is not gone yet, none of this phase is known.
        if queue != nil { late.removeAll(where: \.isOptional) }
        queue = []
        var actions: [Action] = []
        if let running, !running.isEnding {
            let time = Self.milliseconds(from: running.since, until: now)
            keep(HookResult(running.hook, phase, .ended, status: nil, milliseconds: time))
            actions = endHook()
        }
        guard phase != .failed, let hook = late.first else { return actions + advance(now) }
        let began = (stage == .quiescing ? quiescence?.began : change?.began) ?? now
        let time = Self.milliseconds(from: began, until: now)
        return actions + fail(.tooLate(hook: hook.name, milliseconds: time), now)
    }

    /// Calls the system failed until its next change, and runs the hooks for that.
    mutating func fail(_ failure: Failure, _ now: UInt64) -> [Action] {
        guard let generation = change?.generation else { return [] }
        self.failure = failure
        enter(.failing, until: now + settings.deadline)
        return [.awaitNobody, .tell(.failed(generation, failure))] + advance(now)
    }

    /// What the hooks of what is done now have come to so far.
    private var results: [HookResult] { stage == .quiescing ? quiescence?.hooks ?? [] : change?.hooks ?? [] }

    /// Takes note of a hook that is done, and does what is next.
    private mutating func ended(_ result: HookResult, _ objection: String?, _ now: UInt64) -> [Action] {
        keep(result)
        let isFailure = result.outcome != .succeeded && !result.isOptional && result.phase != .failed
        return [.tell(.hook(result, objection: objection))] + (isFailure ? fail(.hook(result), now) : advance(now))
    }

    private mutating func keep(_ result: HookResult) {
        if stage == .quiescing { quiescence?.hooks.append(result) } else { change?.hooks.append(result) }
    }

    private mutating func phaseIsDone(_ now: UInt64) -> [Action] {
        guard let change else { return [] }
        switch stage {
        case .changing:
            enter(.awaiting, until: max(phaseEnd ?? 0, now + Self.leastLook))
            return [.awaitWatchers(change.generation)]
        case .readying: return becomeReady(now)
        case .quiescing:
            let began = quiescence?.began ?? now
            quiescence?.milliseconds = Self.milliseconds(from: began, until: now)
            enter(.quiesced, until: nil)
            return [.tell(.quiesced(change.generation))]
        case .failing: enter(.failed, until: nil)
        case .starting, .quiesced, .learning, .awaiting, .ready, .failed: break
        }
        return []
    }
}

extension HookResult {
    fileprivate init(_ hook: Hook, _ phase: Phase, _ outcome: Outcome, status: Int32?, milliseconds: Int) {
        self.init(
            name: hook.name, phase: phase, isOptional: hook.isOptional, outcome: outcome, status: status,
            milliseconds: milliseconds)
    }
}
