// The devices of containers: each has a generation and watchers of its own, and changes with the system besides.

/// The device of a container, as the registry knows it.
struct Container: Sendable {
    var current: Generation
    /// The generations that its clients may have seen, and that none of the daemon's were.
    var forged = ForgedGenerations()
    /// How many watchers it has of each kind.
    var census = Census()
    /// The first of its watchers, which lead to each other.
    var firstWatcher: WatcherID?

    init(current: Generation) {
        self.current = current
    }
}

extension GenerationRegistry {
    /// The generation of a device; nil where there is none of that number.
    public func generation(of device: DeviceID) -> Generation? {
        device == .system ? current : containers[device]?.current
    }

    /// The generation of what a watcher has opened; nil where there is no such watcher.
    public func generation(of id: WatcherID) -> Generation? { watchers[id.rawValue].map { generation(of: $0) } }

    /// How many watchers a device has of each kind: the system's those of all devices.
    public func census(of device: DeviceID) -> Census {
        device == .system ? census : containers[device]?.census ?? Census()
    }

    /// What a watcher has opened; nil where there is none of that number.
    public func device(of watcher: WatcherID) -> DeviceID? { watchers[watcher.rawValue]?.device }

    /// Whether the watcher has acknowledged the generation of its device; false where there is no such watcher.
    public func isUpToDate(_ watcher: WatcherID) -> Bool {
        watchers[watcher.rawValue].map { !isOutdated($0) } ?? false
    }

    /// Whether nobody can come in any more.
    public var isEnding: Bool { isShuttingDown }

    /// There is a new device, of a number that no device had before.
    public mutating func added(_ device: DeviceID, at generation: Generation) {
        guard device != .system, containers[device] == nil else { return }
        containers[device] = Container(current: generation)
        containerRevision &+= 1
    }

    /// A device is no more.
    ///
    /// - Returns: false where it is kept, since somebody has it open.
    public mutating func released(_ device: DeviceID) -> Bool {
        guard let container = containers[device] else { return true }
        guard container.firstWatcher == nil else { return false }
        containers[device] = nil
        parked.forget(device)
        return true
    }

    /// A device that nobody has opened yet begins at this generation.
    public mutating func began(_ device: DeviceID, at generation: Generation) -> Step {
        guard let container = containers[device], container.firstWatcher == nil else { return .refused(.noSuchWatcher) }
        containers[device]?.current = generation
        containerRevision &+= 1
        return Step(.done, [.publishContainer(device, generation)])
    }

    /// The effects of a new generation of one container's device.
    mutating func change(_ device: DeviceID, to next: Generation) -> [Effect] {
        guard var container = containers[device] else { return [] }
        containerRevision &+= 1
        var effects: [Effect] = [.publishContainer(device, next)]
        container.current = next
        census -= container.census
        container.census = Census()
        var link = container.firstWatcher
        while let id = link, var watcher = watchers[id.rawValue] {
            completeParked(of: &watcher, at: next, &effects)
            container.census.count(watcher, at: next)
            if watcher.isOutdated(at: next) { Self.notifyPoll(of: &watcher, id.rawValue, &effects) }
            watchers[id.rawValue] = watcher
            link = watcher.next
        }
        census += container.census
        containers[device] = container
        // Where the numbers start again, somebody may have acknowledged this one before.
        return effects + settledWaits(of: device)
    }

    /// All devices of containers change with the system's.
    mutating func changeContainers(_ effects: inout [Effect]) {
        guard !containers.isEmpty else { return }
        containerRevision &+= 1
        effects.reserveCapacity(effects.count + containers.count + parkedCount)
        for (device, container) in containers {
            let next = container.forged.next(after: container.current, atLeast: 0)
            containers[device]?.current = next
            effects.append(.publishContainer(device, next))
        }
    }

    private mutating func completeParked(of watcher: inout Watcher, at next: Generation, _ effects: inout [Effect]) {
        while let request = watcher.firstParked {
            let answer = parked.isRead(request) ? Answer.generation(next) : .refused(.callerOutdated)
            guard parked.remove(request, from: &watcher.firstParked) != nil else { return }
            watcher.parkedCount -= 1
            parkedShares.remove(watcher.opener)
            effects.append(.complete(request, answer))
        }
    }

    // MARK: Bookkeeping

    /// The generation of what the watcher has opened.
    func generation(of watcher: Watcher) -> Generation {
        watcher.device == .system ? current : containers[watcher.device]?.current ?? current
    }

    func isOutdated(_ watcher: Watcher) -> Bool { watcher.isOutdated(at: generation(of: watcher)) }

    /// Counts a watcher in, or with -1 out.
    mutating func count(_ watcher: Watcher, by step: Int = 1) {
        let generation = generation(of: watcher)
        census.count(watcher, at: generation, by: step)
        guard watcher.device != .system else { return }
        containerRevision &+= 1
        containers[watcher.device]?.census.count(watcher, at: generation, by: step)
    }

    /// Counts all watchers anew, and shows each to the body.
    mutating func recount(_ body: (_ watcher: inout Watcher, _ key: UInt64, _ isOutdated: Bool) -> Void) {
        var (total, counted) = (Census(), [DeviceID: Container]())
        swap(&counted, &containers)
        for device in counted.keys { counted[device]?.census = Census() }
        let current = current
        watchers.forEach { key, watcher in
            let generation = watcher.device == .system ? current : counted[watcher.device]?.current ?? current
            total.count(watcher, at: generation)
            if watcher.device != .system { counted[watcher.device]?.census.count(watcher, at: generation) }
            body(&watcher, key, watcher.isOutdated(at: generation))
        }
        swap(&counted, &containers)
        census = total
    }

    /// Puts a watcher before those of the same container.
    mutating func link(_ id: WatcherID) {
        guard let device = device(of: id), let first = containers[device]?.firstWatcher else {
            if let device = device(of: id) { containers[device]?.firstWatcher = id }
            return
        }
        watchers[id.rawValue]?.next = first
        watchers[first.rawValue]?.previous = id
        containers[device]?.firstWatcher = id
    }

    /// Takes a watcher that is gone out of those of its container.
    mutating func unlink(_ watcher: Watcher) {
        guard watcher.device != .system else { return }
        if let next = watcher.next { watchers[next.rawValue]?.previous = watcher.previous }
        if let previous = watcher.previous {
            watchers[previous.rawValue]?.next = watcher.next
        } else {
            containers[watcher.device]?.firstWatcher = watcher.next
        }
    }
}
