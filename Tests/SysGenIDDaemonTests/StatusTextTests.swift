import Testing

@testable import SysGenIDDaemon

/// What the service manager is told, and when.
struct StatusTextTests {
    private static let second: UInt64 = 1_000_000_000
    private var status = StatusText()

    private func facts(_ summary: String = "serving", watchers: Int = 0, complaint: String = "") -> StatusText.Facts {
        StatusText.Facts(summary: summary, watchers: watchers, complaint: complaint)
    }

    @Test mutating func theSameIsToldOnce() {
        #expect(status.take(facts(), now: 0) == "serving, 0 watchers")
        for moment in 1...100 { #expect(status.take(facts(), now: UInt64(moment) * Self.second) == nil) }
    }

    @Test mutating func watchersThatOnlyTheKernelKnowsAreNotTold() {
        let facts = StatusText.Facts(summary: "driving", watchers: nil, complaint: "stuck")
        #expect(status.take(facts, now: 0) == "driving; stuck")
    }

    @Test mutating func whatIsServedAndWhatIsWrongIsToldAtOnce() {
        #expect(status.take(facts(), now: 0) != nil)
        #expect(status.take(facts("other"), now: 1) == "other, 0 watchers")
        #expect(status.take(facts("other", complaint: "stuck"), now: 2) == "other, 0 watchers; stuck")
        #expect(status.take(facts("other"), now: 3) == "other, 0 watchers")
    }

    @Test mutating func theNumberOfWatchersIsToldNowAndThen() {
        #expect(status.take(facts(), now: 0) != nil)
        #expect(status.take(facts(watchers: 1), now: StatusText.watcherInterval - 1) == nil)
        #expect(status.take(facts(watchers: 1), now: StatusText.watcherInterval) == "serving, 1 watcher")
        #expect(status.take(facts(watchers: 2), now: StatusText.watcherInterval + 1) == nil)
        // One that has come back to what was told is no news.
        #expect(status.take(facts(watchers: 1), now: 3 * StatusText.watcherInterval) == nil)
    }
}
