import CSysGenID
import SysGenIDCore
import SysGenIDFuse
import SysGenIDSystem
import Testing

@testable import SysGenIDFrontends

/// What the memory says after each step of a daemon's life.
@Suite struct HandoverTests {
    private let memory: HandoverMemory

    init() throws {
        memory = try #require(try HandoverMemory(device: "/dev/sysgenid", limits: Limits(watchers: 16)))
        memory.commit(Record(generation: Generation(rawValue: 7)))
    }

    private func inheritance() throws -> Inheritance {
        try HandoverReader(memory.memory).continued().1
    }

    private let key = RequestKey(0x10, of: .counterFile)

    /// One whose account is not that of his user id.
    private static let opener = Opener(
        thread: 5, userID: 100_000, account: .user(1_000), group: .controlGroup("/user.slice/user-1000.slice".utf8))

    private func open(_ id: WatcherID, acknowledged: UInt32 = 7) {
        let watcher = HandedWatcher(
            opener: Self.opener, acknowledged: Generation(rawValue: acknowledged),
            isTracked: false, awaitsPollNotification: false)
        memory.opened(id, watcher, by: key, flags: .isCounterFile)
    }

    @Test func aNewMemoryHasNothingButItsRecord() throws {
        let found = try inheritance()
        #expect(found.record == Record(generation: Generation(rawValue: 7)))
        #expect(found.device == "/dev/sysgenid")
        #expect(found.slots.isEmpty)
        #expect(found.connected.isEmpty)
        #expect(found.unanswered(of: .counterFile).isEmpty)
    }

    @Test func aWatcherIsThereFromItsOpenToItsClose() throws {
        let id = WatcherID(slot: 2, uses: 3)
        open(id)
        var found = try inheritance()
        #expect(found.slots.count == 3)
        #expect(found.slots[2].uses == 3)
        #expect(found.slots[2].watcher?.opener == Self.opener)
        #expect(found.unansweredOpens == [key: id])
        #expect(found.watchers[id]?.kind == .counterFile)

        memory.openAnswered(id, of: .counterFile)
        var watcher = try #require(found.slots[2].watcher)
        (watcher.isTracked, watcher.acknowledged) = (true, Generation(rawValue: 8))
        memory.changed(id, to: watcher)
        memory.polled(id, number: 99, at: Generation(rawValue: 8))
        found = try inheritance()
        #expect(found.unansweredOpens.isEmpty)
        #expect(found.slots[2].watcher?.isTracked == true)
        #expect(found.slots[2].watcher?.acknowledged == Generation(rawValue: 8))
        #expect(found.slots[2].watcher?.awaitsPollNotification == true)
        #expect(found.watchers[id]?.pollNumber == 99)
        #expect(found.watchers[id]?.polledAt == Generation(rawValue: 8))

        memory.closed(id)
        found = try inheritance()
        #expect(found.slots[2] == WatcherSlot(uses: 4, watcher: nil))
        #expect(found.watchers.isEmpty)
    }

    @Test func aWatcherInAnUsedSlotInheritsNothing() throws {
        let first = WatcherID(slot: 0, uses: 0)
        open(first)
        memory.polled(first, number: 99, at: Generation(rawValue: 7))
        memory.closed(first)
        let second = WatcherID(slot: 0, uses: 1)
        open(second)
        let found = try inheritance()
        #expect(found.watchers[second]?.pollNumber == 0)
        #expect(found.slots[0].watcher?.awaitsPollNotification == false)
    }

    @Test func aChangeCountsFromItsLastStoreOn() throws {
        let identity = Identity(domain: .vmGenerationID, high: 1, low: 2)
        let record = Record(generation: Generation(rawValue: 8), identities: [identity])
        memory.commit(record, by: key)
        #expect(try inheritance().record == record)
        #expect(try inheritance().triggers == [key])
        // As if the daemon had been killed just before.
        memory.memory.store(UInt64(1), at: HandoverLayout.Header.changeCount)
        #expect(try inheritance().record == Record(generation: Generation(rawValue: 7)))
        #expect(try inheritance().triggers.isEmpty)
    }

    @Test func theLastChangesAreRememberedByTheirRequests() throws {
        for number in UInt32(8)..<1_000 {
            memory.commit(
                Record(generation: Generation(rawValue: number)), by: RequestKey(UInt64(number) * 2, of: .counterFile))
        }
        let found = try inheritance()
        #expect(found.record.generation == Generation(rawValue: 999))
        #expect(found.triggers.count == HandoverLayout.Change.ringSize - 1)
        #expect(found.triggers.contains(RequestKey(999 * 2, of: .counterFile)))
    }

    /// More than the ring of the changes has room for, as where changes wait for the kernel's cache.
    @Test func aTriggerIsRememberedAsLongAsItsAnswerIsMissing() throws {
        let keys = (1...1_000).map { RequestKey(UInt64($0) * 2, of: .counterFile) }
        let slots = keys.enumerated().map { number, key in
            memory.commit(Record(generation: Generation(rawValue: 8 + UInt32(number))), by: key)
            return message(key.rawValue & (1 << 62 - 1)).withUnsafeBytes {
                memory.park($0, as: key, until: nil, hasMadeChange: true)
            }
        }
        #expect(try inheritance().triggers == Set(keys))
        // So it is by a successor that has not come to answer them either.
        #expect(try HandoverReader(memory.memory).continued().1.triggers == Set(keys))

        // What has been answered is forgotten, and whoever gets the slot is none that has made a change.
        memory.unpark(try #require(slots[0]))
        let reader = RequestKey(5_000, of: .counterFile)
        _ = message(5_000).withUnsafeBytes { memory.park($0, as: reader, until: nil) }
        let found = try inheritance().triggers
        #expect(!found.contains(reader) && !found.contains(keys[0]) && found.contains(keys[1]))
    }

    /// A message of the kernel with this number, of so many bytes.
    private func message(_ unique: UInt64, count: Int = 80) -> [UInt8] {
        var header = csysgenid_fuse_in_header()
        (header.len, header.unique) = (UInt32(count), unique)
        return withUnsafeBytes(of: header, Array.init) + [UInt8](repeating: 1, count: count - 40)
    }

    @Test func requestsThatWaitAreKeptUntilTheyAreAnswered() throws {
        let parked = message(0x10)
        let slot = try #require(
            parked.withUnsafeBytes { memory.park($0, as: key, until: Deadline(rawValue: 55)) })
        message(0x12).withUnsafeBytes { memory.serving($0, of: .counterFile) }
        message(0x10).withUnsafeBytes { memory.serving($0, of: .characterDevice) }
        var found = try inheritance()
        #expect(found.parked[key]?.deadline == Deadline(rawValue: 55))
        #expect(found.unanswered(of: .counterFile) == [message(0x12), parked])
        #expect(found.unanswered(of: .characterDevice) == [message(0x10)])
        memory.unpark(slot)
        memory.served(of: .counterFile)
        found = try inheritance()
        #expect(found.unanswered(of: .counterFile).isEmpty)
    }

    @Test func aRequestThatIsParkedAndServedIsAskedOnce() throws {
        let parked = message(0x10)
        _ = parked.withUnsafeBytes { memory.park($0, as: key, until: nil) }
        message(0x10 | 1 << 63).withUnsafeBytes { memory.serving($0, of: .counterFile) }
        #expect(try inheritance().unanswered(of: .counterFile).count == 1)
    }

    @Test func whatWasServedIsNotLostWhileTheRestIsServedAgain() throws {
        let (parked, last) = (message(0x10), message(0x12))
        _ = parked.withUnsafeBytes { memory.park($0, as: key, until: nil) }
        last.withUnsafeBytes { memory.serving($0, of: .counterFile) }
        // A successor is killed over the first that it is given.
        let first = try #require(try inheritance().unanswered(of: .counterFile).first)
        first.withUnsafeBytes { memory.serving($0, of: .counterFile) }
        #expect(try inheritance().unanswered(of: .counterFile) == [last, parked])
    }

    @Test func theRequestOverWhichFiveDaemonsInARowEndIsCondemned() throws {
        memory.connected(.counterFile, by: Agreement(handshake: message(2, count: 104), reply: []))
        for death in 1...6 {
            // Each gets it again, with the mark of the kernel.
            message(0x12 | (death == 1 ? 0 : 1 << 63)).withUnsafeBytes { memory.serving($0, of: .counterFile) }
            let condemned = try successor().session(of: .counterFile)?.condemned
            #expect(condemned == (death < 5 ? nil : 0x12), "after \(death) deaths")
            // That one ends before it has served anything.
            #expect(try successor().session(of: .counterFile)?.condemned == nil)
        }
        #expect(memory.memory.load(UInt32.self, at: HandoverLayout.Header.attempts) == 1)
    }

    @Test func anotherRequestOrOneThatWasServedIsNotCondemned() throws {
        memory.connected(.counterFile, by: Agreement(handshake: message(2, count: 104), reply: []))
        for death in 1...12 {
            message(death.isMultiple(of: 5) ? 0x14 : 0x12).withUnsafeBytes { memory.serving($0, of: .counterFile) }
            #expect(try successor().session(of: .counterFile)?.condemned == nil)
        }
        memory.acquit(.counterFile)
        for _ in 1...4 {
            message(0x12).withUnsafeBytes { memory.serving($0, of: .counterFile) }
            #expect(try successor().session(of: .counterFile)?.condemned == nil)
        }
    }

    /// What the next daemon inherits when it begins.
    private func successor() throws -> Inheritance {
        let page = try CounterPage(generation: 7)
        return try #require(try Handover(continuing: memory.memory, page).inheritance)
    }

    @Test func slotsOfParkedRequestsAreUsedAgainAlsoByASuccessor() throws {
        let bytes = message(0x10)
        let first = bytes.withUnsafeBytes { memory.park($0, as: key, until: nil) }
        let other = message(0x20)
        let otherKey = RequestKey(0x20, of: .counterFile)
        let second = other.withUnsafeBytes { memory.park($0, as: otherKey, until: nil) }
        memory.unpark(try #require(first))
        let successor = try HandoverReader(memory.memory).continued().0
        let third = bytes.withUnsafeBytes { successor.park($0, as: key, until: nil) }
        #expect(third == first)
        let fourth = bytes.withUnsafeBytes { successor.park($0, as: RequestKey(0x30, of: .counterFile), until: nil) }
        #expect(fourth != second && fourth != first)
    }

    @Test func whatBelongsToAFrontendThatDoesNotGoOnIsLeftOut() throws {
        open(WatcherID(slot: 0, uses: 0))
        message(0x12).withUnsafeBytes { memory.serving($0, of: .counterFile) }
        let agreement = Agreement(handshake: message(2, count: 104), reply: [1, 2], backing: 1, requestTimeout: 60)
        memory.connected(.counterFile, by: agreement)
        memory.connected(.characterDevice, by: Agreement(handshake: message(2, count: 56), reply: []))
        var found = try inheritance()
        #expect(found.connected == [.counterFile, .characterDevice])
        #expect(found.session(of: .counterFile)?.agreement == agreement)
        found.keepOnly([.characterDevice])
        #expect(found.connected == [.characterDevice])
        #expect(found.slots == [WatcherSlot(uses: 1, watcher: nil)])
        #expect(found.watchers.isEmpty && found.unansweredOpens.isEmpty && found.served.isEmpty)
    }
}
