import SysGenID
import SysGenIDSystem
import TestSupport
import Testing

@testable import SysGenIDOverseer

@Suite("Record")
struct RecordTests {
    private typealias Record = Readiness.Record
    private static let boot = "c0ffee00-1111-2222-3333-444455556666"

    private static func hook(_ name: String, _ phase: Phase, status: Int32? = 0) -> HookResult {
        HookResult(
            name: name, phase: phase, isOptional: name.hasSuffix(".optional"),
            outcome: status == 0 ? .succeeded : .failed,
            status: status, milliseconds: 12)
    }

    private static let change: Readiness.Change = {
        var change = Readiness.Change(
            generation: .init(rawValue: 6), cause: .resume, began: 123_456, since: .init(rawValue: 5))
        change.reseed = Reseed(
            generation: .init(rawValue: 6), isTaken: true, sources: ["identity", "host"], remark: "none was too slow")
        change.hooks = [hook("10-a", .changed), hook("20-b.optional", .changed, status: nil), hook("/etc/a b", .ready)]
        change.watchers = WatcherCount(all: 3, tracked: 2, outdated: 1)
        change.milliseconds = 70
        return change
    }()

    private static let records: [Readiness.Record] = {
        let plain = Record(stage: .ready, change: change, announced: [])
        var announced = plain
        announced.announced = [
            .init(identity: "an identity", generation: .init(rawValue: 6), entropy: .taken),
            .init(identity: "another", generation: .init(rawValue: 5), entropy: .none),
        ]
        announced.process = ProcessMark(id: 77, startTime: 1_234)
        var quiesced = plain
        quiesced.stage = .quiesced
        quiesced.quiescence = .init(began: 5, hooks: [hook("10-a", .quiesce)], milliseconds: 8)
        let failures: [Failure] = [
            .hook(hook("10-a", .changed, status: 137)), .tooLate(hook: "10-a", milliseconds: 10),
            .watchersOutdated(processes: ["12 nginx", "13 (gone)"]), .notReseeded(remark: "RNDADDENTROPY: EPERM"),
        ]
        return [plain, announced, quiesced]
            + failures.map { Record(stage: .failing, change: change, failure: $0, announced: []) }
    }()

    @Test("what was kept is read again", arguments: records)
    func roundTrip(record: Readiness.Record) {
        let text = record.text(boot: Self.boot)
        #expect(Record(Array(text.utf8), boot: Self.boot) == record)
        #expect(Record(Array(text.utf8), boot: "another") == nil)
    }

    @Test("a record that is cut off anywhere is none", arguments: records)
    func cutOff(record: Readiness.Record) {
        let bytes = Array(record.text(boot: Self.boot).utf8)
        for length in 0..<bytes.count { #expect(Record(Array(bytes[..<length]), boot: Self.boot) == nil) }
    }

    @Test("whatever else stands there does no harm", arguments: records)
    func damage(record: Readiness.Record) {
        let bytes = Array(record.text(boot: Self.boot).utf8)
        var generator = SeededGenerator(seed: 7)
        for _ in 0..<5_000 {
            var damaged = bytes
            for _ in 0..<Int.random(in: 1...3, using: &generator) {
                damaged[Int.random(in: 0..<bytes.count, using: &generator)] = UInt8.random(
                    in: 0...255, using: &generator)
            }
            guard let read = Record(damaged, boot: Self.boot) else { continue }
            // What is accepted can be gone on with, and kept again.
            #expect(Record(Array(read.text(boot: Self.boot).utf8), boot: Self.boot) == read)
            var driven = Driven(continuing: read)
            _ = driven.take(.shown(read.change.generation))
            _ = driven.take(.timePassed)
        }
    }

    @Test("a text with a line end does not make another line")
    func lineEnds() {
        let record = Record(
            stage: .failed, change: Self.change, failure: .notReseeded(remark: "a\nprocess 1 1"), announced: [])
        let read = Record(Array(record.text(boot: Self.boot).utf8), boot: Self.boot)
        #expect(read?.failure == .notReseeded(remark: "a process 1 1"))
        #expect(read?.process == nil)
    }

    // MARK: Going on

    private let a = Hook("10-a")
    private let b = Hook("20-b")

    private func restarted(_ driven: Driven) throws -> Driven {
        let record = try #require(driven.readiness.record)
        let kept = try #require(Record(Array(record.text(boot: Self.boot).utf8), boot: Self.boot))
        var next = Driven(continuing: kept)
        next.now = driven.now
        return next
    }

    @Test("the hook that was running is run again, and those that are done are not")
    func middleOfAPhase() throws {
        var driven = Driven.ready()
        _ = driven.change(to: 6, [a, b])
        _ = driven.take(.hookEnded(status: 0))
        driven = try restarted(driven)
        #expect(driven.take(.shown(.init(6))) == [.list(.changed)])
        #expect(driven.take(.listed(.changed, [a, b])) == [.run(b, .changed, .init(6), .trigger)])
        _ = driven.take(.hookEnded(status: 0))
        driven = try restarted(driven)
        #expect(driven.take(.shown(.init(6))) == [.awaitWatchers(.init(6))])
        _ = driven.take(.watchersUpToDate(.init(6), WatcherCount()))
        driven = try restarted(driven)
        #expect(driven.take(.shown(.init(6))) == [.list(.ready)])
        #expect(driven.take(.listed(.ready, [a])) == [.run(a, .ready, .init(6), .trigger)], "it is another phase")
        _ = driven.take(.hookEnded(status: 0))
        let proof = try #require(driven.readiness.proof)
        driven = try restarted(driven)
        #expect(driven.take(.shown(.init(6))) == [])
        #expect(driven.readiness.proof == proof)
    }

    @Test("a change while no overseer was there is one")
    func changeMeanwhile() throws {
        var driven = try restarted(.ready())
        #expect(driven.take(.shown(.init(6))) == [.learn(.init(6))])
        driven = try restarted(driven)
        #expect(driven.take(.shown(.init(6))) == [.learn(.init(6))])
        driven = try restarted(driven)
        #expect(driven.take(.shown(.init(7))) == [.learn(.init(7))])
    }

    @Test("what has failed stays so, and what is quiesced")
    func settled() throws {
        var driven = Driven.ready()
        _ = driven.change(to: 6, [a])
        _ = driven.take(.hookEnded(status: 1))
        driven = try restarted(driven)
        #expect(driven.take(.shown(.init(6))) == [.list(.failed)])
        _ = driven.take(.listed(.failed, []))
        driven = try restarted(driven)
        #expect(driven.take(.shown(.init(6))) == [])
        #expect(driven.readiness.view.state == .failed)
        driven = .ready()
        _ = driven.take(.quiesce(CallNumber(rawValue: 1), deadline: nil))
        driven = try restarted(driven)
        #expect(driven.take(.shown(.init(5))) == [.list(.quiesce)])
        _ = driven.take(.listed(.quiesce, []))
        driven = try restarted(driven)
        #expect(driven.take(.shown(.init(5))) == [])
        #expect(driven.readiness.view.state == .quiesced)
    }

    @Test("an announced resume is known after a restart")
    func announced() throws {
        var driven = Driven.ready()
        _ = driven.take(.announce(CallNumber(rawValue: 1), Announcement(identity: "A"), deadline: nil))
        _ = driven.take(.triggered(.init(6), remark: ""))
        driven = try restarted(driven)
        #expect(driven.readiness.announcements.generation(of: "A") == .init(6))
    }
}

extension Readiness.Record: CustomTestStringConvertible {
    public var testDescription: String { "\(stage) \(failure.map { "\($0)" } ?? "")" }
}
