import SysGenIDCore
import SysGenIDSystem
import TestSupport
import Testing

@testable import SysGenIDBackends

/// The VM generation ID of a replayed machine, in whose memory a file stands.
struct MemorySourceTests {
    static let address = ACPIFixtures.firecrackerAddress
    static let guid = (UInt8(1)...16).map { $0 * 0x0f }

    let machine: ReplayedMachine

    init() throws {
        machine = try ReplayedMachine()
        try machine.writeTable("DSDT", ACPIFixtures.firecrackerTable)
        try machine.writeMemory(Self.guid, at: Self.address)
    }

    private func source() throws -> MemorySource { try machine.acpi() }

    private func reason(_ body: () throws -> Void) throws -> String {
        let failure = #expect(throws: SourceFailure.self) { try body() }
        let description = try #require(failure).description
        #expect(!description.contains("\n"))
        return description
    }

    @Test func theIdentityIsTheGUIDInTheOrderOfMemory() throws {
        let source = try source()
        #expect(source.address == Self.address)
        #expect(try source.identity() == Identity(domain: .vmGenerationID, bytes: Self.guid))
    }

    @Test func aChangeIsSeenThroughTheStandingMapping() throws {
        let source = try source()
        for byte: UInt8 in 1...20 {
            let guid = [UInt8](repeating: byte, count: 16)
            try machine.patchMemory(guid, at: Self.address)
            #expect(try source.identity().bytes == guid)
        }
    }

    @Test(arguments: [0x00, 0xff] as [UInt8])
    func anEmptyGUIDIsNoIdentity(byte: UInt8) throws {
        let source = try source()
        try machine.patchMemory([UInt8](repeating: byte, count: 16), at: Self.address)
        #expect(try reason { _ = try source.identity() }.contains("placed none"))
        try machine.patchMemory([1], at: Self.address)
        #expect(try source.identity().bytes[0] == 1)
    }

    @Test func aMachineWithoutMemorySaysSo() throws {
        try Files.remove(machine.scratch.path("dev/mem"))
        #expect(try reason { _ = try source() }.contains("the kernel was built without it"))
    }

    @Test func memoryThatEndsBeforeTheGUIDIsRefused() throws {
        try NamedFile(machine.scratch.path("dev/mem"), .writeOnly).setLength(Int64(Self.address) + 15)
        #expect(try reason { _ = try source() }.contains("cannot be mapped"))
    }

    @Test func memoryThatBecomesShorterIsAFailureAndNoCrash() throws {
        let source = try source()
        try NamedFile(machine.scratch.path("dev/mem"), .writeOnly).setLength(4_096)
        #expect(try reason { _ = try source.identity() }.contains("cannot be read"))
    }

    @Test func aMachineWithoutTheDeviceHasNoSource() throws {
        try machine.writeTable("DSDT", AMLBuilder.table("DSDT", ACPIFixtures.otherDevices))
        #expect(try reason { _ = try source() }.contains("no VM generation ID device"))
    }

    @Test func anAddressAboveFourGigabytesHasToBeOnTheMap() throws {
        let high: UInt64 = 0x1_2345_6000
        let device = ACPIFixtures.device(
            ACPIFixtures.addressPackage(AMLBuilder.doubleWord(0x2345_6000), AMLBuilder.doubleWord(1)))
        try machine.writeTable("DSDT", AMLBuilder.table("DSDT", device))
        try machine.writeMemory(Self.guid, at: high)
        #expect(try reason { _ = try source() }.contains("0x123456000 is above 4 GiB"))
        try machine.write("proc/iomem", Array("123456000-123456fff : Reserved\n".utf8))
        #expect(try source().identity().bytes == Self.guid)
    }

    @Test(arguments: [("acpi:FCVMGID:VM_GEN_COUNTER:", "15"), ("acpi:VMGENCTR:VM_GEN_COUNTER:", nil)])
    func theKernelsOwnDeviceAgrees(modalias: String, status: String?) throws {
        let device = "sys/bus/acpi/devices/VMGENCTR:00"
        try machine.write("sys/bus/acpi/devices/PNP0A03:00/modalias", Array("acpi:PNP0A03:\n".utf8))
        #expect(try reason { _ = try source() }.contains("the kernel says that it is not there"))
        try machine.write("\(device)/modalias", Array("\(modalias)\n".utf8))
        if let status { try machine.write("\(device)/status", Array("\(status)\n".utf8)) }
        #expect(try source().identity().bytes == Self.guid)
        for absent in ["0", "14", "x", "-1"] {
            try machine.write("\(device)/status", Array("\(absent)\n".utf8))
            #expect(try reason { _ = try source() }.contains("the kernel says that it is not there"))
        }
    }

    @Test func whatNoMapShowsHasToLookLikeAnIdentity() throws {
        try machine.write("proc/iomem", Array("00001000-0009fbff : System RAM\n".utf8))
        #expect(try source().identity().bytes == Self.guid)
        for bytes in [
            [UInt8](repeating: 0x5a, count: 16), Array(repeating: [1, 2, 3, 4] as [UInt8], count: 4).flatMap(\.self),
        ] {
            try machine.patchMemory(bytes, at: Self.address)
            #expect(
                try reason { _ = try source() }.contains("0xdfff0, where the kernel's map of the memory has nothing"))
        }
        try machine.patchMemory([UInt8](repeating: 0xff, count: 16), at: Self.address)
        #expect(try reason { _ = try source() }.contains("placed none"))
    }

    @Test func theKernelsOwnDeviceIsKnownByItsPathToo() throws {
        let device = "sys/bus/acpi/devices/OTHER:00"
        try machine.write("\(device)/modalias", Array("acpi:OTHER:\n".utf8))
        try machine.write("\(device)/path", Array("\\_SB_.OTHR\n".utf8))
        #expect(try reason { _ = try source() }.contains("the kernel says that it is not there"))
        try machine.write("\(device)/path", Array("\\_SB_.VGEN\n".utf8))
        #expect(try source().identity().bytes == Self.guid)
    }

    @Test func theAddressIsToldWhereItCannotBeRead() throws {
        try Files.remove(machine.scratch.path("dev/mem"))
        #expect(try reason { _ = try source() }.contains("at 0xdfff0"))
    }

    @Test func eachRefusalOfTheMemoryHasItsReason() throws {
        func refusal(_ failure: SystemCallFailure) -> MemoryRefusal? {
            MemoryRefusal(failure, systemRoot: machine.root)
        }
        let opening = SystemCallFailure("open", "/dev/mem", .notPermitted)
        let mapping = SystemCallFailure("mmap", "/dev/mem", .notPermitted)
        #expect(refusal(SystemCallFailure("open", "/dev/mem", .noSuchFileOrDirectory)) == .notBuilt)
        #expect(refusal(opening) == .notAllowed)
        #expect(refusal(SystemCallFailure("open", "/dev/mem", .permissionDenied)) == .notAllowed)
        #expect(refusal(mapping) == .busy)
        #expect(MemoryRefusal.busy.description.contains("iomem=relaxed"))
        #expect(refusal(opening)?.reason == .notPermitted && refusal(mapping)?.reason == .memoryBusy)
        #expect(refusal(SystemCallFailure("mmap", "/dev/mem", .noMemory)) == nil)
        try machine.write("sys/kernel/security/lockdown", Array("[none] integrity confidentiality\n".utf8))
        #expect(refusal(mapping) == .busy)
        for modes in ["none [integrity] confidentiality\n", "none integrity [confidentiality]\n"] {
            try machine.write("sys/kernel/security/lockdown", Array(modes.utf8))
            #expect(refusal(opening) == .lockedDown)
            #expect(refusal(mapping) == .lockedDown)
            #expect(refusal(mapping)?.reason == .lockedDown)
        }
    }

    @Test func ordinaryMemoryIsRefused() throws {
        try machine.write("proc/iomem", Array("00001000-ffffffff : System RAM\n".utf8))
        #expect(try reason { _ = try source() }.contains("0xdfff0 is in ordinary memory"))
        let reserved = "00001000-ffffffff : System RAM\n  000df000-000dffff : Reserved\n"
        try machine.write("proc/iomem", Array(reserved.utf8))
        #expect(try source().identity().bytes == Self.guid)
    }
}
