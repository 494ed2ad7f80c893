internal import CSysGenID
import SysGenIDCore
import SysGenIDFuse
import SysGenIDSystem

/// Reads what a predecessor has left. Nothing is believed: every number is held against its range, and what is said
/// twice makes all of it void.
struct HandoverReader {
    private typealias Layout = HandoverLayout

    private let memory: SharedMemory
    private let watcherCapacity: Int
    private let parkedCapacity: Int

    /// Checks that the memory is one that can be read.
    init(_ memory: SharedMemory) throws(HandoverDefect) {
        guard memory.size >= Layout.size(watcherCapacity: 1, parkedCapacity: 1),
            memory.load(UInt64.self, at: Layout.Header.magic) == Layout.magic
        else { throw .noMemoryOfOurs }
        let version = memory.load(UInt32.self, at: Layout.Header.version)
        guard version == Layout.version else { throw .otherVersion(version) }
        watcherCapacity = Int(memory.load(UInt32.self, at: Layout.Header.watcherCapacity))
        parkedCapacity = Int(memory.load(UInt32.self, at: Layout.Header.parkedCapacity))
        guard watcherCapacity > 0, parkedCapacity > 0,
            Layout.size(watcherCapacity: watcherCapacity, parkedCapacity: parkedCapacity) == memory.size
        else { throw .broken("its size") }
        let attempts = memory.load(UInt32.self, at: Layout.Header.attempts)
        guard attempts < Self.attemptLimit else { throw .neverContinued(attempts) }
        self.memory = memory
    }

    /// How many successors in a row may end before they have served anything: what ends each of them would end the next
    /// one, too, and clients are better off with an error than without an end. Fewer than a service manager allows
    /// (`StartLimitBurst=`).
    static let attemptLimit: UInt32 = 20

    /// The memory, to go on with.
    func continued() throws(HandoverDefect) -> (HandoverMemory, Inheritance) {
        let (record, triggers) = try changes()
        var found = Inheritance(record: record, device: try path(), attributes: attributes)
        found.lastContainerChange = lastContainerChange
        found.triggers = triggers
        try readWatchers(into: &found)
        let (vacant, used) = try readParked(into: &found)
        for kind in FrontendKind.allCases {
            found.frontends[kind] = try connection(of: kind)
            found.served[kind] = served(of: kind)
        }
        let continued = HandoverMemory(
            memory, watcherCapacity: watcherCapacity, parkedCapacity: parkedCapacity, vacant: vacant, used: used)
        return (continued, found)
    }

    /// The number by which the kernel knows a message; nil where it is none.
    static func unique(of message: [UInt8]) -> UInt64? {
        message.withUnsafeBytes { bytes in
            guard bytes.count >= MemoryLayout<csysgenid_fuse_in_header>.size else { return nil }
            let header = bytes.loadUnaligned(as: csysgenid_fuse_in_header.self)
            return Int(header.len) == bytes.count ? header.unique : nil
        }
    }

    private func changes() throws(HandoverDefect) -> (Record, Set<RequestKey>) {
        let count = memory.load(UInt64.self, at: Layout.Header.changeCount)
        guard count > 0, count < Layout.Change.numberLimit else { throw .broken("the number of changes") }
        let offset = Layout.Change.offset(of: count)
        let identityCount = memory.load(UInt32.self, at: offset + Layout.Change.identityCount)
        guard identityCount <= KnownIdentities.limit else { throw .broken("the number of identities") }
        let identities = (0..<Int(identityCount)).map { index in
            let place = offset + Layout.Change.identities + index * Layout.Change.identitySize
            return Identity(
                domain: Identity.Domain(rawValue: memory.load(UInt64.self, at: place)),
                high: memory.load(UInt64.self, at: place + 8), low: memory.load(UInt64.self, at: place + 16))
        }
        guard Set(identities.map(\.domain)).count == identities.count else { throw .broken("an identity") }
        let generation = memory.load(UInt32.self, at: offset + Layout.Change.generation)
        // One place of the ring may hold a change that never came to count.
        let known = min(count, UInt64(Layout.Change.ringSize - 1))
        let keys = (0..<known).map { back in
            memory.load(UInt64.self, at: Layout.Change.offset(of: count - back) + Layout.Change.key)
        }
        let record = Record(
            generation: Generation(rawValue: generation), identities: KnownIdentities(identities))
        return (record, Set(keys.filter { $0 != 0 }.map(RequestKey.init(rawValue:))))
    }

    /// The last change where it was one of a container's device alone, which may not have come to its page.
    private var lastContainerChange: DeviceChange? {
        let offset = Layout.Change.offset(of: memory.load(UInt64.self, at: Layout.Header.changeCount))
        let device = memory.load(UInt64.self, at: offset + Layout.Change.device)
        guard device != 0 else { return nil }
        return DeviceChange(
            device: DeviceID(rawValue: device),
            generation: Generation(rawValue: memory.load(UInt32.self, at: offset + Layout.Change.deviceGeneration)))
    }

    private func path() throws(HandoverDefect) -> String {
        let length = Int(memory.load(UInt32.self, at: Layout.Path.length))
        guard (1...Layout.Path.limit).contains(length) else { throw .broken("the path of the device") }
        return String(decoding: memory.load(length, at: Layout.Path.bytes), as: UTF8.self)
    }

    private var attributes: HandedAttributes {
        HandedAttributes(
            configured: DeviceAccess(
                permissions: memory.load(UInt32.self, at: Layout.Header.configuredPermissions),
                groupID: memory.load(UInt32.self, at: Layout.Header.configuredGroup)),
            permissions: memory.load(UInt32.self, at: Layout.Header.permissions) & 0o7777,
            userID: memory.load(UInt32.self, at: Layout.Header.user),
            groupID: memory.load(UInt32.self, at: Layout.Header.group),
            time: Int(Int64(bitPattern: memory.load(UInt64.self, at: Layout.Header.time))))
    }

    private func readWatchers(into found: inout Inheritance) throws(HandoverDefect) {
        let count = Int(memory.load(UInt32.self, at: Layout.Header.watcherSlots))
        guard count <= watcherCapacity else { throw .broken("the number of watchers") }
        found.slots.reserveCapacity(count)
        for slot in 0..<count {
            let offset = Layout.Watcher.offset(of: slot)
            let state = WatcherState(word: memory.load(UInt64.self, at: offset + Layout.Watcher.state))
            guard state.flags.isSubset(of: .all) else { throw .broken("a watcher") }
            guard state.flags.contains(.isOpen) else {
                found.slots.append(WatcherSlot(uses: state.uses, watcher: nil))
                continue
            }
            let id = WatcherID(slot: slot, uses: state.uses)
            let pollNumber = memory.load(UInt64.self, at: offset + Layout.Watcher.pollNumber)
            let acknowledged = memory.load(UInt32.self, at: offset + Layout.Watcher.acknowledged)
            let opener = try opener(at: offset)
            let watcher = HandedWatcher(
                opener: opener,
                device: DeviceID(rawValue: memory.load(UInt64.self, at: offset + Layout.Watcher.device)),
                isOfClock: state.flags.contains(.isOfClock),
                acknowledged: Generation(rawValue: acknowledged),
                isTracked: state.flags.contains(.isTracked), awaitsPollNotification: pollNumber != 0)
            found.slots.append(WatcherSlot(uses: state.uses, watcher: watcher))
            found.watchers[id] = Inheritance.HandedState(
                kind: state.kind,
                isCached: state.flags.contains(.isCached), isNonBlocking: state.flags.contains(.isNonBlocking),
                pollNumber: pollNumber,
                polledAt: Generation(rawValue: memory.load(UInt32.self, at: offset + Layout.Watcher.polledAt)))
            let key = memory.load(UInt64.self, at: offset + Layout.Watcher.openKey)
            guard key != 0 else { continue }
            guard found.unansweredOpens.updateValue(id, forKey: RequestKey(rawValue: key)) == nil else {
                throw .broken("an open")
            }
        }
    }

    private func opener(at offset: Int) throws(HandoverDefect) -> Opener {
        let account = Account(rawValue: memory.load(UInt64.self, at: offset + Layout.Watcher.account))
        guard let account, !account.isControlGroup else { throw .broken("an account") }
        let word = memory.load(UInt64.self, at: offset + Layout.Watcher.group)
        let group = Account(rawValue: word)
        guard word == 0 || group?.isControlGroup == true else { throw .broken("a control group") }
        return Opener(
            thread: Int32(bitPattern: memory.load(UInt32.self, at: offset + Layout.Watcher.thread)),
            userID: memory.load(UInt32.self, at: offset + Layout.Watcher.user), account: account, group: group)
    }

    /// - Returns: the slots that are free, and how many were ever used.
    private func readParked(into found: inout Inheritance) throws(HandoverDefect) -> (vacant: [Int], used: Int) {
        let count = Int(memory.load(UInt32.self, at: Layout.Header.parkedSlots))
        guard count <= parkedCapacity else { throw .broken("the number of parked requests") }
        var vacant: [Int] = []
        for slot in 0..<count {
            let offset = Layout.Parked.offset(of: slot, watcherCapacity: watcherCapacity)
            let key = RequestKey(rawValue: memory.load(UInt64.self, at: offset + Layout.Parked.key))
            guard key.rawValue != 0 else {
                vacant.append(slot)
                continue
            }
            let length = Int(memory.load(UInt32.self, at: offset + Layout.Parked.length))
            guard length <= Layout.Parked.messageLimit, let kind = key.kind else { throw .broken("a parked request") }
            let message = memory.load(length, at: offset + Layout.Parked.message)
            guard let unique = Self.unique(of: message), RequestKey(unique, of: kind) == key else {
                throw .broken("a parked request")
            }
            let deadline = memory.load(UInt64.self, at: offset + Layout.Parked.deadline)
            let limit = memory.load(UInt64.self, at: offset + Layout.Parked.limit)
            let request = Inheritance.HandedRequest(
                slot: slot, deadline: deadline == 0 ? nil : Deadline(rawValue: deadline),
                limit: limit == 0 ? nil : Deadline(rawValue: limit), message: message)
            guard found.parked.updateValue(request, forKey: key) == nil else { throw .broken("a parked request") }
            if memory.load(UInt32.self, at: offset + Layout.Parked.hasMadeChange) != 0 { found.triggers.insert(key) }
        }
        return (vacant, count)
    }

    private func connection(of kind: FrontendKind) throws(HandoverDefect) -> Inheritance.HandedConnection? {
        let offset = Layout.Frontend.offset(of: kind)
        let length = Int(memory.load(UInt32.self, at: offset + Layout.Frontend.length))
        guard length > 0 else { return nil }
        let replyLength = Int(memory.load(UInt32.self, at: offset + Layout.Frontend.replyLength))
        guard length <= Layout.Frontend.handshakeLimit, replyLength <= Layout.Frontend.replyLimit else {
            throw .broken("a handshake")
        }
        let handshake = memory.load(length, at: offset + Layout.Frontend.handshake)
        guard Self.unique(of: handshake) != nil else { throw .broken("a handshake") }
        let backing = Int32(bitPattern: memory.load(UInt32.self, at: offset + Layout.Frontend.backing))
        guard backing >= 0 else { throw .broken("a backing file") }
        let timeout = memory.load(UInt32.self, at: offset + Layout.Frontend.requestTimeout)
        let agreement = Agreement(
            handshake: handshake, reply: memory.load(replyLength, at: offset + Layout.Frontend.reply),
            backing: backing == 0 ? nil : backing, requestTimeout: timeout == 0 ? nil : timeout)
        let number = memory.load(UInt64.self, at: offset + Layout.Frontend.fileSystem)
        return Inheritance.HandedConnection(
            agreement: agreement,
            fileSystem: number == 0
                ? nil : DeviceNumber(major: UInt32(number >> 32), minor: UInt32(truncatingIfNeeded: number)))
    }

    /// The message that was being served; nil where there was none, or not all of it was kept.
    private func served(of kind: FrontendKind) -> [UInt8]? {
        let offset = Layout.Served.offset(of: kind)
        let length = Int(memory.load(UInt32.self, at: offset + Layout.Served.length))
        guard (1...Layout.Served.limit).contains(length) else { return nil }
        let message = memory.load(length, at: offset + Layout.Served.message)
        return Self.unique(of: message) == nil ? nil : message
    }
}
