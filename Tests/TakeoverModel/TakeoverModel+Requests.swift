// What a daemon makes of a request, under the lock: what it decides at once, and what is left to do one by one.

extension TakeoverModel {
    /// The session decodes a request and serves it.
    func serve(_ request: Request, in world: inout World) -> [Action] {
        var daemon = world.daemon!
        defer { world.daemon = daemon }
        daemon.holder = .session
        let isInterrupted = takeInterrupt(for: request, &daemon, &world.kernel)
        let slot = world.client(request.client).flatMap { world.clients[$0].watcher } ?? 0
        let actions: [Action] =
            switch request.call {
            case .open: open(request, &daemon)
            case .trigger: trigger(request, &daemon)
            case .release: release(request, slot, &daemon)
            case .read where isInterrupted: [.unlock, .answer(request, .interrupted)]
            case .read: read(request, slot, &daemon)
            case .write(let generation): write(request, slot, generation, &daemon)
            case .poll: poll(request, slot, &daemon)
            }
        return actions + [.unserve, .lookWhetherCaughtUp]
    }

    /// Whether an interrupt for the request has come before it; one that is for another one is given back.
    private func takeInterrupt(for request: Request, _ daemon: inout Daemon, _ kernel: inout Kernel) -> Bool {
        guard daemon.holdsInterrupt else { return false }
        daemon.holdsInterrupt = false
        if kernel.interrupted == request { return true }
        kernel.returnInterrupt()
        return false
    }

    private func open(_ request: Request, _ daemon: inout Daemon) -> [Action] {
        var actions: [Action] = []
        let known = daemon.unansweredOpens.firstIndex(of: request)
        let slot = UInt8(known ?? daemon.watchers.firstIndex(of: nil)!)
        if let known {
            daemon.unansweredOpens[known] = nil
        } else {
            daemon.watchers[Int(slot)] = Daemon.Watcher(acknowledged: daemon.generation)
        }
        let acknowledged = daemon.watchers[Int(slot)]!.acknowledged
        for step in order.opening {
            switch step {
            case .remember where known == nil: actions += [.remember(slot, request, acknowledged), .unlock]
            case .remember: actions.append(.unlock)
            case .answer: actions.append(.answer(request, .watcher(slot, at: acknowledged)))
            case .unserve: actions.append(.unserve)
            case .settle: actions.append(.settle(slot))
            }
        }
        return actions.contains(.unlock) ? actions : [.unlock] + actions
    }

    private func trigger(_ request: Request, _ daemon: inout Daemon) -> [Action] {
        guard !daemon.triggers.contains(request) else { return [.unlock, .answer(request, .done)] }
        return change(by: request, &daemon)
    }

    private func release(_ request: Request, _ slot: UInt8, _ daemon: inout Daemon) -> [Action] {
        daemon.watchers[Int(slot)] = nil
        // A read that nobody waits for any more, see `Release.forgetting`.
        let left = daemon.parked.filter { $0.client == request.client }
        daemon.parked.removeAll { $0.client == request.client }
        return [.forget(slot), .unlock] + left.flatMap { wake($0, .noSuchWatcher) } + [.answer(request, .done)]
    }

    private func read(_ request: Request, _ slot: UInt8, _ daemon: inout Daemon) -> [Action] {
        guard let watcher = daemon.watchers[Int(slot)] else { return [.unlock, .answer(request, .noSuchWatcher)] }
        guard watcher.acknowledged == daemon.generation else {
            return [.unlock, .answer(request, .generation(daemon.generation))]
        }
        guard request.client == .reader else { return [.unlock, .answer(request, .wouldBlock)] }
        daemon.parked.append(request)
        let isKnown = daemon.inheritedParked.contains(request)
        daemon.inheritedParked.removeAll { $0 == request }
        return isKnown ? [.unlock] : [.park(request), .unlock]
    }

    private func write(
        _ request: Request, _ slot: UInt8, _ generation: UInt8, _ daemon: inout Daemon
    ) -> [Action] {
        guard daemon.watchers[Int(slot)] != nil else { return [.unlock, .answer(request, .noSuchWatcher)] }
        guard generation == daemon.generation else { return [.unlock, .answer(request, .notCurrent)] }
        daemon.watchers[Int(slot)]!.acknowledged = generation
        let actions: [Action] = order.acknowledgement.map { step in
            step == .remember ? .rememberAcknowledgement(slot, generation) : .answer(request, .done)
        }
        return unlocking(actions) { if case .rememberAcknowledgement = $0 { true } else { false } }
    }

    private func poll(_ request: Request, _ slot: UInt8, _ daemon: inout Daemon) -> [Action] {
        guard let watcher = daemon.watchers[Int(slot)] else { return [.unlock, .answer(request, .noSuchWatcher)] }
        daemon.watchers[Int(slot)]!.awaitsNotification = true
        daemon.watchers[Int(slot)]!.hasHandle = true
        let isReadable = watcher.acknowledged != daemon.generation
        daemon.stalePolls.removeAll { $0 == slot }
        // It may have been answered before, and then nobody hears this answer.
        if daemon.isReplaying, isReadable { daemon.stalePolls.append(slot) }
        let isHeard = !daemon.isReplaying
        let actions: [Action] = order.poll.compactMap { step in
            switch step {
            case .generation: isHeard ? .rememberPolledAt(slot, daemon.generation) : nil
            case .number: .rememberPoll(slot)
            case .answer: .answer(request, .readable(isReadable))
            }
        }
        return unlocking(actions) { if case .answer = $0 { false } else { true } }
    }

    /// Unlocks as soon as what belongs under the lock is done.
    func unlocking(_ actions: [Action], after isLocked: (Action) -> Bool) -> [Action] {
        var actions = actions
        actions.insert(.unlock, at: actions.lastIndex(where: isLocked).map { $0 + 1 } ?? 0)
        return actions
    }
}
