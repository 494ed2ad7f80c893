import SysGenIDSystem
import Testing

@testable import SysGenIDBackends

/// When the next look is due, by what the sources are.
struct NextLookTests {
    private static let millisecond: UInt64 = 1_000_000
    private static let second: UInt64 = 1_000_000_000
    /// When each source was looked at last.
    private static let start = 5 * second

    /// A source, as it was found at the last look.
    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var isReadable = true
        var isAnnouncing = false
        var patience: UInt64 = 0
        /// Milliseconds.
        var interval: UInt64 = 100
        /// Milliseconds after the last look.
        var next: UInt64
    }

    private static let cases = [
        Case(testDescription: "announces nothing", next: 100),
        Case(testDescription: "announces nothing, long interval", interval: 60_000, next: 60_000),
        Case(testDescription: "patient", patience: second, next: 1_000),
        Case(testDescription: "patient, longer interval", patience: second, interval: 1_500, next: 1_500),
        Case(testDescription: "announces its changes", isAnnouncing: true, next: 1_000),
        Case(testDescription: "announces its changes, patient", isAnnouncing: true, patience: 2 * second, next: 2_000),
        Case(
            testDescription: "announces its changes, long interval", isAnnouncing: true, interval: 60_000, next: 60_000),
        Case(testDescription: "failing", isReadable: false, next: 100),
        Case(testDescription: "failing, patient", isReadable: false, patience: second, next: 100),
        Case(testDescription: "failing, announces its changes", isReadable: false, isAnnouncing: true, next: 100),
    ]

    @Test("what is open", arguments: cases)
    func open(_ test: Case) throws {
        let source = try CountingSource(isAnnouncing: test.isAnnouncing)
        var lineup = Lineup([source.candidate("source", patience: test.patience)], now: 0)
        source.state.withLock { $0.isReadable = test.isReadable }
        _ = lineup.look(isPrompted: true, now: Self.start)
        #expect(lineup.announcer(of: 0) == source.pollDescriptor)
        let next = lineup.nextLook(every: test.interval * Self.millisecond)
        #expect(next == Self.start + test.next * Self.millisecond)
        // Whoever wakes up then finds that it is due.
        #expect(lineup.look(isPrompted: false, now: next!) != [nil])
    }

    @Test func theEarliestCounts() throws {
        let (polled, announcing) = (try CountingSource(), try CountingSource(isAnnouncing: true))
        let candidates = [
            announcing.candidate("log"), polled.candidate("patient", patience: Self.second), polled.candidate("memory"),
        ]
        func next(_ chosen: [Int]) -> UInt64? {
            var lineup = Lineup(chosen.map { candidates[$0] }, now: Self.start)
            for index in lineup.indices { _ = lineup.announcer(of: index) }
            return lineup.nextLook(every: 100 * Self.millisecond).map { ($0 - Self.start) / Self.millisecond }
        }
        #expect(next([0, 1, 2]) == 100)
        #expect(next([0, 1]) == 1_000)
        #expect(next([2, 0]) == 100)
        #expect(next([0]) == 1_000)
        #expect(next([]) == nil)
    }

    @Test func whatIsNotThereIsTriedAgainAndThenNoMore() throws {
        let (missing, log) = (try CountingSource(), try CountingSource(isAnnouncing: true))
        missing.state.withLock { $0.isThere = false }
        var alone = Lineup([missing.candidate("missing")], now: 0)
        var tries: [UInt64] = []
        while let next = alone.nextLook(every: 100 * Self.millisecond) {
            tries.append(next / Self.second)
            #expect(alone.look(isPrompted: false, now: next) == [nil])
        }
        #expect(tries == [1, 3, 7, 15, 31, 63, 127])
        alone.tryAllAgain()
        #expect(alone.nextLook(every: 100 * Self.millisecond) == 0)

        // Beside a source that announces its changes, the tries are the only reason to wake up earlier.
        var both = Lineup([missing.candidate("missing"), log.candidate("log")], now: Self.second / 2)
        _ = both.announcer(of: 1)
        #expect(both.nextLook(every: 100 * Self.millisecond) == 3 * Self.second / 2)
        _ = both.look(isPrompted: false, now: 3 * Self.second / 2)
        #expect(both.nextLook(every: 100 * Self.millisecond) == 5 * Self.second / 2)
    }

    @Test func whatIsAnnouncedIsLookedAtOnce() throws {
        let source = try CountingSource(isAnnouncing: true)
        var lineup = Lineup([source.candidate("source", patience: Self.second)], now: 0)
        _ = lineup.announcer(of: 0)
        #expect(lineup.look(isPrompted: false, now: 1) == [nil])
        lineup.noteAnnouncement(of: 0)
        #expect(lineup.look(isPrompted: false, now: 2) == [.identity(CountingSource.identity)])
        #expect(lineup.look(isPrompted: false, now: 3) == [nil])
    }

    @Test func aSourceThatFallsSilentIsLookedAtAgain() throws {
        let source = try CountingSource(isAnnouncing: true)
        var lineup = Lineup([source.candidate("source")], now: Self.start)
        _ = lineup.announcer(of: 0)
        #expect(lineup.nextLook(every: 100 * Self.millisecond) == Self.start + Self.second)
        // As a vmclock does whose machine was moved.
        source.state.withLock { $0.isAnnouncing = false }
        #expect(lineup.announcer(of: 0) == nil)
        #expect(lineup.nextLook(every: 100 * Self.millisecond) == Self.start + 100 * Self.millisecond)
        #expect(lineup.look(isPrompted: false, now: Self.start + 1) == [.identity(CountingSource.identity)])
    }
}
