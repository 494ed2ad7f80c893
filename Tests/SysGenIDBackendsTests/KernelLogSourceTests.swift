import SysGenIDCore
import SysGenIDSystem
import TestSupport
import Testing

@testable import SysGenIDBackends

/// The kernel's own word, from a log in a plain file.
struct KernelLogSourceTests {
    let machine: ReplayedMachine

    init() throws {
        machine = try ReplayedMachine()
    }

    private func number() throws -> UInt64 {
        let identity = try KernelLogSource(systemRoot: machine.root).identity()
        #expect(identity.domain == .kernelLog)
        return identity.low
    }

    @Test func withoutADeviceTheLogSaysNothing() throws {
        try machine.write("dev/kmsg", Array(ReplayedMachine.forkLine(7).utf8))
        #expect(throws: SourceFailure.self) { try number() }
        // The driver is there, and has no device.
        for name in ["bind", "unbind", "uevent", "module"] {
            try machine.write("sys/bus/platform/drivers/vmgenid/\(name)", [])
        }
        #expect(throws: SourceFailure.self) { try number() }
        try machine.write("sys/bus/platform/drivers/vmgenid/VMGENCTR:00", [])
        #expect(try number() == 8)
    }

    @Test func theDriverMayBeThatOfOlderKernels() throws {
        try machine.write("sys/bus/acpi/drivers/vmgenid/QEMUVGID:00", [])
        #expect(throws: SourceFailure.self) { try number() }
        try machine.write("dev/kmsg", [])
        #expect(try number() == 0)
    }

    @Test func theLastRecordThatTellsOfAResumeCounts() throws {
        try machine.writeKernelLog([])
        #expect(try number() == 0)
        try machine.writeKernelLog([ReplayedMachine.forkLine(0)])
        #expect(try number() == 1)
        try machine.writeKernelLog([
            "6,5,77,-;Linux version 6.12\n DEVICE=+acpi:PNP0A03:00\n", ReplayedMachine.forkLine(8),
            ReplayedMachine.forkLine(11), "12,12,79,-;random: crng reseeded due to virtual machine fork\n",
        ])
        #expect(try number() == 12)
    }

    @Test func whatComesLaterIsTaken() throws {
        try machine.writeKernelLog(["6,1,1,-;first\n"])
        let source = try KernelLogSource(systemRoot: machine.root)
        #expect(try source.identity().low == 0)
        try machine.log("6,2,2,-;second\n" + ReplayedMachine.forkLine(3) + "6,4,4,-;fourth\n")
        #expect(try source.identity().low == 4)
        #expect(try source.identity().low == 4)
        #expect(source.pollDescriptor == nil)
    }

    /// The next look takes what follows: it is due at once, since the log has more to be read.
    @Test func aResumeIsShownBeforeWhatFollowsItIsRead() throws {
        try machine.writeKernelLog([])
        let source = try KernelLogSource(systemRoot: machine.root)
        let filler = String(repeating: "6,6,6,-;" + String(repeating: "x", count: 90) + "\n", count: 100)
        try machine.log(ReplayedMachine.forkLine(5) + filler + ReplayedMachine.forkLine(7))
        #expect(try source.identity().low == 6)
        #expect(try source.identity().low == 8)
    }

    /// The look that follows shows the same.
    @Test func aFirstLookTellsOfAnotherIdentityAlone() throws {
        try machine.writeKernelLog([ReplayedMachine.forkLine(2)])
        let source = try KernelLogSource(systemRoot: machine.root)
        let seen = try source.identity()
        #expect(source.news(since: seen) == nil)
        try machine.log("6,3,3,-;something else\n")
        #expect(source.news(since: seen) == nil)
        try machine.log(ReplayedMachine.forkLine(5))
        #expect(source.news(since: seen)?.identity.low == 6)
        #expect(source.news(since: seen)?.identity.low == 6)
        #expect(try source.identity().low == 6)
    }

    @Test func recordsMayLieAcrossTheEndOfWhatIsReadAtOnce() throws {
        let filler = "6,1,1,-;" + String(repeating: "x", count: 90) + "\n"
        for count in 80...90 {
            let lines = Array(repeating: filler, count: count) + [ReplayedMachine.forkLine(900)]
            try machine.writeKernelLog(lines + Array(repeating: filler, count: 3))
            #expect(try number() == 901, "\(count) lines")
        }
    }

    @Test func aLineWithoutAnEndIsNotTakenYet() throws {
        try machine.writeKernelLog([])
        let source = try KernelLogSource(systemRoot: machine.root)
        let line = ReplayedMachine.forkLine(5)
        try machine.log(String(line.dropLast(1)))
        #expect(try source.identity().low == 0)
        try machine.log("\n")
        #expect(try source.identity().low == 6)
    }

    @Test func aHugeLineIsNoRecord() throws {
        try machine.writeKernelLog([String(repeating: "6", count: 1 << 20) + ReplayedMachine.forkLine(5)])
        #expect(try number() == 0)
    }
}
