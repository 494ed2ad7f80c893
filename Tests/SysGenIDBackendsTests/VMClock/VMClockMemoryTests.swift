import SysGenIDCore
import SysGenIDSystem
import TestSupport
import Testing

@testable import SysGenIDBackends

/// A vmclock that the kernel has no driver of, in a file that takes the place of the machine's memory.
struct VMClockMemoryTests {
    let machine: ReplayedMachine
    private static let address: UInt64 = 0x7000

    init() throws {
        machine = try ReplayedMachine()
        try machine.writeMemory(VMClockFixture().structure + [UInt8](repeating: 0, count: 4_096), at: Self.address)
    }

    private func open() throws(SourceFailure) -> any IdentitySource {
        try VMClockSource.open(systemRoot: machine.root, memory: machine.memory)
    }

    private func refusal() -> String {
        do throws(SourceFailure) {
            _ = try open().identity()
            return ""
        } catch {
            #expect(!error.description.contains("\n"))
            return error.description
        }
    }

    private func putMap(_ name: String = "AMZNC10C:00", last: String = "7fff") throws {
        let map = "00000000-00006fff : System RAM\n00007000-0000\(last) : \(name)\n"
        try machine.write("proc/iomem", Array(map.utf8))
    }

    private static let identifier = AMLBuilder.name("_HID", AMLBuilder.string("AMZNC10C"))

    private static func putTable(_ machine: ReplayedMachine, _ objects: AMLBuilder.Bytes...) throws {
        let device = AMLBuilder.enclosed([0x5b, 0x82], AMLBuilder.path("VCLK") + objects.flatMap(\.self))
        try machine.writeTable("DSDT", AMLBuilder.table("DSDT", AMLBuilder.scope("\\_SB_", device)))
    }

    private static let quadWord: [UInt8] =
        [0x8a, 0x2b, 0, 0, 0x0c, 1] + number(0) + number(address) + number(address + 0xfff) + number(0) + number(0x1000)
    private static func number(_ value: UInt64) -> [UInt8] { withUnsafeBytes(of: value.littleEndian, Array.init) }

    private func expectCounter() throws {
        let source = try open()
        #expect(source.place == "in memory, at 0x7000")
        #expect(try source.identity() == Identity(domain: .vmclock, high: 0x0807_0605_0403_0201, low: 0))
        try machine.patchMemory([0xff], at: Self.address + 0x68)
        #expect(try source.identity().high == 0x0807_0605_0403_02ff)
        #expect(source.pollDescriptor == nil)
    }

    @Test(arguments: ["AMZNC10C:00", "AMZNC10C:01", "VMCLOCK:00"])
    func theKernelsMapShowsIt(name: String) throws {
        try putMap(name)
        try expectCounter()
    }

    @Test func theDeviceTreeShowsIt() throws {
        let properties: [(String, [UInt8])] = [
            ("#address-cells", cells(2)), ("#size-cells", cells(2)),
            ("ptp@7000/compatible", text("amazon,vmclock\0")), ("ptp@7000/reg", cells(0, 0x7000, 0, 0x1000)),
        ]
        for (name, value) in properties { try machine.write("sys/firmware/devicetree/base/\(name)", value) }
        try expectCounter()
    }

    @Test func theTablesShowIt() throws {
        try Self.putTable(
            machine, Self.identifier, AMLBuilder.name("_CRS", AMLBuilder.buffer(Self.quadWord + [0x79, 0])))
        try expectCounter()
    }

    @Test func theTablesShowItByItsCompatibleName() throws {
        let memory: [UInt8] = [0x86, 9, 0, 1, 0, 0x70, 0, 0, 0, 0x10, 0, 0]
        try Self.putTable(
            machine, AMLBuilder.name("_CID", AMLBuilder.string("VMCLOCK")),
            AMLBuilder.method("_CRS", AMLBuilder.returning(AMLBuilder.buffer([0x22, 1, 0] + memory + [0x79, 0]))))
        try expectCounter()
    }

    @Test func whatIsNotThereIsNotTaken() throws {
        try Self.putTable(
            machine, Self.identifier, AMLBuilder.name("_STA", AMLBuilder.zero),
            AMLBuilder.name("_CRS", AMLBuilder.buffer(Self.quadWord + [0x79, 0])))
        #expect(refusal().contains("it takes a hypervisor with a vmclock"))
    }

    @Test func theKernelsOwnDeviceComesFirst() throws {
        try putMap()
        try VMClockFixture(generationCounter: 5).write(to: machine.root)
        #expect(try open().identity().high == 5)
    }

    @Test func whatCannotBeReadIsTold() throws {
        try putMap(last: "7010")
        #expect(refusal().contains("it takes a hypervisor with a vmclock"))
        try putMap()
        try machine.patchMemory([0], at: Self.address)
        #expect(refusal().contains("it is no vmclock"))
        try Files.remove(machine.scratch.path("dev/mem"))
        #expect(refusal().contains("the hypervisor has a vmclock: it takes Linux 6.13 with ptp_vmclock"))
        #expect(refusal().contains("the vmclock at 0x7000 cannot be mapped"))
    }

    /// Whether there is one is not known then.
    @Test func whatCannotBeSearchedIsTold() throws {
        try machine.writeTable("DSDT", AMLBuilder.table("DSDT", AMLBuilder.loop(AMLBuilder.one)))
        #expect(refusal().contains("what the firmware says of a vmclock cannot be used"))
        #expect(!refusal().contains("the hypervisor has a vmclock"))
    }

    @Test func memoryThatEndsIsAFailure() throws {
        try putMap()
        let source = try open()
        try NamedFile(machine.scratch.path("dev/mem"), .writeOnly).setLength(4_096)
        #expect(throws: SourceFailure.self) { try source.identity() }
    }

    private static let hostile: [[UInt8]] = [
        [], [0x79], [0x8a], [0x8a, 0xff], [0x8a, 0xff, 0xff, 1], Array(quadWord.dropLast()), [0x86, 0, 0],
        [0x8a, 0, 0],
        [0x87, 3, 0, 0, 0, 0], [0x8a, 0x2b, 0, 1] + Array(quadWord.dropFirst(4)),
    ]

    @Test(arguments: hostile)
    func resourcesAreReadAsHostile(template: [UInt8]) {
        #expect(ACPIResources.memory(in: template, byteCount: 112) == nil)
    }

    @Test func whatIsTooSmallIsPassedOver() {
        let small: [UInt8] = [0x86, 9, 0, 1, 0, 0x60, 0, 0, 0x6f, 0, 0, 0]
        #expect(ACPIResources.memory(in: small + Self.quadWord, byteCount: 112) == Self.address)
    }
}
