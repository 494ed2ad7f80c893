import SysGenIDCore
import SysGenIDDaemon
import SysGenIDSystem
import Testing

/// Whatever happens to the file, a successor continues with a record that was written, or with the
/// generation that was published, and never with anything else.
struct StateDamageTests {
    let fixture: StateFixture
    let older = StateFixture.record(0x0102_0304)
    let newer = StateFixture.record(0x0102_0305)
    let sound: [UInt8]

    init() throws {
        fixture = try StateFixture()
        let state = try fixture.open()
        try state.write(older)
        try state.write(newer)
        sound = try fixture.bytes()
    }

    private var continuingAsPublished: Record { Record(generation: newer.generation) }

    /// What is found in the bytes, with or without the generation published beside them.
    private func loaded(_ bytes: [UInt8], published: String?) throws -> StateFile.Loaded {
        try fixture.overwrite(bytes)
        let path = fixture.directory.path(of: "generation")
        if let published { try fixture.publish(published) } else if Files.exists(path) { try Files.remove(path) }
        return try fixture.open().loaded
    }

    @Test func eachFlippedBitIsNoticed() throws {
        for bit in 0..<sound.count * 8 {
            var bytes = sound
            bytes[bit / 8] ^= 1 << (bit % 8)
            // The newer record is in the first slot, as it is the second after the one of the new file.
            let isNewerHit = bit / 8 < 128
            let found = try loaded(bytes, published: nil)
            try #require(found == .record(isNewerHit ? older : newer), "bit \(bit)")
            let beside = try loaded(bytes, published: "\(newer.generation)\n")
            guard isNewerHit else {
                try #require(beside == .record(newer), "bit \(bit)")
                continue
            }
            try #require(beside.isDamaged && beside.record == continuingAsPublished, "bit \(bit)")
        }
    }

    @Test func eachTruncationIsNoticed() throws {
        for length in 0..<sound.count {
            let found = try loaded(Array(sound.prefix(length)), published: "\(newer.generation)\n")
            if length < 128 {
                try #require(found.isDamaged && found.record == continuingAsPublished, "length \(length)")
            } else {
                try #require(found == .record(newer), "length \(length)")
            }
            try #require(try fixture.bytes().count == sound.count, "length \(length)")
            // What was found is kept: the next daemon continues with it, and has nothing to complain of.
            try #require(try fixture.open().loaded == .record(found.record), "length \(length)")
        }
    }

    @Test func theRemainsOfATruncatedFileAreUsedWhereNothingWasPublished() throws {
        for length in 0..<sound.count {
            let found = try loaded(Array(sound.prefix(length)), published: nil)
            switch length {
            case 0: try #require(found == .fresh)
            case 1..<128: try #require(found.isDamaged && found.record == Record(generation: .fresh))
            default: try #require(found == .record(newer))
            }
        }
    }

    @Test func bytesBeyondTheEndAreCutOff() throws {
        #expect(try loaded(sound + [1, 2, 3], published: nil) == .record(newer))
        #expect(try fixture.bytes() == sound)
    }

    @Test(arguments: [0, 1, 3, 0xffff_ffff] as [UInt32])
    func anotherVersionIsNotRead(version: UInt32) throws {
        var bytes = sound
        for slot in [0, 128] {
            for place in 0..<4 { bytes[slot + 8 + place] = UInt8(truncatingIfNeeded: version >> (8 * place)) }
        }
        let found = try loaded(bytes, published: "\(newer.generation)\n")
        guard case .damaged(let reason, continuingAsPublished) = found else {
            Issue.record("\(found)")
            return
        }
        #expect(reason.contains("version is \(version),"))
    }

    @Test func garbageIsDamage() throws {
        for byte: UInt8 in [0x01, 0x53, 0xff] {
            let garbage = [UInt8](repeating: byte, count: 256)
            let found = try loaded(garbage, published: "77\n")
            #expect(found.isDamaged && found.record == Record(generation: Generation(rawValue: 77)))
            #expect(try loaded(garbage, published: nil).isDamaged)
        }
        let zeros = [UInt8](repeating: 0, count: 256)
        #expect(try loaded(zeros, published: nil) == .fresh)
        #expect(try loaded(zeros, published: "77\n").record.generation.rawValue == 77)
    }

    @Test func aStateThatWasRemovedContinuesWithWhatWasPublished() throws {
        try fixture.publish("9\n")
        try Files.remove(fixture.path)
        let found = try fixture.open().loaded
        #expect(found.isDamaged && found.record == Record(generation: Generation(rawValue: 9)))
    }

    @Test(
        "a published text that is none counts for nothing", arguments: ["", "\n", "77", "-1\n", "4294967296\n", "x\n"])
    func publishedGarbage(text: String) throws {
        #expect(try loaded(sound, published: text) == .record(newer))
        #expect(try loaded([], published: text) == .fresh)
    }

    @Test func aLowerPublishedGenerationCountsForNothing() throws {
        #expect(try loaded(sound, published: "5\n") == .record(newer))
    }
}

extension StateFile.Loaded {
    fileprivate var isDamaged: Bool {
        if case .damaged = self { true } else { false }
    }
}
