import SysGenIDCore
import SysGenIDDaemon
import SysGenIDSystem
import Testing

struct StateFileTests {
    let fixture: StateFixture

    init() throws {
        fixture = try StateFixture()
    }

    @Test func aNewFileIsFreshAndForNobodyElse() throws {
        #expect(try fixture.open().loaded == .fresh)
        #expect(try fixture.bytes().count == 256)
        #expect(try Files.status(fixture.path).permissions == 0o600)
        // The next daemon of this boot continues, though nothing ever happened.
        #expect(try fixture.open().loaded == .record(Record(generation: .fresh)))
    }

    @Test(
        arguments: [
            StateFixture.record(1), StateFixture.record(.max), Record(generation: .fresh), Record(generation: .last),
            Record(generation: .fresh, identities: [Identity(domain: .vmGenerationID, high: 0, low: 0)]),
            Record(
                generation: .fresh,
                identities: [
                    Identity(domain: .kernelLog, high: 0, low: 9), Identity(domain: .vmGenerationID, high: 3, low: 4),
                    Identity(domain: .init("vmclock"), high: 5, low: 0),
                ]),
            Record(generation: .last, identities: [Identity(domain: .init(rawValue: .max), high: .max, low: .max - 1)]),
        ])
    func aRecordComesBackAsItWas(record: Record) throws {
        try fixture.open().write(record)
        let loaded = try fixture.open().loaded
        #expect(loaded == .record(record))
        #expect(loaded.record == record)
    }

    @Test func theSlotsAreWrittenInTurn() throws {
        let state = try fixture.open()
        var before = try fixture.bytes()
        var changed: [Int] = []
        for generation: UInt32 in 1...6 {
            try state.write(StateFixture.record(generation))
            let after = try fixture.bytes()
            let differs = [0, 1].filter { slot in (slot * 128..<slot * 128 + 128).contains { before[$0] != after[$0] } }
            try #require(differs.count == 1)
            changed += differs
            before = after
            #expect(after.count == 256)
            #expect(try fixture.open().loaded == .record(StateFixture.record(generation)))
        }
        #expect(changed == [1, 0, 1, 0, 1, 0])
    }

    @Test func aSuccessorOverwritesTheOlderSlot() throws {
        try fixture.open().write(StateFixture.record(5))
        for generation: UInt32 in 6...9 {
            let newest = try fixture.bytes()
            try fixture.open().write(StateFixture.record(generation))
            // Where the write was cut off, the record before it is still there.
            let after = try fixture.bytes()
            let place = (0..<256).first { newest[$0] != after[$0] }! / 128 * 128
            var torn = after
            torn.replaceSubrange(place + 40..<place + 128, with: newest[place + 40..<place + 128])
            try fixture.overwrite(torn)
            #expect(try fixture.open().loaded == .record(StateFixture.record(generation - 1)))
            try fixture.overwrite(after)
        }
    }

    @Test func anotherBootStartsAtZeroAndForgetsWhatWasPublished() throws {
        try fixture.open().write(StateFixture.record(5))
        try fixture.publish("5\n")
        #expect(try fixture.open(StateFixture.otherBoot).loaded == .fresh)
        #expect(!Files.exists(fixture.directory.path(of: "generation")))
        #expect(try fixture.open(StateFixture.otherBoot).loaded == .record(Record(generation: .fresh)))
        #expect(try fixture.open().loaded == .fresh)
    }

    @Test func thePublishedTextMayBeOneGenerationBehind() throws {
        let state = try fixture.open()
        try state.write(Record(generation: .last))
        try state.write(Record(generation: Generation(rawValue: 1)))
        // The counter has started again, and the daemon ended before it published that.
        try fixture.publish("\(UInt32.max)\n")
        #expect(try fixture.open().loaded == .record(Record(generation: Generation(rawValue: 1))))
    }

    @Test func whatIsNoPlainFileIsRefusedAndLeftAlone() throws {
        let target = fixture.scratch.path("target")
        try Files.replace(target, with: [1, 2, 3], permissions: 0o644)
        try link(fixture.path, to: target)
        #expect(throws: StateFailure.notAPlainFile(fixture.path)) { try fixture.open() }
        #expect(try Files.read(target) == [1, 2, 3])
        #expect("\(StateFailure.notAPlainFile("/run/x/state"))" == "/run/x/state is not a plain file: remove it")
    }

    @Test func theBootIDIsTheKernels() throws {
        let current = try BootID.current()
        #expect(current.bytes.count == 16)
        #expect(try BootID.current() == current)
        #expect(BootID(text: Array("no boot id".utf8)) == nil)
        #expect(try fixture.open(current).loaded == .fresh)
    }

    @Test func writersDoNotDisturbEachOther() throws {
        let state = try fixture.open()
        let threads = try (UInt32(0)..<4).map { number in
            try Thread(named: "writer \(number)") {
                for round: UInt32 in 0..<200 { try? state.write(StateFixture.record(number * 1_000 + round)) }
            }
        }
        for thread in threads { thread.join() }
        let last = try fixture.open().loaded.record
        #expect(last.generation.rawValue % 1_000 == 199)
        #expect(last == StateFixture.record(last.generation.rawValue))
    }
}
