// Changes, and what a thread does of all this at a time.

extension TakeoverModel {
    /// Makes a change in the registry, and says what is left to do of it.
    func change(by cause: Request?, _ daemon: inout Daemon) -> [Action] {
        daemon.generation += 1
        let change = Change(generation: daemon.generation, identity: daemon.identity, cause: cause)
        var actions: [Action] = []
        for step in order.change {
            switch step {
            case .entry: actions.append(.enter(change))
            case .number: actions.append(.number)
            case .page: actions.append(.storePage(change.generation))
            case .record: actions.append(.storeRecord(change))
            case .wake: actions += wakeAll(&daemon)
            case .answer: actions += cause.map { [.answer($0, .done)] } ?? []
            }
        }
        return unlocking(actions) { action in
            switch action {
            case .enter, .number, .storePage, .storeRecord: true
            default: false
            }
        }
    }

    private func wakeAll(_ daemon: inout Daemon) -> [Action] {
        var actions = daemon.parked.flatMap { wake($0, .generation(daemon.generation)) }
        daemon.parked = []
        for (slot, watcher) in daemon.watchers.enumerated() {
            guard let watcher, watcher.awaitsNotification, watcher.acknowledged != daemon.generation else { continue }
            daemon.watchers[slot]!.awaitsNotification = false
            if watcher.hasHandle {
                daemon.watchers[slot]!.hasHandle = false
                actions.append(.notify(UInt8(slot)))
            } else {
                daemon.stalePolls.append(UInt8(slot))
            }
        }
        return actions
    }

    /// Answers a request that was parked.
    func wake(_ request: Request, _ answer: Answer) -> [Action] {
        order.wake.map { $0 == .answer ? .answer(request, answer) : .unpark(request) }
    }

    /// The backend tells what it sees.
    private func look(_ daemon: inout Daemon, at identity: UInt8) -> [Action] {
        guard daemon.identity != identity else { return [.unlock] }
        let isAdopted = daemon.identity == nil
        daemon.identity = identity
        guard isAdopted else { return change(by: nil, &daemon) }
        let adopted = Change(generation: daemon.generation, identity: identity)
        return [.enter(adopted), .number, .storeRecord(adopted), .unlock]
    }

    /// A signal has come to the reader, whose request may not be known yet.
    private func interrupt(_ daemon: inout Daemon, _ kernel: Kernel) -> [Action] {
        guard let request = kernel.interrupted, daemon.parked.contains(request) else {
            daemon.holdsInterrupt = kernel.interrupted != nil
            return [.unlock, .lookWhetherCaughtUp]
        }
        daemon.parked.removeAll { $0 == request }
        return [.unlock] + wake(request, .interrupted) + [.lookWhetherCaughtUp]
    }

    /// All that was left is served.
    private func catchUp(_ daemon: inout Daemon) -> [Action] {
        daemon.isCatchingUp = false
        let left = daemon.inheritedParked.map(Action.unpark)
        (daemon.inheritedParked, daemon.unansweredOpens, daemon.triggers) = ([], [nil, nil, nil], [])
        let stale = daemon.stalePolls.sorted().filter { slot in
            daemon.watchers[Int(slot)].map { $0.hasHandle && $0.acknowledged != daemon.generation } ?? false
        }
        daemon.stalePolls = []
        return left + [.unlock] + stale.map(Action.notify)
    }

    /// What a thread does next.
    func act(_ thread: Daemon.Thread, in world: inout World) {
        let action = world.daemon![thread].actions.removeFirst()
        perform(action, of: thread, in: &world)
        goOn(thread, in: &world)
    }

    /// Does what nobody can tell from what was done before it.
    func goOn(_ thread: Daemon.Thread, in world: inout World) {
        while let action = world.daemon![thread].actions.first, action.isSilent {
            world.daemon![thread].actions.removeFirst()
            perform(action, of: thread, in: &world)
        }
    }

    private func perform(_ action: Action, of thread: Daemon.Thread, in world: inout World) {
        if action.locks { return begin(action, of: thread, in: &world) }
        switch action {
        case .unlock: world.daemon!.holder = nil
        case .readMemory: world.daemon!.continue(world.kept, replaying: world.release == .forgetting)
        case .beginToLook: world.daemon!.isLooking = true
        case .inheritPolls: world.daemon!.inheritPolls(world.kept)
        case .askAgain: world.daemon!.replays = world.kept.unanswered(in: order.replay)
        case .serve: world.daemon!.isServing = true
        case .lookWhetherCaughtUp:
            let isOver = world.daemon!.replays.isEmpty && (!world.kernel.hasWork || world.release == .forgetting)
            if world.daemon!.isCatchingUp, isOver { world.daemon!.session.actions = [.catchUp] }
        case .answer(let request, let answer): world.answer(request, answer)
        case .notify(let slot): world.notify(slot)
        case .storePage(let generation): world.storePage(generation)
        case .storeRecord(let change): world.storeRecord(change)
        default: world.kept.perform(action)
        }
    }

    /// One that takes the lock.
    private func begin(_ action: Action, of thread: Daemon.Thread, in world: inout World) {
        world.daemon!.holder = thread
        let actions: [Action] =
            switch action {
            case .handle(let request): serve(request, in: &world)
            case .handleInterrupt: interrupt(&world.daemon!, world.kernel)
            case .catchUp: catchUp(&world.daemon!)
            case .finishPage: [.storePage(world.daemon!.generation), .unlock]
            case .finishRecord:
                [.storeRecord(Change(generation: world.daemon!.generation, identity: world.daemon!.identity)), .unlock]
            default: look(&world.daemon!, at: world.identity)
            }
        world.daemon![thread].actions = actions + world.daemon![thread].actions
        // So far only the daemon itself knows of it.
        let first = world.daemon![thread].actions.removeFirst()
        perform(first, of: thread, in: &world)
    }
}
