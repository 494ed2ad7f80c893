import Testing

@testable import SysGenIDSystem

struct EventCountTests {
    @Test func nobodyWaitsForWhatHasHappened() {
        let count = EventCount()
        let seen = count.current
        #expect(!count.wait(past: seen, until: 0))
        count.advance()
        #expect(count.wait(past: seen) && count.wait(past: seen, until: 0))
        #expect(!count.wait(past: count.current, until: MonotonicClock.now() + 1_000_000))
    }

    /// Each waits for what the other one does, so that one wake-up that is lost holds up both.
    @Test func noWakeUpIsLost() throws {
        let (there, back) = (EventCount(), EventCount())
        let turns: UInt32 = 20_000
        let partner = try Thread(named: "partner") {
            for turn in 0..<turns {
                _ = there.wait(past: turn)
                back.advance()
            }
        }
        for turn in 0..<turns {
            there.advance()
            _ = back.wait(past: turn)
        }
        partner.join()
        #expect(there.current == turns && back.current == turns)
    }

    @Test func whatWasStoredBeforeIsSeenAfter() throws {
        let count = EventCount()
        let stored = Lock(0)
        let storing = try Thread(named: "storing") {
            stored.withLock { $0 = 7 }
            count.advance()
        }
        #expect(count.wait(past: 0))
        #expect(stored.withLock(\.self) == 7)
        storing.join()
    }
}
