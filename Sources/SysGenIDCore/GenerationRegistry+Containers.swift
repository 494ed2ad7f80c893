// The devices of containers: each has a generation and watchers of its own, and changes with the system besides.

/// The device of a container, as the registry knows it.
struct Container: Sendable {
    var current: Generation
    /// The sequence number of its page in the layout of a vmclock.
    var clockSequence = ClockSequence.first
    /// The generations that its clients may have seen, and that none of the daemon's were.
    var forged = ForgedGenerations()
    /// How many watchers it has of each kind.
    var census = Census()
    /// The first of its watchers, which lead to each other.
    var firstWatcher: WatcherID?

    init(current: Generation, clockSequence: UInt32 = ClockSequence.first) {
        self.current = current
        self.clockSequence = clockSequence
    }

    /// What a watcher of the device compares with what it has acknowledged.
    func shown(to watcher: Watcher) -> Generation {
        watcher.isOfClock ? Generation(rawValue: clockSequence) : current
    }
}

/// The sequence numbers of a page in the layout of a vmclock. An odd one says that the page is being written.
public enum ClockSequence {
    /// That of a page whose generation has not changed yet.
    public static let first: UInt32 = 2
    /// What nobody has read.
    public static let none: UInt32 = 1

    /// That of the page with its next contents.
    public static func next(after sequence: UInt32) -> UInt32 { (sequence & ~1) &+ 2 }
}

extension GenerationRegistry {
    /// The generation of a device; nil where there is none of that number.
    public func generation(of device: DeviceID) -> Generation? {
        device == .system ? current : containers[device]?.current
    }

    /// The sequence number of a device's page in the layout of a vmclock; nil where there is no such device.
    public func clockSequence(of device: DeviceID) -> UInt32? {
        device == .system ? clockSequence : containers[device]?.clockSequence
    }

    /// What a watcher would acknowledge now: the generation of what it has opened, or of the page in the layout of a
    /// vmclock the sequence number. Nil where there is no such watcher.
    public func shown(to id: WatcherID) -> Generation? { watchers[id.rawValue].map { shown(to: $0) } }

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
        container.clockSequence = ClockSequence.next(after: container.clockSequence)
        census -= container.census
        container.census = Census()
        var link = container.firstWatcher
        while let id = link, var watcher = watchers[id.rawValue] {
            completeParked(of: &watcher, at: next, &effects)
            container.census.count(watcher, at: next)
            if watcher.isOutdated(at: container.shown(to: watcher)) {
                Self.notifyPoll(of: &watcher, id.rawValue, &effects)
            }
            watchers[id.rawValue] = watcher
            link = watcher.next
        }
        census += container.census
        containers[device] = container
        // Where the numbers start again, somebody may have acknowledged this one before.
        return effects + settledWaits(of: device)
    }

    /// All devices of containers change with the system's.
    mutating func changeContainers() -> [Effect] {
        guard !containers.isEmpty else { return [] }
        containerRevision &+= 1
        var effects: [Effect] = []
        effects.reserveCapacity(containers.count)
        for (device, container) in containers {
            let next = container.forged.next(after: container.current, atLeast: 0)
            containers[device]?.current = next
            containers[device]?.clockSequence = ClockSequence.next(after: container.clockSequence)
            effects.append(.publishContainer(device, next))
        }
        return effects
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

    /// What a watcher compares with what it has acknowledged.
    func shown(to watcher: Watcher) -> Generation {
        guard watcher.device == .system else { return containers[watcher.device]?.shown(to: watcher) ?? current }
        return watcher.isOfClock ? Generation(rawValue: clockSequence) : current
    }

    func isOutdated(_ watcher: Watcher) -> Bool { watcher.isOutdated(at: shown(to: watcher)) }

    /// Counts a watcher in, or with -1 out.
    mutating func count(_ watcher: Watcher, by step: Int = 1) {
        let generation = shown(to: watcher)
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
        let (current, clock) = (current, Generation(rawValue: clockSequence))
        watchers.forEach { key, watcher in
            let system = watcher.isOfClock ? clock : current
            let generation =
                watcher.device == .system ? system : counted[watcher.device]?.shown(to: watcher) ?? system
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
