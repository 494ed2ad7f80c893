public import SysGenIDCore
import SysGenIDFuse
public import SysGenIDSystem

/// The memory that outlives the daemon: what a successor needs, right at every moment.
///
/// The daemon may be killed between any two stores. So what makes an entry valid is one word that is stored last, and
/// what ends it is the same word, stored first.
public final class HandoverMemory: Sendable {
    typealias Layout = HandoverLayout

    public let memory: SharedMemory
    /// How many watchers there is room for.
    public let watcherCapacity: Int
    let parkedCapacity: Int
    private let parking: Lock<Parking>

    /// Which slots of parked requests are free.
    private struct Parking {
        var vacant: [Int] = []
        var used: Int
    }

    /// Makes an empty memory.
    ///
    /// - Returns: nil where the path of the device is too long to be handed over.
    public init?(device: String, limits: Limits) throws(SystemCallFailure) {
        guard device.utf8.count <= Layout.Path.limit else { return nil }
        watcherCapacity = limits.watchers
        parkedCapacity = limits.parked
        let size = Layout.size(watcherCapacity: watcherCapacity, parkedCapacity: parkedCapacity)
        memory = try SharedMemory(named: "sysgenid-watchers", size: size)
        parking = Lock(Parking(used: 0))
        Array(device.utf8).withUnsafeBytes { memory.store($0, at: Layout.Path.bytes) }
        memory.store(UInt32(device.utf8.count), at: Layout.Path.length)
        memory.store(UInt32(watcherCapacity), at: Layout.Header.watcherCapacity)
        memory.store(UInt32(parkedCapacity), at: Layout.Header.parkedCapacity)
        memory.store(Layout.version, at: Layout.Header.version)
        memory.store(Layout.magic, at: Layout.Header.magic)
    }

    /// Continues with the memory of a predecessor, after what it holds was read.
    init(_ memory: SharedMemory, watcherCapacity: Int, parkedCapacity: Int, vacant: [Int], used: Int) {
        self.memory = memory
        self.watcherCapacity = watcherCapacity
        self.parkedCapacity = parkedCapacity
        parking = Lock(Parking(vacant: vacant, used: used))
    }

    // MARK: Changes

    /// Whether there is nothing to continue with yet.
    var holdsNoChange: Bool { memory.load(UInt64.self, at: Layout.Header.changeCount) == 0 }

    /// Makes the record the one that a successor continues with.
    ///
    /// - Parameters:
    ///   - key: the request that is the reason, so that it makes no second change when it comes again.
    ///   - change: of a container's device alone, with which the record stays as it was.
    func commit(_ record: Record, by key: RequestKey? = nil, changing change: DeviceChange? = nil) {
        let number = memory.load(UInt64.self, at: Layout.Header.changeCount) + 1
        let offset = Layout.Change.offset(of: number)
        memory.store(record.generation.rawValue, at: offset + Layout.Change.generation)
        memory.store(UInt32(record.identities.all.count), at: offset + Layout.Change.identityCount)
        memory.store(key?.rawValue ?? 0, at: offset + Layout.Change.key)
        var place = offset + Layout.Change.identities
        for identity in record.identities.all {
            memory.store(identity.domain.rawValue, at: place)
            memory.store(identity.high, at: place + 8)
            memory.store(identity.low, at: place + 16)
            place += Layout.Change.identitySize
        }
        memory.store(change?.device.rawValue ?? 0, at: offset + Layout.Change.device)
        memory.store(change?.generation.rawValue ?? 0, at: offset + Layout.Change.deviceGeneration)
        memory.store(number, at: Layout.Header.changeCount)
    }

    // MARK: Watchers

    /// There is a new watcher; the kernel does not know yet.
    func opened(_ id: WatcherID, _ watcher: HandedWatcher, by key: RequestKey, flags: WatcherState.Flags) {
        let offset = Layout.Watcher.offset(of: id.slot)
        if id.slot >= Int(memory.load(UInt32.self, at: Layout.Header.watcherSlots)) {
            memory.store(UInt32(id.slot + 1), at: Layout.Header.watcherSlots)
        }
        memory.store(watcher.acknowledged.rawValue, at: offset + Layout.Watcher.acknowledged)
        memory.store(UInt32(0), at: offset + Layout.Watcher.polledAt)
        memory.store(UInt64(0), at: offset + Layout.Watcher.pollNumber)
        memory.store(UInt32(bitPattern: watcher.opener.thread), at: offset + Layout.Watcher.thread)
        memory.store(watcher.opener.userID, at: offset + Layout.Watcher.user)
        memory.store(key.rawValue, at: offset + Layout.Watcher.openKey)
        memory.store(watcher.opener.account.rawValue, at: offset + Layout.Watcher.account)
        memory.store(watcher.opener.group?.rawValue ?? 0, at: offset + Layout.Watcher.group)
        memory.store(watcher.device.rawValue, at: offset + Layout.Watcher.device)
        memory.store(WatcherState(uses: id.uses, flags: flags.union(.isOpen)).word, at: offset + Layout.Watcher.state)
    }

    /// The kernel knows of the watcher. So its open is no longer served: given once more to a successor, which knows it no
    /// longer as unanswered, it would make a second watcher that nobody closes.
    func openAnswered(_ id: WatcherID, of kind: FrontendKind) {
        served(of: kind)
        memory.store(UInt64(0), at: Layout.Watcher.offset(of: id.slot) + Layout.Watcher.openKey)
    }

    /// What the watcher has acknowledged, and whether it is tracked, may have changed.
    func changed(_ id: WatcherID, to watcher: HandedWatcher) {
        let offset = Layout.Watcher.offset(of: id.slot)
        memory.store(watcher.acknowledged.rawValue, at: offset + Layout.Watcher.acknowledged)
        var state = WatcherState(word: memory.load(UInt64.self, at: offset + Layout.Watcher.state))
        if watcher.isTracked { state.flags.insert(.isTracked) } else { state.flags.remove(.isTracked) }
        memory.store(state.word, at: offset + Layout.Watcher.state)
    }

    /// A poll sleeps, or may, and was told how its watcher stands at this generation; nil where maybe nobody heard it.
    func polled(_ id: WatcherID, number: UInt64, at current: Generation?) {
        let offset = Layout.Watcher.offset(of: id.slot)
        if let current { memory.store(current.rawValue, at: offset + Layout.Watcher.polledAt) }
        memory.store(number, at: offset + Layout.Watcher.pollNumber)
    }

    func closed(_ id: WatcherID) {
        let state = WatcherState(uses: id.uses &+ 1)
        memory.store(state.word, at: Layout.Watcher.offset(of: id.slot) + Layout.Watcher.state)
    }

    // MARK: Requests

    /// The session of this frontend begins to serve a message; it is over with the next, or with `served`.
    func serving(_ message: UnsafeRawBufferPointer, of kind: FrontendKind) {
        let offset = Layout.Served.offset(of: kind)
        guard message.count <= Layout.Served.limit else { return }
        memory.store(UInt32(0), at: offset + Layout.Served.length)
        memory.store(message, at: offset + Layout.Served.message)
        memory.store(UInt32(0), at: offset + Layout.Served.isBlamed)
        memory.store(UInt32(message.count), at: offset + Layout.Served.length)
    }

    func served(of kind: FrontendKind) {
        memory.store(UInt32(0), at: Layout.Served.offset(of: kind) + Layout.Served.length)
    }

    /// Keeps a request whose answer comes later.
    ///
    /// - Parameter hasMadeChange: the request has made the change that it asks for, and only its answer is missing. The
    ///   ring of the changes forgets it while others come.
    /// - Returns: its slot; nil where there is no room.
    func park(
        _ message: UnsafeRawBufferPointer, as key: RequestKey, until deadline: Deadline?,
        atMostUntil limit: Deadline? = nil, hasMadeChange: Bool = false
    ) -> Int? {
        guard message.count <= Layout.Parked.messageLimit, let slot = takeParkedSlot() else { return nil }
        let offset = Layout.Parked.offset(of: slot, watcherCapacity: watcherCapacity)
        memory.store(message, at: offset + Layout.Parked.message)
        memory.store(UInt32(message.count), at: offset + Layout.Parked.length)
        memory.store(deadline?.rawValue ?? 0, at: offset + Layout.Parked.deadline)
        memory.store(UInt32(hasMadeChange ? 1 : 0), at: offset + Layout.Parked.hasMadeChange)
        memory.store(limit?.rawValue ?? 0, at: offset + Layout.Parked.limit)
        memory.store(key.rawValue, at: offset + Layout.Parked.key)
        return slot
    }

    /// The request in the slot was answered.
    func unpark(_ slot: Int) {
        let offset = Layout.Parked.offset(of: slot, watcherCapacity: watcherCapacity)
        memory.store(UInt64(0), at: offset + Layout.Parked.key)
        parking.withLock { $0.vacant.append(slot) }
    }

    private func takeParkedSlot() -> Int? {
        parking.withLock { parking in
            if let vacant = parking.vacant.popLast() { return vacant }
            guard parking.used < parkedCapacity else { return nil }
            parking.used += 1
            memory.store(UInt32(parking.used), at: Layout.Header.parkedSlots)
            return parking.used - 1
        }
    }
}
