import SysGenIDCore
import Testing

@testable import SysGenIDBackends

/// What is reported for the readings of three sources: a good one, a second one of another domain, the kernel's log.
struct ArbiterTests {
    var arbiter = Arbiter(["good", "second", "kernel-log"], now: 0)
    /// When no line can belong to a resume before the start any more.
    private let later = Arbiter.startDuration

    private static func good(_ number: UInt64) -> Identity { Identity(domain: .vmGenerationID, high: 0, low: number) }
    private static func second(_ number: UInt64) -> Identity { Identity(domain: .init("second"), high: 0, low: number) }
    private static func line(_ number: UInt64) -> Identity { Identity(domain: .kernelLog, high: 0, low: number) }

    /// One look, with a number for an identity and nil for a source that fails.
    private mutating func look(_ good: UInt64?, _ second: UInt64?, _ line: UInt64?, now: UInt64? = nil)
        -> [BackendReport]
    {
        arbiter.take(
            [
                good.map { .identity(Self.good($0)) } ?? .failure("gone"),
                second.map { .identity(Self.second($0)) } ?? .failure("gone"),
                line.map { .identity(Self.line($0)) } ?? .failure("gone"),
            ], now: now ?? later)
    }

    private static let start: [BackendReport] = [
        .deciding("good"), .identity(good(1)), .reserve(second(1)), .reserve(line(0)),
    ]

    @Test mutating func theBestDecidesAndTheOthersAreInReserve() {
        #expect(look(1, 1, 0) == Self.start)
        #expect(look(1, 1, 0).isEmpty)
        #expect(arbiter.deciding == "good")
    }

    @Test mutating func aChangeIsReportedOnceAndTheReservesAnew() {
        _ = look(1, 1, 0)
        // The log waits for the line that will come.
        #expect(look(2, 2, 0) == [.identity(Self.good(2))])
        #expect(arbiter.isUndecided)
        #expect(look(2, 2, 0) == [.reserve(Self.second(2))])
        #expect(!arbiter.isUndecided)
        #expect(look(2, 2, 5).isEmpty)
        #expect(arbiter.isUndecided)
        #expect(look(2, 2, 5) == [.reserve(Self.line(5))])
        #expect(!arbiter.isUndecided)
    }

    @Test mutating func aLineThatComesWithItsChangeIsExplained() {
        _ = look(1, 1, 0)
        #expect(look(2, 2, 5) == [.identity(Self.good(2))])
        #expect(look(2, 2, 5) == [.reserve(Self.second(2)), .reserve(Self.line(5))])
        #expect(arbiter.deciding == "good")
    }

    @Test mutating func aLineThatWasReadBeforeItsChangeIsExplained() {
        _ = look(1, 1, 0)
        // The resume came between the look at the good source and that at the log.
        #expect(look(1, 1, 5).isEmpty)
        #expect(look(2, 2, 5) == [.identity(Self.good(2))])
        #expect(look(2, 2, 5) == [.reserve(Self.second(2)), .reserve(Self.line(5))])
    }

    @Test mutating func twoChangesMayComeBeforeTheirLines() {
        _ = look(1, 1, 0)
        _ = look(2, 2, 0)
        _ = look(3, 3, 0)
        for line: UInt64 in [5, 5, 6, 6, 6] { _ = look(3, 3, line) }
        #expect(arbiter.deciding == "good")
    }

    @Test mutating func aSourceThatDoesNotChangeWithTheKernelsWordIsRefuted() throws {
        _ = look(1, 1, 0)
        #expect(look(1, 2, 5) == [.reserve(Self.second(2))])
        let reports = look(1, 2, 5)
        #expect(reports.first.map { "\($0)" }?.contains("good: its identity stays the same") == true)
        // The second one was looked at in the same moment, and counts by what it was before.
        #expect(arbiter.deciding == "kernel-log")
        #expect(reports.last == .identity(Self.line(5)))
    }

    @Test mutating func theNextSourceThatShowsTheChangeTakesOver() {
        _ = look(1, 1, 0)
        _ = look(1, 1, 5)
        let reports = look(1, 2, 5)
        #expect(reports.dropFirst() == [.deciding("second"), .identity(Self.second(2))])
        #expect(look(1, 2, 5) == [.reserve(Self.line(5))])
        // The first was wrong once, and is never asked again.
        #expect(look(9, 2, 5).isEmpty)
    }

    @Test mutating func atTheStartALineMayBelongToWhatCameBefore() {
        _ = look(1, 1, 0, now: 0)
        _ = look(1, 1, 5, now: later - 2)
        #expect(look(1, 1, 5, now: later - 1) == [.reserve(Self.line(5))])
        #expect(arbiter.deciding == "good")
    }

    @Test mutating func aBrokenSourceIsReportedOnceAndComesBack() {
        _ = look(1, 1, 0)
        let broken: [BackendReport] = [.unreadable("good: gone"), .deciding("second"), .identity(Self.second(1))]
        #expect(look(nil, 1, 0) == broken)
        #expect(look(nil, 1, 0).isEmpty)
        let back: [BackendReport] = [.readable("good"), .deciding("good"), .identity(Self.good(1))]
        #expect(look(1, 1, 0) == back)
    }

    @Test mutating func aResumeInTheMomentOfTheBreakIsReported() {
        _ = look(1, 1, 0)
        let reports = look(nil, 2, 0)
        #expect(reports == [.unreadable("good: gone"), .deciding("second"), .identity(Self.second(2))])
        _ = look(nil, 2, 5)
        #expect(look(nil, 2, 5) == [.reserve(Self.line(5))])
    }

    @Test mutating func aSourceThatComesBackWithAResumeDoesNotHideIt() {
        _ = look(nil, 1, 0)
        let reports = look(7, 2, 0)
        #expect(
            reports == [.readable("good"), .deciding("good"), .identity(Self.second(2)), .identity(Self.good(7))])
        // It was told when it decided.
        #expect(look(7, 2, 0).isEmpty)
    }

    @Test mutating func aSourceThatTakesOverIsLookedAtBeforeItIsBelieved() {
        _ = look(1, 1, 0)
        let stale = arbiter.take([.failure("gone"), nil, .identity(Self.line(0))], now: later)
        #expect(stale.isEmpty)
        #expect(arbiter.isUndecided)
        let reports = look(nil, 2, 0)
        #expect(reports == [.unreadable("good: gone"), .deciding("second"), .identity(Self.second(2))])
    }

    @Test mutating func withoutAnySourceThereIsTheOverseer() {
        #expect(arbiter.take([nil, nil, nil], now: 0) == [.deciding("manual")])
        #expect(arbiter.take([nil, nil, nil], now: 0).isEmpty)
        #expect(look(nil, nil, 3).last == .identity(Self.line(3)))
        #expect(look(nil, nil, nil).last == .deciding("manual"))
    }

    @Test mutating func theSameIdentityByAnotherWayIsNoReserve() {
        arbiter = Arbiter(["memory", "file"], now: 0)
        let one: [Reading?] = [.identity(Self.good(1)), .identity(Self.good(1))]
        #expect(arbiter.take(one, now: later) == [.deciding("memory"), .identity(Self.good(1))])
        // The file lags behind, and must not be taken for the past of the memory.
        #expect(arbiter.take([.identity(Self.good(2)), nil], now: later) == [.identity(Self.good(2))])
        #expect(arbiter.take([nil, .identity(Self.good(2))], now: later).isEmpty)
    }
}
