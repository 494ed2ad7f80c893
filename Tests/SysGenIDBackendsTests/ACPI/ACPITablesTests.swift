import SysGenIDSystem
import TestSupport
import Testing

@testable import SysGenIDBackends

/// The tables of a replayed machine.
struct ACPITablesTests {
    let machine: ReplayedMachine

    init() throws {
        machine = try ReplayedMachine()
    }

    private let other = AMLBuilder.table("DSDT", ACPIFixtures.otherDevices)

    private func address(_ root: String) throws(SourceFailure) -> UInt64 {
        let tables = ACPITables(systemRoot: root) { (_, _) throws(AMLDefect) in throw .refused("memory") }
        return try tables.generationAddress(kernel: ACPINamespace(systemRoot: root))
    }

    private func outcome() -> Result<UInt64, SourceFailure> {
        do throws(SourceFailure) {
            return .success(try address(machine.root))
        } catch {
            return .failure(error)
        }
    }

    /// What the failure says.
    private func reason() throws -> String {
        guard case .failure(let failure) = outcome() else { return "" }
        #expect(!failure.description.contains("\n"))
        return failure.description
    }

    @Test func theDeviceIsFoundInEachKindOfTable() throws {
        for name in ["SSDT", "SSDT1", "SSDT12", "PSDT", "dynamic/SSDT3"] {
            let machine = try ReplayedMachine()
            try machine.writeTable("DSDT", other)
            try machine.writeTable("FACP", [1, 2, 3])
            try machine.writeTable("data/SSDT", [1, 2, 3])
            try machine.writeTable(name, ACPIFixtures.qemuTable(page: 0x0fff_f000))
            #expect(try address(machine.root) == 0x0fff_f028)
            #expect(try address(machine.root + "/") == 0x0fff_f028)
        }
        try machine.writeTable("DSDT", ACPIFixtures.firecrackerTable)
        #expect(outcome() == .success(ACPIFixtures.firecrackerAddress))
    }

    @Test func aMachineWithoutTablesIsSaidToHaveNone() throws {
        #expect(try reason().contains("no ACPI tables"))
        try machine.writeTable("FACP", [1, 2, 3])
        #expect(try reason().contains("neither a DSDT nor an SSDT"))
    }

    @Test func aMachineWithoutTheDeviceIsSaidToHaveNone() throws {
        try machine.writeTable("DSDT", other)
        try machine.writeTable("SSDT1", AMLBuilder.table("SSDT", []))
        #expect(try reason().contains("no VM generation ID device in 2 of the 2 ACPI tables"))
    }

    @Test func anAddressThatIsNotUnderstoodIsSaidToBeThat() throws {
        try machine.writeTable("DSDT", AMLBuilder.table("DSDT", ACPIFixtures.device(AMLBuilder.name("ADDR", [0xff]))))
        #expect(try reason().contains("the VM generation ID device \\VGEN cannot be used"))
        #expect(try reason().contains("not understood"))
        try machine.writeTable("DSDT", ACPIFixtures.qemuTable(page: 0))
        #expect(try reason().contains("not placed"))
        try machine.writeTable("DSDT", AMLBuilder.table("DSDT", ACPIFixtures.device([])))
        #expect(try reason().contains("no ADDR"))
    }

    @Test func secondDevicesHaveToAgree() throws {
        try machine.writeTable("DSDT", ACPIFixtures.firecrackerTable)
        try machine.writeTable("SSDT1", ACPIFixtures.firecrackerTable)
        #expect(outcome() == .success(ACPIFixtures.firecrackerAddress))
        let device = ACPIFixtures.device(ACPIFixtures.addressPackage(AMLBuilder.word(0x8000), AMLBuilder.zero))
        try machine.writeTable("SSDT2", AMLBuilder.table("SSDT", device))
        #expect(try reason().contains("different addresses"))
        // One that is not there does not count.
        let absent = ACPIFixtures.device(
            AMLBuilder.name("_STA", AMLBuilder.zero)
                + ACPIFixtures.addressPackage(AMLBuilder.word(0x8000), AMLBuilder.zero))
        try machine.writeTable("SSDT2", AMLBuilder.table("SSDT", absent))
        #expect(outcome() == .success(ACPIFixtures.firecrackerAddress))
    }

    @Test func aTableWithAWrongChecksumIsNotBelieved() throws {
        var table = ACPIFixtures.qemuTable(page: 0x0fff_f000)
        table[9] ^= 1
        try machine.writeTable("SSDT1", table)
        #expect(try reason().contains("SSDT1: the VM generation ID device is in a table with a wrong checksum"))
        // Where the device is elsewhere, it does no harm.
        var withoutDevice = other
        withoutDevice[9] ^= 1
        try machine.writeTable("SSDT1", withoutDevice)
        try machine.writeTable("SSDT2", ACPIFixtures.qemuTable(page: 0x0fff_f000))
        #expect(outcome() == .success(0x0fff_f028))
    }

    @Test func tablesThatCannotBeReadArePassedOver() throws {
        let whole = ACPIFixtures.qemuTable(page: 0x0fff_f000)
        let damaged: [(contents: [UInt8], reason: String)] = [
            ([], "not as long"), (Array(whole.prefix(35)), "not as long"), (Array(whole.dropLast()), "not as long"),
            (whole + [0], "not as long"), ([0x58] + whole.dropFirst(), "neither a DSDT nor an SSDT"),
            ([UInt8](repeating: 0, count: ACPITable.sizeLimit + 1), "longer than"),
        ]
        for (contents, expected) in damaged {
            let machine = try ReplayedMachine()
            try machine.writeTable("DSDT", contents)
            var failure = #expect(throws: SourceFailure.self) { try address(machine.root) }
            #expect(try #require(failure).description.contains("none of the 1 ACPI tables can be read"))
            #expect(try #require(failure).description.contains(expected))
            try machine.writeTable("SSDT", other)
            failure = #expect(throws: SourceFailure.self) { try address(machine.root) }
            #expect(try #require(failure).description.contains("in 1 of the 2 ACPI tables"))
            #expect(try #require(failure).description.contains(expected))
            try machine.writeTable("SSDT2", whole)
            #expect(try address(machine.root) == 0x0fff_f028)
        }
    }

    @Test func aTableThatIsADirectoryIsPassedOver() throws {
        try machine.writeTable("SSDT1/file", [1])
        #expect(try reason().contains("none of the 1 ACPI tables can be read: "))
        try machine.writeTable("SSDT2", ACPIFixtures.qemuTable(page: 0x0fff_f000))
        #expect(outcome() == .success(0x0fff_f028))
    }

    @Test func theNumberOfTablesIsLimited() throws {
        for number in 1..<ACPITables.countLimit { try machine.writeTable("SSDT\(number)", other) }
        try machine.writeTable("SSDT9999", ACPIFixtures.qemuTable(page: 0x0fff_f000))
        #expect(outcome() == .success(0x0fff_f028))
        try machine.writeTable("DSDT", other)
        #expect(try reason().contains("in 1024 of the 1025 ACPI tables"))
    }
}
