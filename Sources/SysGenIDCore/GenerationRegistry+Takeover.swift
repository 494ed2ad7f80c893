// What a successor of the daemon needs of the watchers, and a registry that continues with it.

/// A watcher as it is handed to a successor.
public struct HandedWatcher: Hashable, Sendable {
    public var opener: Opener
    /// What it has opened.
    public var device: DeviceID
    /// Whether that is the device's page in the layout of a vmclock.
    public var isOfClock: Bool
    /// The generation, or of such a page the sequence number.
    public var acknowledged: Generation
    public var isTracked: Bool
    /// A poll sleeps, or may: it is to be told of the next change.
    public var awaitsPollNotification: Bool

    public init(
        opener: Opener, device: DeviceID = .system, isOfClock: Bool = false, acknowledged: Generation, isTracked: Bool,
        awaitsPollNotification: Bool
    ) {
        self.opener = opener
        self.device = device
        self.isOfClock = isOfClock
        self.acknowledged = acknowledged
        self.isTracked = isTracked
        self.awaitsPollNotification = awaitsPollNotification
    }
}

/// A place in the table of watchers. Vacant ones count, too: no watcher may get the number of an earlier one.
public struct WatcherSlot: Hashable, Sendable {
    /// How many watchers the place had before.
    public var uses: UInt32
    public var watcher: HandedWatcher?

    public init(uses: UInt32, watcher: HandedWatcher?) {
        self.uses = uses
        self.watcher = watcher
    }
}

extension WatcherID {
    /// The watcher of a slot.
    public init(slot: Int, uses: UInt32) {
        self.init(rawValue: UInt64(uses) << 32 | UInt64(slot))
    }

    /// Its place in the table of watchers.
    public var slot: Int { Int(rawValue & 0xffff_ffff) }
    /// How many watchers the place had before.
    public var uses: UInt32 { UInt32(rawValue >> 32) }
}

extension GenerationRegistry {
    /// A registry that continues with the watchers of a predecessor. Parked requests are not among what is handed
    /// over: they are asked again.
    ///
    /// - Parameters:
    ///   - generations: of the devices of containers. A watcher of another device is none.
    ///   - sequences: of the pages in the layout of a vmclock, the system's among them.
    public init(
        continuing record: Record, limits: Limits, watchers slots: [WatcherSlot],
        containers generations: [DeviceID: Generation] = [:], clocks sequences: [DeviceID: UInt32] = [:],
        forged: ForgedGenerations = ForgedGenerations()
    ) {
        self.init(
            continuing: record, limits: limits, forged: forged,
            clockSequence: sequences[.system] ?? ClockSequence.first)
        for (device, generation) in generations {
            containers[device] = Container(
                current: generation, clockSequence: sequences[device] ?? ClockSequence.first)
        }
        watchers = SlotTable(slots.map { ($0.uses, $0.watcher.map(Watcher.init)) })
        for (index, slot) in slots.enumerated() {
            guard let watcher = slot.watcher else { continue }
            watcherShares.add(watcher.opener)
            count(Watcher(watcher))
            link(WatcherID(slot: index, uses: slot.uses))
        }
    }

    /// The watcher as it is to be handed over; nil where there is none of that number.
    public func handedWatcher(_ id: WatcherID) -> HandedWatcher? {
        watchers[id.rawValue].map {
            HandedWatcher(
                opener: $0.opener, device: $0.device, isOfClock: $0.isOfClock, acknowledged: $0.acknowledged,
                isTracked: $0.isTracked,
                awaitsPollNotification: $0.awaitsPollNotification)
        }
    }

    /// All places of the table of watchers, as they are to be handed over.
    public var handedSlots: [WatcherSlot] {
        watchers.keys.map { key in
            let id = WatcherID(rawValue: key)
            return WatcherSlot(uses: id.uses, watcher: handedWatcher(id))
        }
    }
}

extension Watcher {
    fileprivate init(_ handed: HandedWatcher) {
        opener = handed.opener
        device = handed.device
        isOfClock = handed.isOfClock
        acknowledged = handed.acknowledged
        isTracked = handed.isTracked
        awaitsPollNotification = handed.awaitsPollNotification
    }
}
