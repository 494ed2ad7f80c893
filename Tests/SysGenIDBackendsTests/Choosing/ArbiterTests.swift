import SysGenIDCore
import Testing

@testable import SysGenIDBackends

/// What is reported for the readings of three sources: a good one, a second one of another domain, the kernel's log.
struct ArbiterTests {
    var arbiter = Arbiter(["good", "second", "kernel-log"])
    private var registry = GenerationRegistry()
    private var now: UInt64 = 0

    private static func good(_ number: UInt64) -> Identity { Identity(domain: .vmGenerationID, high: 0, low: number) }
    private static func second(_ number: UInt64) -> Identity { Identity(domain: .init("second"), high: 0, low: number) }
    private static func line(_ number: UInt64) -> Identity { Identity(domain: .kernelLog, high: 0, low: number) }

    private mutating func take(_ readings: [Reading?], isBeginning: Bool = false) -> [BackendReport] {
        var reports: [BackendReport] = []
        arbiter.take(readings, now: now, isBeginning: isBeginning) { report in
            reports.append(report)
            return registry.take(report)
        }
        now += 1
        return reports
    }

    private static func reading(_ identity: Identity?) -> Reading {
        identity.map { .identity($0) } ?? .failure("gone")
    }

    /// One look, with a number for an identity and nil for a source that fails.
    private mutating func look(_ good: UInt64?, _ second: UInt64?, _ line: UInt64?) -> [BackendReport] {
        take([
            Self.reading(good.map(Self.good)), Self.reading(second.map(Self.second)), Self.reading(line.map(Self.line)),
        ])
    }

    private static let start: [BackendReport] = [
        .deciding("good"), .identity(good(1), by: "good"), .identity(second(1), by: "second"),
        .identity(line(0), by: "kernel-log"), .hasLooked,
    ]

    @Test mutating func theBestDecidesAndAllAreCompared() {
        #expect(look(1, 1, 0) == Self.start)
        #expect(look(1, 1, 0).isEmpty)
        #expect(arbiter.deciding == "good")
    }

    @Test mutating func aChangeIsReportedOnce() {
        _ = look(1, 1, 0)
        #expect(look(2, 2, 0) == [.identity(Self.good(2), by: "good"), .reserve(Self.second(2))])
        // All are looked at once more.
        #expect(arbiter.isUndecided)
        #expect(look(2, 2, 0).isEmpty)
        #expect(!arbiter.isUndecided)
        // The log waits for the line that will come.
        #expect(look(2, 2, 5) == [.reserve(Self.line(5))])
        #expect(!arbiter.isUndecided)
    }

    @Test mutating func aLineThatComesWithItsChangeIsExplained() {
        _ = look(1, 1, 0)
        #expect(
            look(2, 2, 5) == [.identity(Self.good(2), by: "good"), .reserve(Self.second(2)), .reserve(Self.line(5))])
        #expect(arbiter.deciding == "good")
    }

    /// That one has shown a resume before does not mean that it has shown this one.
    @Test mutating func aLineHasASourceLookedAtThatWasLeftAlone() {
        _ = look(1, 1, 0)
        _ = look(2, 2, 5)
        _ = look(2, 2, 5)
        #expect(!arbiter.isUndecided)
        #expect(take([nil, .identity(Self.second(2)), .identity(Self.line(6))]).isEmpty)
        #expect(arbiter.isUndecided && arbiter.speaker == 2)
        let reports = take([.identity(Self.good(3)), .identity(Self.second(2)), nil])
        #expect(reports.first == .identity(Self.good(3), by: "good"))
    }

    /// Where it shows nothing new then, the line is of what it has shown before.
    @Test mutating func aLineIsExplainedByASourceThatWasLookedAtSince() {
        _ = look(1, 1, 0)
        _ = look(2, 2, 5)
        _ = look(2, 2, 5)
        _ = take([nil, .identity(Self.second(2)), .identity(Self.line(6))])
        #expect(take([.identity(Self.good(2)), .identity(Self.second(2)), nil]) == [.reserve(Self.line(6))])
        #expect(!arbiter.isUndecided)
    }

    @Test mutating func aLineThatWasReadBeforeItsChangeIsExplained() {
        _ = look(1, 1, 0)
        // The resume came between the look at the good source and that at the log.
        #expect(look(1, 1, 5).isEmpty)
        #expect(arbiter.isUndecided)
        #expect(
            look(2, 2, 5) == [.identity(Self.good(2), by: "good"), .reserve(Self.second(2)), .reserve(Self.line(5))])
    }

    @Test mutating func twoChangesMayComeBeforeTheirLines() {
        _ = look(1, 1, 0)
        _ = look(2, 2, 0)
        _ = look(3, 3, 0)
        for line: UInt64 in [5, 5, 6, 6, 6] { _ = look(3, 3, line) }
        #expect(registry.current.rawValue == 2)
    }

    @Test mutating func whatAReserveShowsIsAResume() {
        _ = look(1, 1, 0)
        #expect(look(1, 2, 0) == [.identity(Self.second(2), by: "second")])
        // The good one may show it later, and the kernel's line comes.
        #expect(look(2, 2, 5) == [.reserve(Self.good(2)), .reserve(Self.line(5))])
        #expect(registry.current.rawValue == 1)
    }

    @Test mutating func aLineThatNobodyExplainsIsAResume() {
        _ = look(1, 1, 0)
        #expect(look(1, 1, 5).isEmpty)
        #expect(look(1, 1, 5) == [.identity(Self.line(5), by: "kernel-log")])
        #expect(look(1, 1, 5).isEmpty)
        #expect(registry.current.rawValue == 1)
    }

    @Test mutating func aSourceThatDoesNotChangeWithTheKernelsWordIsRefuted() throws {
        _ = look(1, 1, 0)
        now += 2 * Arbiter.settlingTime
        _ = look(1, 1, 5)
        #expect(look(1, 2, 5).first == .identity(Self.second(2), by: "second"))
        #expect(look(1, 2, 5).isEmpty)
        now += Arbiter.settlingTime
        let reports = look(1, 2, 5)
        #expect(reports.first == .reserve(Self.good(1)))
        #expect("\(reports[1])".contains("good: its identity stays the same"))
        #expect(reports.dropFirst(2) == [.deciding("second")])
        // It is read from the wrong place, and is never asked again.
        #expect(look(9, 2, 5).isEmpty)
        #expect(registry.current.rawValue == 1)
    }

    @Test mutating func aCounterThatWasLeftAloneIsBelievedWhenItChanges() {
        _ = look(1, 1, 0)
        now += 2 * Arbiter.settlingTime
        _ = look(2, 1, 5)
        now += Arbiter.settlingTime + 2
        let reports = look(2, 1, 5)
        #expect(reports.contains { "\($0)".contains("second: its identity stays the same") })
        #expect(look(2, 2, 5) == [.readable("second"), .identity(Self.second(2), by: "second")])
        #expect(registry.current.rawValue == 2)
    }

    @Test mutating func atTheStartALineRefutesNobody() {
        _ = look(1, 1, 0)
        _ = look(1, 1, 5)
        _ = look(1, 1, 5)
        now += Arbiter.settlingTime
        // What the others owed is over.
        #expect(look(1, 1, 5) == [.reserve(Self.good(1)), .reserve(Self.second(1))])
        #expect(arbiter.deciding == "good")
        #expect(registry.current.rawValue == 1)
    }

    @Test mutating func theOtherWayOfARefutedSourceIsNoResume() {
        arbiter = Arbiter(["memory", "file", "kernel-log"])
        func readings(_ file: UInt64, _ line: UInt64) -> [Reading?] {
            [.identity(Self.good(1)), .identity(Self.good(file)), .identity(Self.line(line))]
        }
        _ = take(readings(1, 0))
        now += 2 * Arbiter.settlingTime
        _ = take(readings(2, 5))
        #expect(take(readings(2, 5)) == [.identity(Self.line(5), by: "kernel-log")])
        now += Arbiter.settlingTime
        #expect(take(readings(2, 5)).suffix(2) == [.deciding("file"), .reserve(Self.good(2))])
        #expect(take(readings(3, 5)) == [.identity(Self.good(3), by: "file")])
        #expect(registry.current.rawValue == 2)
    }

    @Test mutating func aBrokenSourceIsReportedOnceAndComesBack() {
        _ = look(1, 1, 0)
        #expect(look(nil, 1, 0) == [.unreadable("good: gone"), .deciding("second")])
        #expect(look(nil, 1, 0).isEmpty)
        #expect(look(1, 1, 0) == [.readable("good"), .deciding("good")])
    }

    @Test mutating func aResumeInTheMomentOfTheBreakIsReported() {
        _ = look(1, 1, 0)
        let broken: [BackendReport] = [.unreadable("good: gone"), .deciding("second")]
        #expect(look(nil, 2, 0) == broken + [.identity(Self.second(2), by: "second")])
        #expect(look(nil, 2, 5) == [.reserve(Self.line(5))])
        // It comes back with what it would have shown then.
        #expect(look(2, 2, 5) == [.readable("good"), .deciding("good"), .reserve(Self.good(2))])
        #expect(registry.current.rawValue == 1)
    }

    @Test mutating func aSourceThatComesBackWithAResumeDoesNotHideIt() {
        _ = look(1, 1, 0)
        _ = look(nil, 1, 0)
        #expect(look(7, 1, 0).last == .identity(Self.good(7), by: "good"))
        #expect(look(7, 2, 0) == [.reserve(Self.second(2))])
        #expect(registry.current.rawValue == 1)
    }

    @Test mutating func aSourceThatTakesOverIsLookedAtBeforeItIsBelieved() {
        _ = look(1, 1, 0)
        #expect(take([.failure("gone"), nil, .identity(Self.line(0))]).isEmpty)
        #expect(arbiter.isUndecided)
        let broken: [BackendReport] = [.unreadable("good: gone"), .deciding("second")]
        #expect(look(nil, 2, 0) == broken + [.identity(Self.second(2), by: "second")])
    }

    @Test mutating func withoutAnySourceThereIsTheOverseer() {
        #expect(take([nil, nil, nil]) == [.deciding("manual"), .hasLooked])
        #expect(take([nil, nil, nil]).isEmpty)
        #expect(look(nil, nil, 3).last == .identity(Self.line(3), by: "kernel-log"))
        #expect(look(nil, nil, nil).last == .deciding("manual"))
    }

    @Test mutating func theSameIdentityByAnotherWayIsNoWitnessOfItsOwn() {
        arbiter = Arbiter(["memory", "file"])
        let start: [BackendReport] = [.deciding("memory"), .identity(Self.good(1), by: "memory"), .hasLooked]
        #expect(take([.identity(Self.good(1)), .identity(Self.good(1))]) == start)
        // The file lags behind, and must not be taken for the past of the memory.
        #expect(take([.identity(Self.good(2)), nil]) == [.identity(Self.good(2), by: "memory")])
        #expect(take([nil, .identity(Self.good(2))]).isEmpty)
    }

    /// A daemon that has counted a resume by one source may end before the other has shown it.
    @Test mutating func aSuccessorExpectsWhatItsPredecessorHasNotSeen() {
        registry = GenerationRegistry(
            continuing: Record(generation: Generation(rawValue: 1), identities: [Self.good(2)]))
        _ = look(2, 1, 0)
        #expect(look(2, 2, 5) == [.reserve(Self.second(2)), .reserve(Self.line(5))])
        #expect(registry.current.rawValue == 1)
    }

    /// What a witness would have shown while no daemon ran is a resume, whichever it is.
    @Test(arguments: [(2, 1, 0), (1, 2, 0), (1, 1, 5), (2, 2, 5)] as [(UInt64, UInt64, UInt64)])
    mutating func aResumeWhileNoDaemonRanIsOneChange(_ seen: (UInt64, UInt64, UInt64)) {
        let known: KnownIdentities = [Self.good(1), Self.second(1), Self.line(0)]
        registry = GenerationRegistry(continuing: Record(generation: Generation(rawValue: 1), identities: known))
        for _ in 0..<3 { _ = look(seen.0, seen.1, seen.2) }
        #expect(registry.current.rawValue == 2)
    }

    /// The sources behind the one that decides are opened when clients are served.
    private mutating func begin(_ good: UInt64, _ second: UInt64, _ line: UInt64) {
        _ = take([.identity(Self.good(good)), nil, nil], isBeginning: true)
        _ = take(
            [.identity(Self.good(good)), .identity(Self.second(second)), .identity(Self.line(line))], isBeginning: true)
    }

    @Test mutating func aSuccessorExpectsTheSameOfWhatIsPutOff() {
        registry = GenerationRegistry(
            continuing: Record(generation: Generation(rawValue: 1), identities: [Self.good(2)]))
        begin(2, 1, 0)
        #expect(look(2, 2, 5) == [.reserve(Self.second(2)), .reserve(Self.line(5))])
        #expect(registry.current.rawValue == 1)
    }

    @Test(arguments: [(2, 1, 0), (1, 2, 0), (1, 1, 5), (2, 2, 5)] as [(UInt64, UInt64, UInt64)])
    mutating func aResumeWhileNoDaemonRanIsOneChangeAlsoByWhatIsPutOff(_ seen: (UInt64, UInt64, UInt64)) {
        let known: KnownIdentities = [Self.good(1), Self.second(1), Self.line(0)]
        registry = GenerationRegistry(continuing: Record(generation: Generation(rawValue: 1), identities: known))
        begin(seen.0, seen.1, seen.2)
        for _ in 0..<3 { _ = look(seen.0, seen.1, seen.2) }
        #expect(registry.current.rawValue == 2)
    }

    @Test mutating func whatIsPutOffIsNoResumeOnAFreshSystem() {
        begin(1, 1, 0)
        #expect(look(1, 1, 0).isEmpty)
        #expect(registry.current.rawValue == 0)
        #expect(look(1, 1, 5).isEmpty)
        // The others were looked at again, and have shown nothing.
        #expect(look(1, 1, 5) == [.identity(Self.line(5), by: "kernel-log")])
    }

    @Test mutating func whatIsPutOffOwesAResumeThatCameMeanwhile() {
        _ = take([.identity(Self.good(1)), nil, nil], isBeginning: true)
        _ = take([.identity(Self.good(2)), nil, nil], isBeginning: true)
        #expect(registry.current.rawValue == 1)
        _ = take([.identity(Self.good(2)), .identity(Self.second(1)), .identity(Self.line(0))], isBeginning: true)
        for _ in 0..<3 { _ = look(2, 2, 5) }
        #expect(registry.current.rawValue == 1)
    }
}
