import SysGenIDCore
import SysGenIDSystem
import TestSupport
import Testing

@testable import SysGenIDBackends

/// What a glance at the tables shows, for which they are not evaluated, and that nothing is lost by it.
struct TableGlanceTests {
    private let machine: ReplayedMachine
    private static let guid = [UInt8](1...16)
    private static let address = ACPIFixtures.firecrackerAddress
    private static let identity = Identity(domain: .vmGenerationID, bytes: guid)!

    init() throws {
        machine = try ReplayedMachine()
        try machine.writeMemory(Self.guid, at: Self.address)
    }

    private func putTable(_ objects: [UInt8]...) throws {
        let device = AMLBuilder.device("VGEN", objects.flatMap(\.self) + Self.place)
        try machine.writeTable("DSDT", AMLBuilder.table("DSDT", AMLBuilder.scope("\\_SB_", device)))
    }

    private static let place = ACPIFixtures.addressPackage(
        AMLBuilder.doubleWord(UInt32(address)), AMLBuilder.doubleWord(0))

    /// A name that no table holds as it is.
    private static let composed = AMLBuilder.method(
        "_HID",
        AMLBuilder.returning([0x73] + AMLBuilder.string("VMGEN") + AMLBuilder.string("CTR") + AMLBuilder.noTarget))

    private func glance() -> SourceFailure? {
        do throws(SourceFailure) {
            _ = try MemorySource.acpi(systemRoot: machine.root, memory: machine.memory, by: .glance)
            return nil
        } catch {
            return error
        }
    }

    @Test(arguments: ["VMGENCTR", "vmgenctr", "*QEMUVGID", "VM_Gen_Counter", "Hyper_V_Gen_Counter_V1", "FCVMGID"])
    func aNameInATableIsSeen(name: String) throws {
        try putTable(AMLBuilder.name("_CID", AMLBuilder.string(name)))
        #expect(glance() == nil)
    }

    @Test func whereNoTableHasANameNoneIsEvaluated() throws {
        try putTable(AMLBuilder.name("_HID", AMLBuilder.string("VMGENCT")))
        try machine.writeTable("SSDT1", AMLBuilder.table("SSDT", []))
        let failure = try #require(glance())
        #expect(failure.reason == .noDevice && failure.isProvisional)
        try machine.writeTable("SSDT2", ACPIFixtures.qemuTable(page: UInt32(Self.address - 0x28)))
        #expect(glance()?.isProvisional != true)
    }

    @Test func whatCannotBeReadIsLookedAtClosely() throws {
        try putTable(AMLBuilder.name("_HID", AMLBuilder.string("PNP0A03")))
        try machine.writeTable("SSDT", [1])
        let failure = try #require(glance())
        #expect(failure.reason == .notAllSearched && !failure.isProvisional)
    }

    @Test func withoutMemoryNothingIsEvaluated() throws {
        try machine.writeTable("DSDT", ACPIFixtures.firecrackerTable)
        try Files.remove(machine.scratch.path("dev/mem"))
        let failure = try #require(glance())
        #expect(failure.reason == .noMemoryDevice && failure.isProvisional)
        #expect(failure.description.contains("the kernel was built without it"))
    }

    @Test func withoutTablesThereIsNothingToBeSeenLater() throws {
        let failure = try #require(glance())
        #expect(failure.reason == .noInterface && !failure.isProvisional)
    }

    /// As soon as clients are served the tables are evaluated, and a device is found that no glance has shown.
    @Test func aNameThatIsPutTogetherIsFoundWhenClientsAreServed() throws {
        try putTable(Self.composed)
        try machine.writeKernelLog([ReplayedMachine.forkLine(3)])
        #expect(glance()?.isProvisional == true)
        let catalogue = BackendCatalogue(systemRoot: machine.root, interval: 60_000, file: nil)
        let choice = catalogue.best()
        #expect(choice.backend.name == "kernel-log" && choice.backend.hasPutOff)
        let running = try RunningBackend(choice.backend)
        #expect(running.reports(count: 2).first == .deciding("kernel-log"))
        running.lookAgain()
        #expect(running.hasReported(.deciding("acpi")))
        _ = running.stopped()
        // Who asks for it by its name has it at once.
        #expect(try catalogue.backend(named: "acpi").backend.name == "acpi")
    }

    @Test func aVMClockIsSeenByItsNameAlone() throws {
        func clock(_ look: SourceCandidate.Look) throws(SourceFailure) -> UInt64? {
            try VMClockPlace(systemRoot: machine.root, memory: machine.memory).address(by: look)
        }
        func put(_ name: [UInt8]) throws {
            let device = AMLBuilder.device("VCLK", name, resources)
            try machine.writeTable("DSDT", AMLBuilder.table("DSDT", AMLBuilder.scope("\\_SB_", device)))
        }
        let resources = AMLBuilder.name(
            "_CRS", AMLBuilder.buffer([0x86, 9, 0, 1, 0, 0x70, 0, 0, 0, 0x10, 0, 0, 0x79, 0]))
        let composed = AMLBuilder.method(
            "_HID",
            AMLBuilder.returning([0x73] + AMLBuilder.string("VM") + AMLBuilder.string("CLOCK") + AMLBuilder.noTarget))
        for name in ["AMZNC10C", "VMCLOCK"] {
            try put(AMLBuilder.name("_HID", AMLBuilder.string(name)))
            #expect(try clock(.glance) == 0x7000)
        }
        try put(composed)
        #expect(try clock(.glance) == nil)
        #expect(try clock(.whole) == 0x7000)
    }
}
