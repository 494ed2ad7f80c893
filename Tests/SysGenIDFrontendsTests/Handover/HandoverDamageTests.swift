import SysGenIDCore
import SysGenIDSystem
import TestSupport
import Testing

@testable import SysGenIDFrontends

/// Memory that no daemon has written like this.
@Suite struct HandoverDamageTests {
    private let memory: HandoverMemory

    init() throws {
        memory = try #require(try HandoverMemory(device: "/dev/sysgenid", limits: Limits(watchers: 16)))
        memory.commit(Record(generation: .fresh))
        let watcher = HandedWatcher(
            opener: Opener(thread: 1, userID: 0, account: .privileged), acknowledged: .fresh, isTracked: true,
            awaitsPollNotification: false)
        for slot in 0..<3 {
            let key = RequestKey(UInt64(2 * slot + 2), of: .counterFile)
            memory.opened(WatcherID(slot: slot, uses: 0), watcher, by: key, flags: .isCounterFile)
        }
    }

    private func reading() -> HandoverDefect? {
        do throws(HandoverDefect) {
            _ = try HandoverReader(memory.memory).continued()
            return nil
        } catch {
            return error
        }
    }

    @Test func otherMemoryIsNone() throws {
        for size in [4_096, 61_440, 1 << 20] {
            let other = try SharedMemory(named: "other", size: size)
            #expect(throws: HandoverDefect.noMemoryOfOurs) { try HandoverReader(other) }
        }
    }

    @Test func anotherVersionIsNamed() {
        memory.memory.store(UInt32(9), at: HandoverLayout.Header.version)
        #expect(reading() == .otherVersion(9))
        #expect(reading()?.description == "its version is 9, and only version \(HandoverLayout.version) can be read")
    }

    @Test(
        arguments: [
            (HandoverLayout.Header.watcherCapacity, 200, "its size"),
            (HandoverLayout.Header.watcherCapacity, 0, "its size"),
            (HandoverLayout.Header.parkedCapacity, .max, "its size"),
            (HandoverLayout.Header.watcherSlots, 17, "the number of watchers"),
            (HandoverLayout.Header.parkedSlots, .max, "the number of parked requests"),
            (HandoverLayout.Header.changeCount, 0, "the number of changes"),
            (HandoverLayout.Header.changeCount + 4, 1 << 30, "the number of changes"),
            (HandoverLayout.Change.offset(of: 1) + HandoverLayout.Change.identityCount, 4, "the number of identities"),
            (HandoverLayout.Path.length, 0, "the path of the device"),
            (HandoverLayout.Path.length, 1_025, "the path of the device"),
            (HandoverLayout.Watcher.offset(of: 1) + 4, 1 | 1 << 9, "a watcher"),
            (HandoverLayout.Watcher.offset(of: 1) + HandoverLayout.Watcher.openKey, 2, "an open"),
            (HandoverLayout.Watcher.offset(of: 1) + HandoverLayout.Watcher.account, 1, "an account"),
            (HandoverLayout.Watcher.offset(of: 1) + HandoverLayout.Watcher.account + 4, 0, "an account"),
            (HandoverLayout.Watcher.offset(of: 1) + HandoverLayout.Watcher.account + 4, 3 << 24, "an account"),
            (HandoverLayout.Watcher.offset(of: 1) + HandoverLayout.Watcher.account + 4, 9 << 24, "an account"),
            (HandoverLayout.Watcher.offset(of: 1) + HandoverLayout.Watcher.group, 7, "a control group"),
            (HandoverLayout.Watcher.offset(of: 1) + HandoverLayout.Watcher.group + 4, 1 << 24, "a control group"),
            (HandoverLayout.Frontend.offset(of: .counterFile), 257, "a handshake"),
            (HandoverLayout.Frontend.offset(of: .counterFile), 56, "a handshake"),
        ] as [(Int, UInt32, String)])
    func aNumberOutOfItsRangeMakesAllOfItVoid(_ offset: Int, _ word: UInt32, _ part: String) {
        if part == "an open" {
            memory.memory.store(UInt64(word) | 1 << 62, at: offset)
        } else {
            memory.memory.store(word, at: offset)
        }
        #expect(reading() == .broken(part))
    }

    @Test func whatEveryDaemonEndsOverIsGivenUp() throws {
        for _ in 0..<HandoverReader.attemptLimit {
            #expect(reading() == nil)
            memory.begin(isExplained: false)
        }
        #expect(reading() == .neverContinued(20))
        #expect(reading()?.description == "20 daemons in a row have ended while they tried")
        memory.getOn()
        #expect(reading() == nil)
    }

    @Test func aParkedRequestMustBeWhatItsMessageSays() {
        let offset = HandoverLayout.Parked.offset(of: 0, watcherCapacity: 16)
        memory.memory.store(UInt32(1), at: HandoverLayout.Header.parkedSlots)
        #expect(reading() == nil)
        for (key, length) in [(RequestKey(2, of: .counterFile), UInt32(80)), (RequestKey(2, of: .counterFile), 129)] {
            memory.memory.store(length, at: offset + HandoverLayout.Parked.length)
            memory.memory.store(key.rawValue, at: offset)
            #expect(reading() == .broken("a parked request"))
        }
    }

    @Test func randomWordsAreNoHarm() throws {
        var random = SeededGenerator(seed: 3)
        var intact = 0
        for _ in 0..<2_000 {
            // The header, and the watchers.
            let words = Bool.random(using: &random) ? 4..<32 : (61_440 / 4)..<(61_696 / 4)
            let offset = 4 * Int.random(in: words, using: &random)
            let before = memory.memory.load(UInt32.self, at: offset)
            memory.memory.store(UInt32.random(in: 0...UInt32.max, using: &random), at: offset)
            if reading() == nil { intact += 1 }
            if Bool.random(using: &random) { memory.memory.store(before, at: offset) }
        }
        #expect(intact < 2_000)
    }
}
