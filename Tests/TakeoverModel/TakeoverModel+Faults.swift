// What must hold: at each moment, and where nothing is left to do.

extension TakeoverModel {
    func fault(in world: World, before steps: [Step]) -> String? {
        if let complaint = world.complaint { return complaint }
        guard let daemon = world.daemon, daemon.isServing, daemon.holder == nil else { return nil }
        if let difference = difference(daemon, world.kept) { return difference }
        return steps.allSatisfy(\.isFree) ? faultAtRest(daemon, world) : nil
    }

    /// A daemon that serves, its page, its record and its memory agree whenever nobody is about to change them.
    private func difference(_ daemon: Daemon, _ kept: Kept) -> String? {
        let shown = [kept.page, kept.record.generation, kept.change.generation]
        guard shown.allSatisfy({ $0 == daemon.generation }) else {
            return "the daemon is at \(daemon.generation), and page, record and memory are at \(shown)"
        }
        guard kept.record.identity == daemon.identity, kept.change.identity == daemon.identity else {
            return "the daemon, its record and its memory know other identities"
        }
        return nil
    }

    private func faultAtRest(_ daemon: Daemon, _ world: World) -> String? {
        guard daemon.generation == world.asked else {
            return "\(world.asked) changes were asked for, and the generation is \(daemon.generation)"
        }
        for client in world.clients {
            if let fault = fault(of: client, daemon, world) { return fault }
        }
        let open = world.clients.filter { $0.watcher != nil && $0.state != .ended }.count
        let counts = [daemon.watchers.compactMap(\.self).count, world.kept.watchers.compactMap(\.self).count]
        guard counts == [open, open] else { return "\(open) open files, and \(counts) watchers of daemon and memory" }
        // What a successor was given by the memory alone may have been answered: it stays until the next change.
        let blocked = world.kernel.unanswered
        let isKept =
            world.release == .resending ? world.kept.parked == blocked : blocked.allSatisfy(world.kept.parked.contains)
        return isKept ? nil : "the memory keeps \(world.kept.parked), not \(blocked)"
    }

    /// Each client sleeps, and knows the last generation.
    private func fault(of client: Client, _ daemon: Daemon, _ world: World) -> String? {
        let isAtRest =
            switch client.state {
            case .asleep, .ended: true
            case .waiting(let request): request.call == .read && daemon.parked.contains(request)
            case .calling(let call): call == .trigger
            }
        guard isAtRest else { return "the \(client.name) is left alone: \(client.state)" }
        guard let slot = client.watcher, client.state != .ended else { return nil }
        let known = daemon.watchers[Int(slot)]?.acknowledged
        guard client.acknowledged == daemon.generation, known == daemon.generation else {
            return "the \(client.name) was not told of \(daemon.generation)"
        }
        return nil
    }
}
