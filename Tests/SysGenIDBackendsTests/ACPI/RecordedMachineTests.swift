import Foundation
import SysGenIDCore
import SysGenIDSystem
import TestSupport
import Testing

@testable import SysGenIDBackends

/// Machines of QEMU 7.2 as Debian's kernels show them, recorded in guests of the laboratory.
struct RecordedMachineTests {
    static let names = ["qemu-7.2-linux-6.1", "qemu-7.2-linux-6.12"]

    private static func root(of name: String) -> String {
        URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Fixtures/\(name)").path
    }

    private static func table(of name: String) throws -> [UInt8] {
        try Files.read("\(root(of: name))/sys/firmware/acpi/tables/SSDT", limit: ACPITable.sizeLimit)
    }

    /// Where the hypervisor itself has noted that the GUID lies.
    private static func address(of name: String) throws -> UInt64 {
        let path = "\(root(of: name))/sys/firmware/qemu_fw_cfg/by_name/etc/vmgenid_addr/raw"
        return try Files.read(path, limit: 8).reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }

    @Test(arguments: names)
    func theTableLeadsToTheAddressThatTheHypervisorHasNoted(name: String) throws {
        let table = try ACPITable(contents: Self.table(of: name))
        #expect(table.isIntact)
        #expect(try Self.address(of: name) == 0x1fff_f028)
        let found = try ACPIDefinitions([(name: "SSDT", table: table)]) { (_, _) throws(AMLDefect) in
            throw .refused("memory")
        }.generationDevices()
        #expect(try found.devices.map(\.address) == [.success(Self.address(of: name))])
    }

    @Test(arguments: names)
    func theTableMadeByHandIsTheRecordedOne(name: String) throws {
        let recorded = try Self.table(of: name)
        let made = ACPIFixtures.qemuTable(page: 0x1fff_f000)
        #expect(recorded.count == made.count)
        // Of the headers, which name their makers, nothing is read but the signature and the length.
        #expect(recorded[0..<8] == made[0..<8])
        #expect(recorded[ACPITable.headerSize...] == made[ACPITable.headerSize...])
    }

    @Test(arguments: names)
    func theIdentityIsReadFromTheMachine(name: String) throws {
        let machine = try ReplayedMachine()
        let recorded = Self.root(of: name)
        for part in ["proc", "sys"] {
            try FileManager.default.copyItem(atPath: "\(recorded)/\(part)", toPath: machine.scratch.path(part))
        }
        let guid = (UInt8(1)...16).map { $0 }
        try machine.writeMemory(guid, at: Self.address(of: name))
        let source = try machine.acpi()
        #expect(try source.identity() == Identity(domain: .vmGenerationID, bytes: guid))

        // The kernel's view counts, too: the map of the memory and the device.
        try machine.write("sys/bus/acpi/devices/QEMUVGID:00/status", Array("0\n".utf8))
        #expect(throws: SourceFailure.self) { try machine.acpi() }
        try machine.write("sys/bus/acpi/devices/QEMUVGID:00/status", Array("15\n".utf8))
        try machine.write("proc/iomem", Array("00000000-1fffffff : System RAM\n".utf8))
        #expect(throws: SourceFailure.self) { try machine.acpi() }
    }
}
