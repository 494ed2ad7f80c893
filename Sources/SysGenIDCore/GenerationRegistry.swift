/// The state machine of the device: the current generation, the watchers and what they wait for.
///
/// Each event is one method. It answers the request that the event is, and says what else is to be done
/// as effects; the owner calls it under a lock and performs the effects in their order. Nothing here
/// blocks, sleeps or knows of a kernel.
public struct GenerationRegistry: Sendable {
    /// The current generation.
    public internal(set) var current: Generation
    /// The identities that the system was last seen with.
    public internal(set) var identities: KnownIdentities
    /// The generations that clients may have seen, and that none of the daemon's were.
    public internal(set) var forged: ForgedGenerations
    /// The sequence number of the system's page in the layout of a vmclock.
    public internal(set) var clockSequence: UInt32
    /// How many watchers there are of each kind, of all devices together.
    public internal(set) var census = Census()
    public let limits: Limits

    var watchers = SlotTable<Watcher>()
    /// The devices of containers.
    var containers: [DeviceID: Container] = [:]
    /// Another number whenever a container's device may have another generation or another census.
    public internal(set) var containerRevision: UInt64 = 0
    var parked = ParkedRequests()
    var watcherShares: Shares
    var parkedShares: Shares
    /// No request's time is over before this moment; one's may be later, or none's at all.
    var nextDeadline: Deadline?
    var isShuttingDown = false
    /// What is to be done next of a new generation of the system's; nil where there is nothing.
    var unfinished: UnfinishedChange?
    /// The device that somebody else serves; nil where this registry is the device.
    var drive: Drive?

    /// A registry that continues from what its predecessor left.
    ///
    /// - Parameters:
    ///   - forged: what that has seen of forged generations.
    ///   - clockSequence: the sequence number of its page in the layout of a vmclock.
    public init(
        continuing record: Record = Record(generation: .fresh), limits: Limits = Limits(),
        forged: ForgedGenerations = ForgedGenerations(), clockSequence: UInt32 = ClockSequence.first
    ) {
        current = record.generation
        // In a place of its own, where they change without a copy.
        identities = KnownIdentities(record.identities.all)
        self.forged = forged
        self.clockSequence = clockSequence
        self.limits = limits
        watcherShares = Shares(limit: limits.watchers)
        parkedShares = Shares(limit: limits.parked)
    }

    /// What a successor needs to continue from here.
    public var record: Record { Record(generation: current, identities: identities) }

    /// The number of requests that wait for an answer.
    public var parkedCount: Int { parked.count }

    /// Who opened the device and has not acknowledged the current generation, some of them where there are many.
    public func outdatedOpeners(limit: Int) -> [Opener] {
        var openers: [Opener] = []
        guard census.outdated > 0, limit > 0 else { return openers }
        watchers.visit { watcher in
            if !watcher.isOfClock, isOutdated(watcher) { openers.append(watcher.opener) }
            return openers.count >= min(limit, census.outdated)
        }
        return openers
    }

    // MARK: Open and close

    /// A program opened a device, or its page in the layout of a vmclock. The new watcher of a device is up to date and not
    /// tracked; one of such a page has read nothing of it.
    public mutating func opened(
        by opener: Opener, _ device: DeviceID = .system, asClock isOfClock: Bool = false
    ) throws(Refusal) -> WatcherID {
        guard !isShuttingDown else { throw .shuttingDown }
        guard let generation = generation(of: device) else { throw .noSuchWatcher }
        guard watcherShares.hasRoom(for: opener) else { throw .tooManyWatchers }
        watcherShares.add(opener)
        let seen = isOfClock ? Generation(rawValue: ClockSequence.none) : generation
        let watcher = Watcher(opener: opener, device: device, isOfClock: isOfClock, acknowledged: seen)
        let id = WatcherID(rawValue: watchers.insert(watcher))
        count(watcher)
        link(id)
        return id
    }

    /// The last descriptor of the watcher was closed.
    public mutating func closed(_ id: WatcherID) -> Step {
        guard var watcher = watchers.remove(id.rawValue) else { return .refused(.noSuchWatcher) }
        count(watcher, by: -1)
        unlink(watcher)
        watcherShares.remove(watcher.opener)
        for _ in 0..<watcher.parkedCount { parkedShares.remove(watcher.opener) }
        var effects: [Effect] = []
        while let request = watcher.firstParked {
            _ = parked.remove(request, from: &watcher.firstParked)
            effects.append(.complete(request, .refused(.noSuchWatcher)))
        }
        return Step(.done, effects + settledWaits(of: watcher.device))
    }

    // MARK: Read, write, poll

    /// A program reads `count` bytes. Where the watcher is up to date the read is parked as `request`;
    /// with nil it may not block.
    ///
    /// - Parameter limit: when it ends as by a signal, since nobody lets it wait longer; nil is never.
    public mutating func read(
        _ id: WatcherID, count: Int, parkingAs request: RequestID?, atMostUntil limit: Deadline? = nil
    ) -> Step {
        guard let watcher = watchers[id.rawValue] else { return .refused(.noSuchWatcher) }
        guard count >= 4 else { return .refused(.bufferTooSmall) }
        guard !isOutdated(watcher) else { return Step(.generation(shown(to: watcher))) }
        guard let request else { return .refused(.wouldBlock) }
        if let refusal = park(request, on: id, as: .read, atMostUntil: limit) { return .refused(refusal) }
        return parked(until: limit)
    }

    /// A program reads the page in the layout of a vmclock, as it was with this sequence number.
    public mutating func readClock(_ id: WatcherID, as sequence: UInt32) {
        guard watchers[id.rawValue]?.isOfClock == true else { return }
        watchers[id.rawValue]?.acknowledged = Generation(rawValue: sequence)
    }

    /// A program writes a generation to acknowledge it; nil stands for a write of another length.
    public mutating func wrote(_ id: WatcherID, _ generation: Generation?) -> Step {
        guard var watcher = watchers[id.rawValue] else { return .refused(.noSuchWatcher) }
        guard let generation else { return .refused(.wrongLength) }
        guard generation == shown(to: watcher) else { return .refused(.notCurrent) }
        guard isOutdated(watcher) else { return Step(.done) }
        update(&watcher, of: id) { $0.acknowledged = generation }
        return Step(.done, settledWaits(of: watcher.device))
    }

    /// A program polls. The answer is true while the watcher is outdated.
    ///
    /// - Parameter mayBeNotified: the poll may sleep, and must be told of the next change.
    public mutating func polled(_ id: WatcherID, mayBeNotified: Bool) -> Bool? {
        guard var watcher = watchers[id.rawValue] else { return nil }
        if mayBeNotified, !watcher.awaitsPollNotification {
            watcher.awaitsPollNotification = true
            watchers[id.rawValue] = watcher
        }
        return isOutdated(watcher)
    }

    // MARK: Requests by ioctl

    /// A program turns tracking of its watcher on or off.
    public mutating func trackingChanged(_ id: WatcherID, to isTracked: Bool) -> Step {
        guard var watcher = watchers[id.rawValue] else { return .refused(.noSuchWatcher) }
        guard watcher.isTracked != isTracked else { return Step(.done) }
        update(&watcher, of: id) { $0.isTracked = isTracked }
        return Step(.done, settledWaits(of: watcher.device))
    }

    /// An overseer asks how many open files are outdated: of all devices through the system's.
    public func countedOutdated(by id: WatcherID? = nil) -> Step {
        let device = id.flatMap { watchers[$0.rawValue]?.device } ?? .system
        return Step(.count(UInt32(census(of: device).outdated)))
    }

    /// An overseer waits until no watcher in the scope is outdated. Where one is, the wait is parked as
    /// `request`, until `deadline` where one is given.
    ///
    /// - Parameter limit: when it ends as by a signal, since nobody lets it wait longer; nil is never.
    public mutating func waited(
        _ id: WatcherID, for scope: WatcherScope, until deadline: Deadline?, parkingAs request: RequestID,
        atMostUntil limit: Deadline? = nil
    ) -> Step {
        guard let watcher = watchers[id.rawValue] else { return .refused(.noSuchWatcher) }
        guard !isOutdated(watcher) else { return .refused(.callerOutdated) }
        guard census(of: watcher.device).outdated(in: scope) > 0 else { return Step(.done) }
        if let refusal = park(request, on: id, as: .init(scope), until: deadline, atMostUntil: limit) {
            return .refused(refusal)
        }
        return parked(until: [deadline, limit].compactMap(\.self).min())
    }

    /// An overseer makes a new generation, not below `minimum`: of every device through the system's, and through a
    /// container's of that one.
    public mutating func triggered(minimum: UInt32, isPermitted: Bool, by id: WatcherID? = nil) -> Step {
        guard isPermitted else { return .refused(.notPermitted) }
        if let device = id.flatMap({ watchers[$0.rawValue]?.device }), let container = containers[device] {
            let next = container.forged.next(after: container.current, atLeast: minimum)
            return Step(.done, change(device, to: next))
        }
        return ownChange(to: forged.next(after: current, atLeast: minimum))
    }

    /// A request to trigger comes a second time, after a predecessor has made the change: only its answer is missing.
    public func triggeredBefore() -> Step {
        Step(.done)
    }

    // MARK: Bookkeeping

    /// Replaces the watcher by a changed one and keeps the census right.
    private mutating func update(_ watcher: inout Watcher, of id: WatcherID, _ body: (inout Watcher) -> Void) {
        count(watcher, by: -1)
        body(&watcher)
        count(watcher)
        watchers[id.rawValue] = watcher
    }

    /// Parks one more request of the watcher, or says why there cannot be one.
    private mutating func park(
        _ request: RequestID, on id: WatcherID, as kind: ParkedRequests.Kind, until deadline: Deadline? = nil,
        atMostUntil limit: Deadline?
    ) -> Refusal? {
        guard !isShuttingDown else { return .shuttingDown }
        guard var watcher = watchers[id.rawValue] else { return .noSuchWatcher }
        guard watcher.parkedCount < limits.parkedPerWatcher, parkedShares.hasRoom(for: watcher.opener) else {
            return .tooManyParked
        }
        watcher.parkedCount += 1
        parkedShares.add(watcher.opener)
        parked.add(
            request, of: id, at: watcher.device, as: kind, before: &watcher.firstParked, until: deadline,
            atMostUntil: limit)
        watchers[id.rawValue] = watcher
        return nil
    }

    /// The step of a request that was parked: its moment is arranged for where it is the next.
    private mutating func parked(until moment: Deadline?) -> Step {
        guard let moment, nextDeadline.map({ moment < $0 }) ?? true else { return Step(.parked) }
        nextDeadline = moment
        return Step(.parked, [.armDeadline(moment)])
    }
}
