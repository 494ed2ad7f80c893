import Testing

@testable import SysGenIDBackends

/// What is due, when, and what becomes of it.
struct ArbiterPhaseTests {
    private static let settling = Arbiter.settlingTime
    private static let now: UInt64 = 1_000

    struct Case: Sendable, CustomTestStringConvertible {
        let due: Arbiter.Due
        /// From when on it is to be done.
        let moment: UInt64?
        /// What is due when it is done, when a line comes, and when a resume is counted.
        let done, line, resume: Arbiter.Due

        var testDescription: String { "\(due)" }
    }

    private static let cases = [
        Case(
            due: .nothing, moment: nil,
            done: .nothing, line: .check(line: now), resume: .settle(at: now + settling, line: nil)),
        Case(
            due: .check(line: 7), moment: 7 + settling,
            done: .nothing, line: .check(line: 7), resume: .settle(at: now + settling, line: 7)),
        Case(
            due: .settle(at: 9, line: nil), moment: 9,
            done: .nothing, line: .settle(at: 9, line: now), resume: .settle(at: now + settling, line: nil)),
        Case(
            due: .settle(at: 9, line: 7), moment: 9,
            done: .check(line: 7), line: .settle(at: 9, line: 7), resume: .settle(at: now + settling, line: 7)),
    ]

    @Test("what is due", arguments: cases)
    func due(_ test: Case) {
        #expect(test.due.next == test.done)
        #expect(test.due.afterLine(at: Self.now) == test.line)
        #expect(test.due.afterResume(at: Self.now) == test.resume)
        #expect(test.due.isPast(.max) == (test.moment != nil))
        guard let moment = test.moment else { return }
        #expect(!test.due.isPast(moment - 1))
        #expect(test.due.isPast(moment))
    }

    @Test("phases", arguments: cases)
    func phases(_ test: Case) {
        let decided = Arbiter.Phase.decided(test.due)
        #expect(!decided.isUndecided && !decided.isLineWaiting)
        #expect(decided.isDue(.max) == (test.moment != nil) && !decided.isDue(0))
        for doubt in [Arbiter.Phase.Doubt.staleReadings, .unexplainedLine] {
            var undecided = Arbiter.Phase.undecided(doubt, test.due)
            #expect(undecided.isUndecided && undecided.isDue(0) && undecided.due == test.due)
            #expect(undecided.isLineWaiting == (doubt == .unexplainedLine))
            // A line that waits goes on to wait.
            undecided.noteStaleReadings()
            #expect(undecided == .undecided(doubt, test.due))
        }
        var stale = decided
        stale.noteStaleReadings()
        #expect(stale == .undecided(.staleReadings, test.due))
    }

    /// A look that has to be compared with others first leaves everything as it was.
    @Test func aLookThatIsPutOffChangesNothing() {
        var played = PlayedLooks([.init(1, 1, 0), .init(1, 1, 5)])
        let before = played.arbiter
        #expect(before.phase == .undecided(.unexplainedLine, .check(line: 2)))
        #expect(played.take([.failure("gone"), nil, .identity(PlayedLooks.line(5))]).isEmpty)
        #expect(played.arbiter.phase == before.phase)
        #expect(played.arbiter.sources.map(\.standing) == before.sources.map(\.standing))
        #expect(played.take(.init(nil, 1, 5)).last == .identity(PlayedLooks.line(5), by: "kernel-log"))
    }
}
