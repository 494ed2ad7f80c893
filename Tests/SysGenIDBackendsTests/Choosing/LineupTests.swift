import SysGenIDCore
import SysGenIDSystem
import Testing

@testable import SysGenIDBackends

/// Which sources are opened and looked at, and when.
struct LineupTests {
    private let source: CountingSource

    private static let second: UInt64 = 1_000_000_000

    init() throws {
        source = try CountingSource()
    }

    private func candidate(_ name: String = "source", patience: UInt64 = 0) -> SourceCandidate {
        source.candidate(name, patience: patience)
    }

    @Test func aSourceIsThereOnlyWhereItCanBeRead() {
        source.state.withLock { $0.isReadable = false }
        let lineup = Lineup([candidate("first"), candidate("second")], now: 0)
        #expect(lineup.names == ["first", "second"])
        #expect(lineup.refusals.map { $0?.description } == ["unreadable", "unreadable"])
        source.state.withLock { $0.isReadable = true }
        #expect(Lineup([candidate()], now: 0).refusals == [nil])
    }

    @Test func whatCouldNotBeOpenedIsTriedAgainForTwoMinutes() {
        source.state.withLock { $0.isThere = false }
        var lineup = Lineup([candidate()], now: 0)
        var tries: [UInt64] = []
        for now in 0..<UInt64(1_000) {
            let before = source.openings
            #expect(lineup.look(isPrompted: true, now: now * Self.second) == [nil])
            if source.openings > before { tries.append(now) }
        }
        #expect(tries == [1, 3, 7, 15, 31, 63, 127])
        #expect(lineup.refusals == [SourceFailure(.noDevice, "missing")])
    }

    @Test func theTriesBeginAnewWhereSomebodyAsksForIt() {
        source.state.withLock { $0.isThere = false }
        var lineup = Lineup([candidate()], now: 0)
        for now in 0..<UInt64(1_000) { _ = lineup.look(isPrompted: true, now: now * Self.second) }
        source.state.withLock { $0.isThere = true }
        #expect(lineup.look(isPrompted: true, now: 1_000 * Self.second) == [nil])
        lineup.tryAllAgain()
        #expect(lineup.look(isPrompted: true, now: 1_000 * Self.second) == [.identity(CountingSource.identity)])
    }

    @Test func whatComesLaterIsLookedAt() {
        source.state.withLock { $0.isThere = false }
        var lineup = Lineup([candidate()], now: 0)
        source.state.withLock { $0.isThere = true }
        #expect(lineup.look(isPrompted: false, now: Self.second / 2) == [nil])
        #expect(lineup.look(isPrompted: false, now: Self.second) == [.identity(CountingSource.identity)])
        #expect(lineup.refusals == [nil])
    }

    @Test func whatIsBehindTheFirstThatCanBeOpenedIsPutOff() throws {
        let missing = try CountingSource()
        missing.state.withLock { $0.isThere = false }
        let other = try CountingSource()
        let candidates = [missing.candidate("missing"), candidate("first"), other.candidate("second")]
        var lineup = Lineup(candidates, now: 0, puttingOff: true)
        #expect([missing.openings, source.openings, other.openings] == [1, 1, 0])
        #expect(lineup.hasPutOff)
        #expect(lineup.look(isPrompted: true, now: 1) == [nil, .identity(CountingSource.identity), nil])
        lineup.tryAllAgain()
        let both: [Reading?] = [nil, .identity(CountingSource.identity), .identity(CountingSource.identity)]
        #expect(lineup.look(isPrompted: true, now: 2) == both)
        #expect(!lineup.hasPutOff)
        // What could not be opened before was not tried again with it.
        #expect([missing.openings, source.openings, other.openings] == [1, 1, 1])
        lineup.tryAllAgain()
        _ = lineup.look(isPrompted: true, now: 3)
        #expect(missing.openings == 2)
    }

    @Test func whatIsPutOffDoesNotWaitForEver() throws {
        let other = try CountingSource()
        var lineup = Lineup([candidate("first"), other.candidate("second")], now: 0, puttingOff: true)
        #expect(lineup.look(isPrompted: true, now: Self.second - 1).last == Reading??.some(nil))
        #expect(lineup.look(isPrompted: true, now: Self.second).last == .identity(CountingSource.identity))
    }

    @Test func nothingIsPutOffWhereNothingDecides() throws {
        source.state.withLock { $0.isThere = false }
        #expect(!Lineup([candidate("first"), candidate("second")], now: 0, puttingOff: true).hasPutOff)
        #expect(source.openings == 2)
    }

    @Test func whatAGlanceDoesNotFindIsPutOff() throws {
        let looks = Lock<[SourceCandidate.Look]>([])
        let prepared = try CountingSource()
        var glanced = SourceCandidate(name: "glanced", remark: "") { [source] look throws(SourceFailure) in
            looks.withLock { $0.append(look) }
            guard look == .whole else { throw SourceFailure(.noDevice, "not seen", isProvisional: true) }
            return source
        }
        glanced.prepare = { prepared.change() }
        let other = try CountingSource()
        var lineup = Lineup([glanced, other.candidate("second")], now: 0, by: .glance, puttingOff: true)
        #expect(lineup.refusals.map { $0?.description } == ["not seen", nil])
        #expect(lineup.hasPutOff && other.openings == 1)
        #expect(prepared.state.withLock(\.number) == 2)
        lineup.tryAllAgain()
        #expect(lineup.look(isPrompted: true, now: 1).first == .identity(CountingSource.identity))
        #expect(looks.withLock(\.self) == [.glance, .whole])
        #expect(!lineup.hasPutOff && lineup.refusals == [nil, nil])
    }

    @Test func whatIsPutOffIsPreparedAtOnce() throws {
        let prepared = try CountingSource()
        var putOff = candidate("second")
        putOff.prepare = { prepared.change() }
        let lineup = Lineup([candidate("first"), putOff], now: 0, puttingOff: true)
        #expect(lineup.hasPutOff)
        #expect(prepared.state.withLock(\.number) == 2)
    }

    @Test func aReadingIsGoodForAWhile() {
        var lineup = Lineup([candidate(patience: Self.second)], now: 0)
        let found: [Reading?] = [.identity(CountingSource.identity)]
        #expect(lineup.look(isPrompted: false, now: Self.second - 1) == [nil])
        #expect(lineup.look(isPrompted: true, now: Self.second - 1) == found)
        #expect(lineup.look(isPrompted: false, now: 2 * Self.second - 2) == [nil])
        #expect(lineup.look(isPrompted: false, now: 2 * Self.second - 1) == found)
    }

    /// Of several that something gives reason to look at, the one that gives it has just been looked at.
    @Test func whoGivesTheReasonIsNotLookedAtForIt() {
        var lineup = Lineup([candidate("first"), candidate("second", patience: Self.second)], now: 0)
        let found: Reading = .identity(CountingSource.identity)
        #expect(lineup.look(isPrompted: true, by: 1, now: 1) == [found, nil])
        #expect(lineup.look(isPrompted: true, by: nil, now: 1) == [found, found])
        // What is due is looked at, whoever gives the reason.
        #expect(lineup.look(isPrompted: true, by: 0, now: 1) == [found, found])
    }

    @Test func aFailureIsLookedAtAgainAtOnce() {
        var lineup = Lineup([candidate(patience: Self.second)], now: 0)
        source.state.withLock { $0.isReadable = false }
        #expect(lineup.look(isPrompted: true, now: 1) == [.failure("unreadable")])
        source.state.withLock { $0.isReadable = true }
        #expect(lineup.look(isPrompted: false, now: 2) == [.identity(CountingSource.identity)])
        // It was not opened anew.
        #expect(source.openings == 1)
    }
}

extension Lineup {
    /// For each source what was found.
    mutating func look(isPrompted: Bool, by speaker: Int? = nil, now: UInt64) -> [Reading?] {
        var readings = [Reading?](repeating: nil, count: indices.count)
        look(isPrompted: isPrompted, by: speaker, now: now, into: &readings)
        return readings
    }
}
