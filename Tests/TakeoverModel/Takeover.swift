// What a successor reads, and what is kept for it.

extension Daemon {
    /// Goes on with what the memory holds.
    mutating func `continue`(_ kept: Kept, replaying isReplaying: Bool) {
        (generation, identity) = (kept.change.generation, kept.change.identity)
        watchers = kept.watchers.map { kept in
            kept.map { Watcher(acknowledged: $0.acknowledged, awaitsNotification: $0.isPolled) }
        }
        isCatchingUp = true
        for (slot, watcher) in kept.watchers.enumerated() {
            guard let watcher else { continue }
            if let open = watcher.open { unansweredOpens[slot] = open }
            if watcher.isPolled, watcher.polledAt != generation { stalePolls.append(UInt8(slot)) }
        }
        triggers = kept.changes.prefix(kept.number + 1).compactMap(\.cause)
        inheritedParked = kept.parked
    }

    mutating func inheritPolls(_ kept: Kept) {
        for (slot, watcher) in kept.watchers.enumerated() where watcher?.isPolled == true {
            watchers[slot]?.hasHandle = true
        }
    }
}

extension Kernel {
    /// Whether there is something to read.
    var hasWork: Bool { !queue.isEmpty || isInterruptQueued }
}

extension World {
    /// Wakes whoever sleeps in a poll of the watcher.
    mutating func notify(_ slot: UInt8) {
        guard let index = clients.firstIndex(where: { $0.watcher == slot }) else { return }
        clients[index].wake()
    }
}

extension Kept {
    /// The requests that may be without an answer.
    func unanswered(in order: [Order.Replay]) -> [Request] {
        order.flatMap { $0 == .served ? [served].compactMap(\.self) : parked.filter { $0 != served } }
    }

    /// One store to the memory.
    mutating func perform(_ action: Action) {
        switch action {
        case .enter(let change): enter(change)
        case .number: number += 1
        case .remember(let slot, let open, let generation):
            watchers[Int(slot)] = Watcher(open: open, acknowledged: generation)
        case .settle(let slot): watchers[Int(slot)]?.open = nil
        case .forget(let slot): watchers[Int(slot)] = nil
        case .rememberAcknowledgement(let slot, let generation): watchers[Int(slot)]?.acknowledged = generation
        case .rememberPolledAt(let slot, let generation): watchers[Int(slot)]?.polledAt = generation
        case .rememberPoll(let slot): watchers[Int(slot)]?.isPolled = true
        case .park(let request): parked.append(request)
        case .unpark(let request): parked.removeAll { $0 == request }
        case .unserve: served = nil
        default: break
        }
    }
}
