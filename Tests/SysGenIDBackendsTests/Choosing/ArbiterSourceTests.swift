import SysGenIDCore
import Testing

@testable import SysGenIDBackends

/// Each way in which a source can stand, and what follows from each reading.
struct ArbiterSourceTests {
    typealias Look = PlayedLooks.Look
    typealias Standing = Arbiter.Source.Standing

    struct Case: Sendable, CustomTestStringConvertible {
        let standing: Standing
        let reading: Reading
        let look: Arbiter.Source.Look
        let after: Standing
        let report: BackendReport?

        init(
            _ standing: Standing, _ reading: Reading, _ look: Arbiter.Source.Look, _ after: Standing,
            _ report: BackendReport? = nil
        ) {
            (self.standing, self.reading, self.look, self.after, self.report) = (standing, reading, look, after, report)
        }

        var testDescription: String { "\(standing), \(look)" }
    }

    private static let gone = Reading.failure("gone")
    private static let (broken, back) = (BackendReport.unreadable("good: gone"), BackendReport.readable("good"))
    private static let same = Reading.identity(PlayedLooks.good(1))
    /// Another VM generation ID, and a counter.
    private static let other = Reading.identity(PlayedLooks.good(9))
    private static let counter = Reading.identity(Identity(domain: .vmclock, high: 0, low: 9))

    static let cases = [
        Case(.absent, gone, .failure, .failing, broken),
        Case(.absent, same, .identity, .well),
        Case(.absent, counter, .change, .well),
        Case(.well, gone, .failure, .failing, broken),
        Case(.well, same, .identity, .well),
        Case(.well, other, .identity, .well),
        Case(.well, counter, .change, .well),
        Case(.failing, gone, .failure, .failing),
        Case(.failing, same, .identity, .well, back),
        Case(.failing, other, .identity, .well, back),
        Case(.failing, counter, .change, .well, back),
        Case(.refuted, gone, .failure, .refutedFailing, broken),
        Case(.refuted, same, .identity, .refuted),
        Case(.refuted, other, .identity, .refuted),
        Case(.refuted, counter, .change, .well, back),
        Case(.refutedFailing, gone, .failure, .refutedFailing),
        Case(.refutedFailing, same, .identity, .refuted, back),
        Case(.refutedFailing, other, .identity, .refuted, back),
        Case(.refutedFailing, counter, .change, .well, back),
    ]

    /// The looks by which the first source comes to stand so.
    private static func looks(to standing: Standing) -> [Look] {
        let pause = Arbiter.settlingTime
        let refuting = [Look(1, 1, 0), Look(1, 2, 5, after: 2 * pause), Look(1, 2, 5, after: pause)]
        return switch standing {
        case .absent: []
        case .well: [Look(1, 1, 0)]
        case .failing: [Look(1, 1, 0), Look(nil, 1, 0)]
        case .refuted: refuting
        case .refutedFailing: refuting + [Look(nil, 2, 5)]
        }
    }

    @Test("what is read of a source", arguments: cases)
    func reading(_ test: Case) {
        var played = PlayedLooks(Self.looks(to: test.standing))
        #expect(played.arbiter.sources[0].standing == test.standing)
        #expect(played.arbiter.sources[0].look(test.reading) == test.look)
        let others = Look(nil, 2, 5).readings.dropFirst()
        let reports = played.take([test.reading] + others)
        #expect(played.arbiter.sources[0].standing == test.after)
        #expect(reports.first { [Self.broken, Self.back].contains($0) } == test.report)
        // The first that is well decides.
        #expect(played.arbiter.deciding == (test.after == .well ? "good" : "second"))
        // The same again is no news.
        #expect(played.take([test.reading] + others).isEmpty)
    }

    /// A row for each way to stand, where the lookup finds it, and a test for each of its cases.
    @Test func theTableIsWhole() {
        #expect(Arbiter.Source.table.map(\.standing) == Standing.allCases)
        for standing in Standing.allCases {
            let tested = Set(Self.cases.filter { $0.standing == standing }.map(\.look))
            #expect(tested == Set(Arbiter.Source.Look.allCases), "\(standing)")
        }
    }
}
