import SysGenIDCore
import Testing

@testable import SysGenIDBackends

/// Each case of what a witness shows, and of what the registry knows of that witness.
struct ArbiterCasesTests {
    typealias Look = PlayedLooks.Look

    struct Case: Sendable, CustomTestStringConvertible {
        /// Whose witness it is: the place of the source.
        let place: Int
        let sign: Arbiter.Sign
        let account: Witness.Account
        let before: [Look]
        let look: Look
        let reports: [BackendReport]
        let phase: Arbiter.Phase

        var testDescription: String { "\(sign), \(account)" }
    }

    private static let settling = Arbiter.settlingTime
    private static let (good, second, line) = (PlayedLooks.good, PlayedLooks.second, PlayedLooks.line)
    private static let start = Look(1, 1, 0)

    static let cases = ids + explainedLines + otherLines

    private static let ids = [
        Case(
            place: 0, sign: .same, account: .told, before: [start], look: Look(1, 2, 0),
            reports: [.identity(second(2), by: "second")],
            phase: .undecided(.staleReadings, .settle(at: settling + 2, line: nil))),
        Case(
            place: 0, sign: .same, account: .owing(1), before: [start, Look(1, 2, 0)], look: Look(1, 2, 5),
            reports: [.reserve(line(5))], phase: .decided(.settle(at: settling + 2, line: 3))),
        Case(
            place: 0, sign: .same, account: .forgotten, before: [start, Look(nil, 2, 0)], look: Look(1, 2, 0),
            reports: [.readable("good"), .deciding("good"), .reserve(good(1))],
            phase: .decided(.settle(at: settling + 2, line: nil))),
        Case(
            place: 0, sign: .another, account: .told, before: [start], look: Look(2, 1, 0),
            reports: [.identity(good(2), by: "good")],
            phase: .undecided(.staleReadings, .settle(at: settling + 2, line: nil))),
        Case(
            place: 0, sign: .another, account: .owing(1), before: [start, Look(1, 2, 0)], look: Look(2, 2, 0),
            reports: [.reserve(good(2))], phase: .decided(.settle(at: settling + 2, line: nil))),
        Case(
            place: 0, sign: .another, account: .forgotten, before: [start, Look(nil, 2, 0)], look: Look(2, 2, 0),
            reports: [.readable("good"), .deciding("good"), .reserve(good(2))],
            phase: .decided(.settle(at: settling + 2, line: nil))),
    ]

    /// The VM generation ID has shown a resume before.
    private static let explainedLines = [
        Case(
            place: 2, sign: .explainedLine, account: .told,
            before: [start, Look(2, 1, 0), Look(2, 1, 0, after: settling)], look: Look(2, 1, 5),
            reports: [.reserve(line(5))], phase: .decided(.check(line: settling + 3))),
        Case(
            place: 2, sign: .explainedLine, account: .owing(1), before: [start, Look(2, 1, 0)], look: Look(2, 1, 5),
            reports: [.reserve(line(5))], phase: .decided(.settle(at: settling + 2, line: 3))),
        Case(
            place: 2, sign: .explainedLine, account: .forgotten,
            before: [start, Look(1, 1, nil), Look(2, 1, nil)], look: Look(2, 1, 5),
            reports: [.readable("kernel-log"), .reserve(line(5))],
            phase: .decided(.settle(at: settling + 3, line: nil))),
    ]

    private static let otherLines = [
        Case(
            place: 2, sign: .earlyLine, account: .told, before: [start], look: Look(1, 1, 5),
            reports: [], phase: .undecided(.unexplainedLine, .check(line: 2))),
        Case(
            place: 2, sign: .earlyLine, account: .owing(1), before: [start, Look(1, 2, 0)], look: Look(1, 2, 5),
            reports: [.reserve(line(5))], phase: .decided(.settle(at: settling + 2, line: 3))),
        Case(
            place: 2, sign: .earlyLine, account: .forgotten,
            before: [start, Look(1, 1, nil), Look(1, 2, nil)], look: Look(1, 2, 5),
            reports: [.readable("kernel-log"), .reserve(line(5))],
            phase: .decided(.settle(at: settling + 3, line: nil))),
        Case(
            place: 2, sign: .lateLine, account: .told, before: [start, Look(1, 1, 5)], look: Look(1, 1, 5),
            reports: [.identity(line(5), by: "kernel-log")],
            phase: .undecided(.staleReadings, .settle(at: settling + 3, line: 2))),
        Case(
            place: 2, sign: .lateLine, account: .owing(1),
            before: [start, Look(1, 2, 0), Look(nil, nil, 0)], look: Look(nil, nil, 5),
            reports: [.reserve(line(5))], phase: .decided(.settle(at: settling + 2, line: 4))),
        Case(
            place: 2, sign: .lateLine, account: .forgotten,
            before: [start, Look(1, 1, nil), Look(1, 2, nil), Look(nil, nil, nil)], look: Look(nil, nil, 5),
            reports: [.readable("kernel-log"), .deciding("kernel-log"), .reserve(line(5))],
            phase: .decided(.settle(at: settling + 3, line: nil))),
    ]

    @Test("what a witness shows", arguments: cases)
    func witness(_ test: Case) throws {
        var played = PlayedLooks(test.before)
        let (arbiter, identity) = (played.arbiter, try #require(test.look.identities[test.place]))
        let witness = try #require(arbiter.witnesses.first { $0.domain == identity.domain })
        #expect(arbiter.sign(identity, of: witness, after: arbiter.phase, areSeen: true) == test.sign)
        #expect(witness.account == test.account)
        #expect(played.take(test.look) == test.reports)
        #expect(played.arbiter.phase == test.phase)
    }

    /// A row for each sign, where the lookup finds it, and a test for each of its cases.
    @Test func theTableIsWhole() {
        #expect(Arbiter.table.map(\.sign) == Arbiter.Sign.allCases)
        let accounts: [Witness.Account] = [.told, .owing(1), .forgotten]
        for sign in Arbiter.Sign.allCases {
            let tested = Self.cases.filter { $0.sign == sign }.map(\.account)
            #expect(Set(tested) == Set(accounts) && tested.count == accounts.count, "\(sign)")
        }
    }

    /// What follows from what the registry says of two witnesses, of which the second is there from the start or comes
    /// with the second look.
    struct Answer: Sendable, CustomTestStringConvertible {
        let isLate: Bool
        let recognitions: [Recognition]
        let accounts: [Witness.Account]
        let phase: Arbiter.Phase

        init(isLate: Bool = false, _ recognitions: [Recognition], _ accounts: [Witness.Account], _ phase: Arbiter.Phase)
        {
            (self.isLate, self.recognitions, self.accounts, self.phase) = (isLate, recognitions, accounts, phase)
        }

        var testDescription: String { "\(recognitions)\(isLate ? ", late" : "")" }
    }

    private static let expecting = Arbiter.Due.settle(at: settling, line: nil)

    static let answers = [
        Answer([.known, .known], [.told, .told], .decided(.nothing)),
        Answer([.adopted, .adopted], [.told, .told], .decided(.nothing)),
        Answer([.known, .adopted], [.told, .owing(1)], .decided(expecting)),
        Answer([.adopted, .known], [.owing(1), .told], .decided(expecting)),
        Answer([.resumed, .adopted], [.told, .owing(1)], .undecided(.staleReadings, expecting)),
        Answer([.adopted, .resumed], [.owing(1), .told], .undecided(.staleReadings, expecting)),
        Answer(isLate: true, [.known, .known], [.told, .told], .decided(.nothing)),
        Answer(isLate: true, [.known, .adopted], [.told, .told], .decided(.nothing)),
        Answer(isLate: true, [.known, .resumed], [.owing(1), .told], .undecided(.staleReadings, expecting)),
    ]

    @Test("what the registry says", arguments: answers)
    func recognition(_ answer: Answer) {
        var arbiter = Arbiter(["good", "second"])
        var recognitions = answer.recognitions[...]
        let readings: [Reading?] = [.identity(Self.good(1)), .identity(Self.second(1))]
        for readings in answer.isLate ? [[readings[0], nil], readings] : [readings] {
            arbiter.take(readings, now: 0) { report in
                if case .identity = report { recognitions.popFirst() } else { nil }
            }
        }
        #expect(recognitions.isEmpty)
        #expect(arbiter.witnesses.map(\.account) == answer.accounts)
        #expect(arbiter.phase == answer.phase)
    }
}
