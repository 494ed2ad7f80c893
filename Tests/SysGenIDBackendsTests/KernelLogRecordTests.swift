import TestSupport
import Testing

@testable import SysGenIDBackends

struct KernelLogRecordTests {
    static let fork = "random: crng reseeded due to virtual machine fork"

    private func parse(_ text: String) -> KernelLogRecord? { KernelLogRecord(Array(text.utf8)) }

    @Test func theFieldsAreTaken() throws {
        // 30 = 3 << 3 | 6: a daemon, informational.
        let record = try #require(parse("30,340,5690716,-;udevd[80]: starting; version, 181\n"))
        #expect(record.facility == 3)
        #expect(record.level == 6)
        #expect(record.sequenceNumber == 340)
        #expect(record.timestamp == 5_690_716)
        #expect(!record.isVirtualMachineFork)
    }

    @Test func continuationLinesAreNoText() throws {
        let lines = "7,160,424069,-;\(Self.fork)\n SUBSYSTEM=acpi\n DEVICE=+acpi:PNP0A03:00\n"
        #expect(try #require(parse(lines)).isVirtualMachineFork)
        #expect(parse(" SUBSYSTEM=acpi\n") == nil)
    }

    @Test(
        "the kernel's line, in every form of the prefix",
        arguments: [
            "5,901,12345678,-;", "5,901,12345678,-,caller=T1;", "5,901,12345678,c,caller=C0,new=1;", "0,0,0,-;",
        ])
    func forks(prefix: String) throws {
        #expect(try #require(parse(prefix + Self.fork)).isVirtualMachineFork)
        #expect(try #require(parse(prefix + Self.fork + "\n")).isVirtualMachineFork)
        #expect(try #require(parse(prefix + Self.fork + "\n SUBSYSTEM=x\n")).isVirtualMachineFork)
    }

    @Test(
        "what only looks like the kernel's line",
        arguments: [
            // User space, by default and with each facility it can name at the edges.
            "13,1,1,-;\(fork)\n", "8,1,1,-;\(fork)\n", "12,1,1,-;\(fork)\n", "2047,1,1,-;\(fork)\n",
            // More or less than the text.
            "5,1,1,-; \(fork)\n", "5,1,1,-;\(fork) \n", "5,1,1,-;\(fork).\n", "5,1,1,-;[T1] \(fork)\n",
            "5,1,1,-;\(fork.dropLast())\n", "5,1,1,-;\(fork.dropFirst())\n", "5,1,1,-;\n", "5,1,1,-;x\n\(fork)\n",
            "5,1,1,-;R\(fork.dropFirst())\n", "5,1,1,-;;\(fork)\n",
            // An escape, a line of a record that continues it, a prefix in the text.
            "5,1,1,-;\\x72\(fork.dropFirst())\n", "5,1,1,-;\(fork)\\x0a\n", "5,1,1,-;x\n \(fork)\n",
            "13,1,1,-;5,1,1,-;\(fork)\n", "13,1,1,-;x\\x0a5,1,1,-;\(fork)\n",
        ])
    func forgeries(text: String) throws {
        #expect(try #require(parse(text)).isVirtualMachineFork == false)
    }

    @Test(
        "what is no record",
        arguments: [
            "", "\n", ";", ",,,;", "5,1,1;\(fork)", "5,1,1,-\(fork)", "5,1,1,-\n;\(fork)", "\n5,1,1,-;\(fork)",
            "-5,1,1,-;\(fork)", "+5,1,1,-;\(fork)", " 5,1,1,-;\(fork)", "<5>,1,1,-;\(fork)", "0x5,1,1,-;\(fork)",
            // 2048 would be facility 0 again in eight bits.
            "2048,1,1,-;\(fork)", "18446744073709551616,1,1,-;\(fork)", "18446744073709551621,1,1,-;\(fork)",
            "5,18446744073709551616,1,-;\(fork)", "5,1,99999999999999999999,-;\(fork)", "5,,1,-;\(fork)",
            "5,1,1 ,-;\(fork)", "5,１,1,-;\(fork)", fork,
        ])
    func garbage(text: String) {
        #expect(parse(text) == nil)
    }

    @Test func theLargestNumbersAreTaken() throws {
        let record = try #require(parse("2047,18446744073709551615,18446744073709551615,-;"))
        #expect(record.facility == 255)
        #expect(record.sequenceNumber == .max)
        #expect(record.timestamp == .max)
        #expect(!record.isVirtualMachineFork)
    }

    @Test func aPartOfTheLineIsNeverTheLine() {
        let line = Array("5,901,12345678,-,caller=T1;\(Self.fork)".utf8)
        for length in 0..<line.count {
            #expect(KernelLogRecord(line.prefix(length))?.isVirtualMachineFork != true, "\(length) bytes")
            #expect(KernelLogRecord(line.dropFirst(length + 1))?.isVirtualMachineFork != true, "without \(length + 1)")
        }
    }

    @Test func aDamagedTextIsNeverTheLine() {
        let prefix = Array("5,901,12345678,-;".utf8)
        let line = prefix + Array(Self.fork.utf8)
        for place in prefix.count..<line.count {
            for bit in 0..<8 {
                var damaged = line
                damaged[place] ^= 1 << bit
                #expect(KernelLogRecord(damaged)?.isVirtualMachineFork != true, "bit \(bit) at \(place)")
            }
        }
    }

    @Test func noBytesAreMoreThanARecordOrNone() {
        var random = SeededGenerator(seed: 6)
        let alphabet = Array("0123456789,,,,;;-c=\\x\n ".utf8) + Array(0...255)
        var parsedCount = 0
        for round in 0..<50_000 {
            let bytes = (0..<Int.random(in: 0...60, using: &random)).map { _ in alphabet.randomElement(using: &random)!
            }
            let tail = round.isMultiple(of: 2) ? bytes : Array("5,1,2,".utf8) + bytes
            guard let record = KernelLogRecord(tail) else { continue }
            parsedCount += 1
            #expect(!record.isVirtualMachineFork && record.level < 8, "round \(round)")
        }
        #expect(parsedCount > 1_000)
        #expect(KernelLogRecord([UInt8](repeating: UInt8(ascii: ","), count: 1 << 20)) == nil)
        #expect(KernelLogRecord([UInt8](repeating: UInt8(ascii: "1"), count: 1 << 20)) == nil)
    }
}
