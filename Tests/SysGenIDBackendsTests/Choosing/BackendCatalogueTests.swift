import SysGenIDCore
import SysGenIDSystem
import TestSupport
import Testing

@testable import SysGenIDBackends

/// What is chosen on recorded machines.
@Suite struct BackendCatalogueTests {
    private let machine: ReplayedMachine

    init() throws {
        machine = try ReplayedMachine()
    }

    private static let guid = [UInt8](1...16)
    private static let identity = Identity(domain: .vmGenerationID, bytes: guid)!

    private func putFirmwareConfiguration() throws {
        try machine.write(
            "sys/firmware/qemu_fw_cfg/by_name/etc/vmgenid_guid/raw",
            [UInt8](repeating: 0, count: 40) + Self.guid + [UInt8](repeating: 0, count: 4_040))
    }

    private func putACPI() throws {
        try machine.writeTable("DSDT", ACPIFixtures.firecrackerTable)
        try machine.writeMemory(Self.guid, at: ACPIFixtures.firecrackerAddress)
    }

    private func putVMClock() throws {
        try machine.write("dev/vmclock0", VMClockFixture().structure)
    }

    private func catalogue(file: String? = nil) -> BackendCatalogue {
        BackendCatalogue(systemRoot: machine.root, interval: 20, file: file)
    }

    private func isUsable(_ name: String, file: String? = nil) -> Bool {
        (try? catalogue(file: file).backend(named: name)) != nil
    }

    @Test func aMachineWithNothingIsLeftToTheOverseer() {
        let survey = catalogue().survey()
        #expect(
            survey.map(\.name)
                == ["file", "vmclock", "acpi", "devicetree", "qemu-fw-cfg", "kernel-log", "manual"])
        #expect(survey.map(\.name).filter { isUsable($0) } == ["manual"])
        #expect(throws: BackendUnavailable.self) { try catalogue().backend(named: "nonsense") }
        let choice = catalogue().best()
        #expect(choice.backend.name == "manual")
        #expect(choice.remarks.count == 6)
        #expect(choice.remarks.last?.contains("sysgenidctl trigger") == true)
    }

    @Test func theSurveyTellsTheAddressAlsoWhereItCannotBeRead() throws {
        func verdict() -> BackendCatalogue.Verdict? { catalogue().survey().first { $0.name == "acpi" }?.verdict }
        let address = "at 0x\(String(ACPIFixtures.firecrackerAddress, radix: 16))"
        try putACPI()
        #expect(verdict() == .usable("the VM generation ID in memory \(address)"))
        try Files.remove(machine.scratch.path("dev/mem"))
        guard case .unusable(_, let reason) = verdict() else {
            Issue.record("usable without memory")
            return
        }
        #expect(reason.contains(address))
    }

    /// The kernel's log takes a call for each of its records, and is read for a start only where nothing better decides.
    @Test func whatChecksTheBestIsPutOff() throws {
        try machine.writeKernelLog([])
        #expect(!catalogue().best().backend.hasPutOff)
        try putVMClock()
        #expect(catalogue().best().backend.hasPutOff)
        #expect(try catalogue().backend(named: "vmclock").backend.hasPutOff)
        #expect(try !catalogue().backend(named: "kernel-log").backend.hasPutOff)
    }

    @Test func theBestThatIsThereIsTaken() throws {
        let names = ["vmclock", "acpi", "devicetree", "qemu-fw-cfg", "kernel-log"]
        func expect(_ best: String) {
            let choice = catalogue().best()
            #expect(choice.backend.name == best)
            let worse = names.drop { $0 != best }
            for (name, remark) in zip(names.dropLast(worse.count), choice.remarks) {
                #expect(remark.hasPrefix("not by \(name): "))
            }
            #expect(choice.remarks.count == names.count - worse.count)
        }
        try machine.writeKernelLog([])
        expect("kernel-log")
        try putFirmwareConfiguration()
        expect("qemu-fw-cfg")
        try putACPI()
        expect("acpi")
        try putVMClock()
        expect("vmclock")
        try machine.write("dev/vmclock0", [])
        expect("acpi")
        try machine.writeTable("DSDT", Array(ACPIFixtures.firecrackerTable.dropLast()))
        expect("qemu-fw-cfg")
    }

    @Test func theOthersAreKeptInReserve() throws {
        try putFirmwareConfiguration()
        try putACPI()
        try machine.writeKernelLog([ReplayedMachine.forkLine(3)])
        let running = try RunningBackend(catalogue().best().backend)
        let line = BackendReport.identity(Identity(domain: .kernelLog, high: 0, low: 4), by: "kernel-log")
        #expect(running.reports(count: 3) == [.deciding("acpi"), .identity(Self.identity, by: "acpi"), line])
        // The memory's end takes it away, and the hypervisor's file has the same identity.
        try NamedFile(machine.scratch.path("dev/mem"), .writeOnly).setLength(4_096)
        let reports = running.reports(count: 5)
        #expect(reports.last == .deciding("qemu-fw-cfg"))
        _ = running.stopped()
    }

    @Test func theHypervisorsFileIsReported() throws {
        try putFirmwareConfiguration()
        let running = try RunningBackend(catalogue().backend(named: "qemu-fw-cfg").backend)
        #expect(running.reports(count: 2) == [.deciding("qemu-fw-cfg"), .identity(Self.identity, by: "qemu-fw-cfg")])
        _ = running.stopped()
    }

    @Test func theKernelsWordStandsInForMemoryThatCannotBeRead() throws {
        try machine.writeTable("DSDT", ACPIFixtures.firecrackerTable)
        #expect(throws: BackendUnavailable.self) { try catalogue().backend(named: "acpi") }
        try machine.writeKernelLog([])
        let choice = try catalogue().backend(named: "acpi")
        #expect(choice.backend.name == "kernel-log")
        #expect(choice.remarks.count == 1 && choice.remarks[0].contains("the kernel was built without it"))
        // Another source is not what was asked for.
        #expect(throws: BackendUnavailable.self) { try catalogue().backend(named: "qemu-fw-cfg") }
    }

    @Test func aFileIsUsedWhetherItIsThereOrNot() {
        #expect(isUsable("file", file: machine.scratch.path("identity")))
        #expect(!isUsable("file"))
    }
}
