import SysGenIDSystem
import Testing

@testable import SysGenIDDaemon

/// What follows from who is stuck. The watchdog has to be fed every 12 s, so the patience is 6 s.
struct WatchdogJudgementTests {
    private typealias State = Activity.State
    /// What both threads do at a moment, and what follows.
    private struct Look {
        var second: UInt64
        var session: State
        var backend: State? = .waiting(lastBack: .max)
        var isFed = true
        var errors: [String] = []
        var notices: [String] = []
        var complaint = ""
    }

    /// With the same request since the first second.
    private static let busy = State.working(since: 1_000_000_000)
    private static let idle = State.waiting(lastBack: .max)
    private static let silent = State.waiting(lastBack: 0)

    private static func unfed(_ standstill: String) -> String {
        "the thread session \(standstill): the watchdog is not fed, so that the service manager starts sysgenidd again"
    }

    private static func unnoticed(_ standstill: String) -> String {
        "the thread backend \(standstill): resumes go unnoticed until it gets on; is the server of its file gone?"
    }

    private static let sequences: [String: [Look]] = [
        "all get on": [
            Look(second: 2, session: idle), Look(second: 6, session: busy), Look(second: 10, session: idle),
        ],
        "who serves is busy for too long, is told of once, and gets on": [
            Look(second: 4, session: busy),
            Look(
                second: 8, session: busy, isFed: false,
                errors: [unfed("has been busy with one request for 7.0 s")],
                complaint: "the thread session is stuck"),
            Look(second: 12, session: busy, isFed: false, complaint: "the thread session is stuck"),
            Look(second: 16, session: idle, notices: ["the thread session gets on again"]),
            Look(second: 20, session: idle),
        ],
        "who serves does not answer": [
            Look(second: 2, session: silent), Look(second: 6, session: silent),
            Look(
                second: 10, session: silent, isFed: false,
                errors: [unfed("has not answered for 8.0 s")],
                complaint: "the thread session is stuck"),
        ],
        "the backend is told of only": [
            Look(
                second: 9, session: idle, backend: busy,
                errors: [unnoticed("has been busy with one request for 8.0 s")],
                complaint: "the thread backend is stuck"),
            Look(second: 13, session: idle, backend: busy, complaint: "the thread backend is stuck"),
            Look(second: 17, session: idle, backend: idle, notices: ["the thread backend gets on again"]),
        ],
        "a backend that has ended is not missed": [Look(second: 9, session: idle, backend: nil)],
        "both are stuck, and one after the other gets on": [
            Look(
                second: 9, session: busy, backend: busy, isFed: false,
                errors: [
                    unfed("has been busy with one request for 8.0 s"),
                    unnoticed("has been busy with one request for 8.0 s"),
                ],
                complaint: "the thread backend is stuck, the thread session is stuck"),
            Look(
                second: 13, session: idle, backend: busy, notices: ["the thread session gets on again"],
                complaint: "the thread backend is stuck"),
            Look(second: 17, session: idle, backend: idle, notices: ["the thread backend gets on again"]),
        ],
    ]

    @Test(arguments: sequences.keys.sorted())
    func theWatchdogIsFedAsLongAsAllThatServeGetOn(name: String) throws {
        var watchdog = Watchdog(interval: 12_000_000_000)
        for look in try #require(Self.sequences[name]) {
            let now = look.second * 1_000_000_000
            #expect(watchdog.isDue(at: now))
            let verdict = watchdog.look(
                serving: [("session", look.session)], backend: look.backend.map { ("backend", $0) }, now: now)
            #expect(
                verdict == .init(isFed: look.isFed, errors: look.errors, notices: look.notices), "at \(look.second) s")
            #expect(watchdog.complaint == look.complaint, "at \(look.second) s")
        }
    }

    @Test func aLookIsDueAtAThirdOfTheInterval() {
        var watchdog = Watchdog(interval: 12)
        #expect(watchdog.isDue(at: 0))
        #expect(watchdog.look(serving: [], backend: nil, now: 100).isFed)
        #expect(!watchdog.isDue(at: 103))
        #expect(watchdog.isDue(at: 104))
    }
}
