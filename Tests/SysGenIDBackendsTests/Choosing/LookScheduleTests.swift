import Testing

@testable import SysGenIDBackends

/// When the next look is due and why, and what follows from it, for each way in which a source can stand.
struct LookScheduleTests {
    private static let second: UInt64 = 1_000_000_000
    /// When each source was looked at last, and when it is tried to open it.
    private static let start = 100 * second

    struct Case: Sendable, CustomTestStringConvertible {
        let schedule: LookSchedule
        var patience: UInt64 = 0
        /// Why a look is due at once, two seconds later, and where something prompts it.
        let atOnce: LookSchedule.Reason?
        let later: LookSchedule.Reason?
        let prompted: LookSchedule.Reason?
        /// In milliseconds after the last look, at an interval of 100.
        let next: UInt64?

        var testDescription: String { "\(schedule), patience \(patience)" }
    }

    private static let cases = [
        Case(schedule: .retry(at: start, tries: 3), atOnce: .retry, later: .retry, prompted: .retry, next: 0),
        Case(schedule: .retry(at: start + second, tries: 3), atOnce: nil, later: .retry, prompted: nil, next: 1_000),
        Case(schedule: .givenUp, atOnce: nil, later: nil, prompted: nil, next: nil),
        Case(schedule: .well(lastLook: start, .none), atOnce: .age, later: .age, prompted: .prompt, next: 100),
        Case(
            schedule: .well(lastLook: start, .none), patience: second,
            atOnce: nil, later: .age, prompted: .prompt, next: 1_000),
        Case(schedule: .well(lastLook: start, .awaited), atOnce: nil, later: .age, prompted: .prompt, next: 1_000),
        Case(
            schedule: .well(lastLook: start, .awaited), patience: 3 * second,
            atOnce: nil, later: nil, prompted: .prompt, next: 3_000),
        Case(
            schedule: .well(lastLook: start, .given), patience: 3 * second,
            atOnce: .announcement, later: .announcement, prompted: .prompt, next: 3_000),
        Case(
            schedule: .failing(lastLook: start, .none), patience: second,
            atOnce: .failure, later: .failure, prompted: .failure, next: 100),
        Case(
            schedule: .failing(lastLook: start, .awaited), atOnce: .failure, later: .failure, prompted: .failure,
            next: 100
        ),
        Case(
            schedule: .failing(lastLook: start, .given), atOnce: .failure, later: .failure, prompted: .failure,
            next: 100),
    ]

    @Test("what is due, and when something is", arguments: cases)
    func due(_ test: Case) {
        func reason(at now: UInt64, isPrompted: Bool = false) -> LookSchedule.Reason? {
            test.schedule.due(at: now, isPrompted: isPrompted, patience: test.patience)
        }
        #expect(reason(at: Self.start) == test.atOnce)
        #expect(reason(at: Self.start + 2 * Self.second) == test.later)
        #expect(reason(at: Self.start, isPrompted: true) == test.prompted)
        let next = test.schedule.next(every: 100_000_000, patience: test.patience)
        #expect(next == test.next.map { Self.start + $0 * 1_000_000 })
    }

    static let now = start + second

    /// What happens to a source.
    enum Event: Sendable {
        case well, failing, refused, again, silence, announcer, announced

        func callAsFunction(_ schedule: inout LookSchedule) {
            switch self {
            case .well: schedule.noteLook(at: LookScheduleTests.now, isWell: true)
            case .failing: schedule.noteLook(at: LookScheduleTests.now, isWell: false)
            case .refused: schedule.noteRefusal(at: LookScheduleTests.now)
            case .again: schedule.tryAgain()
            case .silence: schedule.announcement = .none
            case .announcer: schedule.announcement = .awaited
            case .announced: schedule.announcement = .given
            }
        }
    }

    struct Step: Sendable, CustomTestStringConvertible {
        let before: LookSchedule
        let event: Event
        let after: LookSchedule

        init(_ before: LookSchedule, _ event: Event, _ after: LookSchedule) {
            (self.before, self.event, self.after) = (before, event, after)
        }

        var testDescription: String { "\(before), then \(event)" }
    }

    private static let notOpen: [Step] = [
        Step(.untried, .well, .well(lastLook: now, .none)),
        Step(.untried, .failing, .failing(lastLook: now, .none)),
        Step(.untried, .refused, .retry(at: now + second, tries: 1)),
        Step(.retry(at: start, tries: 1), .refused, .retry(at: now + 2 * second, tries: 2)),
        Step(.retry(at: start, tries: 6), .refused, .retry(at: now + 64 * second, tries: 7)),
        Step(.retry(at: start, tries: 7), .refused, .givenUp),
        Step(.retry(at: start, tries: 7), .again, .untried),
        Step(.givenUp, .again, .untried),
        Step(.givenUp, .refused, .givenUp),
        Step(.givenUp, .announced, .givenUp),
        Step(.untried, .announcer, .untried),
        Step(.untried, .silence, .untried),
    ]

    /// The same for what is well and for what is failing.
    private static let open: [Step] = [LookSchedule.well, LookSchedule.failing].flatMap { stands in
        LookSchedule.Announcement.allCases.flatMap { word in
            let before = stands(start, word)
            let kept: LookSchedule.Announcement = word == .none ? .none : .awaited
            return [
                Step(before, .well, .well(lastLook: now, kept)),
                Step(before, .failing, .failing(lastLook: now, kept)),
                Step(before, .refused, before),
                Step(before, .again, before),
                Step(before, .silence, stands(start, .none)),
                Step(before, .announcer, stands(start, .awaited)),
                Step(before, .announced, stands(start, .given)),
            ]
        }
    }

    @Test("what follows", arguments: notOpen + open)
    func step(_ step: Step) {
        var schedule = step.before
        step.event(&schedule)
        #expect(schedule == step.after)
    }
}
