import CSysGenID
import SysGenIDCore
import SysGenIDFuse
import SysGenIDSystem
import TestSupport
import Testing

@testable import SysGenIDFrontends

/// What the memory says of a frontend that does not go on.
@Suite struct HandoverDroppingTests {
    private let memory: HandoverMemory
    private static let character = WatcherID(slot: 0, uses: 0)
    private static let file = WatcherID(slot: 1, uses: 0)

    /// Both frontends are connected, and each has left something of every kind.
    init() throws {
        memory = try #require(try HandoverMemory(device: "/dev/sysgenid", limits: Limits(watchers: 16)))
        memory.commit(Record(generation: .fresh))
        for (kind, id) in [(FrontendKind.characterDevice, Self.character), (.counterFile, Self.file)] {
            memory.connected(kind, by: Agreement(handshake: Self.message(2, count: 104), reply: []))
            memory.mounted(kind, as: DeviceNumber(major: 0, minor: 47))
            let watcher = HandedWatcher(
                opener: Opener(thread: 1, userID: 0), acknowledged: .fresh, isTracked: false,
                awaitsPollNotification: false)
            let key = RequestKey(0x20, of: kind)
            memory.opened(id, watcher, by: key, flags: kind == .counterFile ? .isCounterFile : [])
            let parked = Self.message(0x30).withUnsafeBytes {
                memory.park($0, as: RequestKey(0x30, of: kind), until: nil)
            }
            try #require(parked != nil)
            memory.commit(Record(generation: Generation(rawValue: UInt32(id.slot) + 1)), by: RequestKey(0x40, of: kind))
            Self.message(0x50).withUnsafeBytes { memory.serving($0, of: kind) }
        }
    }

    private static func message(_ unique: UInt64, count: Int = 80) -> [UInt8] {
        var header = csysgenid_fuse_in_header()
        (header.len, header.unique) = (UInt32(count), unique)
        return withUnsafeBytes(of: header, Array.init) + [UInt8](repeating: 1, count: count - 40)
    }

    private func inheritance() throws -> Inheritance {
        try HandoverReader(memory.memory).continued().1
    }

    /// A successor goes on with these frontends.
    private func takeOver(by kinds: Set<FrontendKind>) throws -> Handover {
        var handover = try Handover(continuing: memory.memory, try CounterPage(generation: 0))
        handover.keepOnly(kinds)
        return handover
    }

    private func expectOnly(_ kind: FrontendKind, _ id: WatcherID, in found: Inheritance) {
        #expect(found.connected == [kind])
        #expect(found.frontends[kind]?.fileSystem == DeviceNumber(major: 0, minor: 47))
        #expect(Array(found.watchers.keys) == [id])
        #expect(found.slots[1 - id.slot] == WatcherSlot(uses: 1, watcher: nil))
        #expect(Array(found.unansweredOpens.keys) == [RequestKey(0x20, of: kind)])
        #expect(Array(found.parked.keys) == [RequestKey(0x30, of: kind)])
        #expect(found.triggers == [RequestKey(0x40, of: kind)])
        #expect(Array(found.served.keys) == [kind])
    }

    @Test(arguments: [(FrontendKind.characterDevice, character), (.counterFile, file)])
    func theDaemonAfterNextFindsNothingOfWhatWasDropped(_ kind: FrontendKind, _ id: WatcherID) throws {
        let handover = try takeOver(by: [kind])
        expectOnly(kind, id, in: try #require(handover.inheritance))
        expectOnly(kind, id, in: try inheritance())
    }

    @Test func theFileSystemOfAConnectionThatEndedIsNoLongerKnown() throws {
        _ = try takeOver(by: [.characterDevice])
        memory.connected(.counterFile, by: Agreement(handshake: Self.message(2, count: 104), reply: []))
        let found = try inheritance()
        #expect(found.connected == [.characterDevice, .counterFile])
        #expect(found.frontends[.counterFile]?.fileSystem == nil)
    }

    @Test func aSlotThatWasDroppedIsUsedAgain() throws {
        let handover = try takeOver(by: [.counterFile])
        let key = RequestKey(0x30, of: .characterDevice)
        let slot = Self.message(0x30).withUnsafeBytes { handover.memory.park($0, as: key, until: nil) }
        #expect(slot == 0)
        #expect(try inheritance().parked[key]?.slot == 0)
    }

    @Test func whatIsLeftOfAFrontendThatIsNoLongerConnectedIsNotTakenForIts() throws {
        memory.memory.store(UInt32(0), at: HandoverLayout.Frontend.offset(of: .characterDevice))
        // The service manager may have its descriptor still.
        _ = try takeOver(by: [.characterDevice, .counterFile])
        expectOnly(.counterFile, Self.file, in: try inheritance())
    }

    /// Whatever had been stored when the daemon was killed, the next one finds the frontend ended, and ends the rest.
    @Test func aDaemonThatIsKilledWhileItDropsHarmsNobody() throws {
        let words = memory.memory.size / 8
        let before = (0..<words).map { memory.memory.load(UInt64.self, at: 8 * $0) }
        _ = try takeOver(by: [.counterFile])
        let after = (0..<words).map { memory.memory.load(UInt64.self, at: 8 * $0) }
        // The count of successors is another thing.
        let first = HandoverLayout.Frontend.offset(of: .characterDevice) / 8
        let changed = (0..<words).filter { before[$0] != after[$0] && $0 >= 64 && $0 != first }
        #expect(changed.count >= 4)
        var random = SeededGenerator(seed: 14)
        for round in 0..<200 {
            for index in changed {
                let isStored = round == 0 ? false : Bool.random(using: &random)
                memory.memory.store(isStored ? after[index] : before[index], at: 8 * index)
            }
            memory.getOn()
            // It may be asked for what it can have, and has it not.
            _ = try takeOver(by: [.characterDevice, .counterFile])
            expectOnly(.counterFile, Self.file, in: try inheritance())
        }
    }

    /// Without `FUSE_NOTIFY_RESEND` a successor serves once more what was being served.
    @Test func anOpenThatWasAnsweredIsNotServedOnceMore() throws {
        Self.message(0x20).withUnsafeBytes { memory.serving($0, of: .counterFile) }
        memory.openAnswered(Self.file, of: .counterFile)
        let found = try inheritance()
        #expect(found.unansweredOpens[RequestKey(0x20, of: .counterFile)] == nil)
        #expect(found.unanswered(of: .counterFile) == [Self.message(0x30)])
    }

    @Test func aFrontendThatCannotBeContinuedLeavesNoWatcher() throws {
        let handover = try takeOver(by: [.characterDevice, .counterFile])
        let inheritance = try #require(handover.inheritance)
        let service = try GenerationService(
            continuing: inheritance.record, limits: Limits(watchers: 16), journal: Forgetful(), handover: handover
        ) { _ in }
        #expect(service.snapshot.census.watchers == 2)
        service.abandon(.characterDevice, leftBy: inheritance)
        #expect(service.snapshot.census.watchers == 1)
        expectOnly(.counterFile, Self.file, in: try self.inheritance())
        service.shutDown()
    }
}
