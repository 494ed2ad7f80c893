import SysGenIDCore
import SysGenIDSystem
import Testing

@testable import SysGenIDBackends

/// Which resumes are reported before all else is looked at.
struct ShortWayTests {
    private typealias Look = PlayedLooks.Look

    /// The source that decides what an announcement means, in the machine of the played looks.
    private struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let looks: [Look]
        let announcer: Int
        let decides: Int?

        init(_ description: String, _ looks: [Look], announcer: Int, decides: Int?) {
            testDescription = description
            (self.looks, self.announcer, self.decides) = (looks, announcer, decides)
        }
    }

    private static let cases = [
        Case("nothing was looked at", [], announcer: 1, decides: nil),
        Case("each for itself", [Look(1, 1, 0)], announcer: 1, decides: 1),
        Case("the line speaks of the VM generation ID", [Look(1, 1, 0)], announcer: 2, decides: 0),
        Case("the line alone", [Look(nil, nil, 0)], announcer: 2, decides: 2),
        Case("the line and another witness", [Look(nil, 1, 0)], announcer: 2, decides: nil),
        Case("one that cannot be read", [Look(1, nil, 0)], announcer: 1, decides: nil),
        Case("all are still to be looked at", [Look(1, 1, 0), Look(2, 1, 0)], announcer: 0, decides: nil),
        Case("a resume is owed", [Look(1, 1, 0), Look(2, 1, 0), Look(2, 1, 0)], announcer: 1, decides: nil),
        Case("nobody owes it any more", [Look(1, 1, 0), Look(2, 2, 0), Look(2, 2, 0)], announcer: 1, decides: 1),
        Case("the line of a resume is owed", [Look(1, 1, 0), Look(2, 2, 0), Look(2, 2, 0)], announcer: 2, decides: 0),
    ]

    @Test(arguments: cases)
    private func whoDecides(_ each: Case) {
        let played = PlayedLooks(each.looks)
        let decisive = played.arbiter.sources.isEmpty ? nil : played.arbiter.decisive(announcedBy: each.announcer)
        #expect(decisive?.index == each.decides)
        let shown = each.decides.flatMap { each.looks.last?.identities[$0] }
        #expect(decisive?.seen == shown)
    }

    @Test func itIsReportedBeforeAnybodyElseIsLookedAt() throws {
        let events = Lock<[String]>([])
        let source = try CountingSource(isAnnouncing: true) { events.withLock { $0.append("test") } }
        let other = try CountingSource { events.withLock { $0.append("other") } }
        let lineup = Lineup([source.candidate("test"), other.candidate("other")], now: MonotonicClock.now())
        let running = try RunningBackend(WatchingBackend(lineup, interval: 60_000)) { report in
            guard case .identity(let identity, _) = report else { return }
            events.withLock { $0.append("\(identity.high)") }
        }
        _ = running.reports(count: 2)
        // A change that meets a look of all is seen by that, and not announced first.
        let isFirst = (2...200).contains { (number: Int) in
            source.change()
            let expected = BackendReport.identity(CountingSource.identity(UInt64(number)), by: "test")
            guard running.reports(count: number + 1).last == expected else { return false }
            let order = events.withLock(\.self)
            return order.firstIndex(of: "\(number)").map { order[$0 - 1] == "test" } ?? false
        }
        #expect(isFirst)
        _ = running.stopped()
        // Then it was the turn of the others.
        #expect(events.withLock(\.last) == "other")
    }

    /// What a first look finds broken is told by the look that follows.
    @Test func aSourceThatBreaksIsToldOf() throws {
        let source = try CountingSource(isAnnouncing: true)
        let lineup = Lineup([source.candidate("test")], now: MonotonicClock.now())
        let running = try RunningBackend(WatchingBackend(lineup, interval: 60_000))
        _ = running.reports(count: 2)
        source.state.withLock { $0.isReadable = false }
        source.change()
        let broken: [BackendReport] = [.unreadable("test: unreadable"), .deciding("manual")]
        #expect(running.reports(count: 4).suffix(2) == broken)
        _ = running.stopped()
    }
}
