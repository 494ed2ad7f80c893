@testable import SysGenIDBackends

/// Tables as hypervisors make them.
enum ACPIFixtures {
    /// The block of QEMU's SSDT `VMGENID`. The firmware has patched `VGIA` with the address of a page in which
    /// the GUID lies at 0x28.
    static func qemuBlock(page: UInt32) -> [UInt8] {
        let status = AMLBuilder.method(
            "_STA",
            AMLBuilder.store(AMLBuilder.byte(0xf), AMLBuilder.local(0)),
            AMLBuilder.enclosed(
                [0xa0],  // If (LEqual (VGIA, 0))
                [0x93] + AMLBuilder.path("VGIA") + AMLBuilder.zero
                    + AMLBuilder.store(AMLBuilder.zero, AMLBuilder.local(0))),
            AMLBuilder.returning(AMLBuilder.local(0)))
        let device = AMLBuilder.device(
            "VGEN", AMLBuilder.name("_HID", AMLBuilder.string("QEMUVGID")),
            AMLBuilder.name("_CID", AMLBuilder.string("VM_Gen_Counter")),
            AMLBuilder.name("_DDN", AMLBuilder.string("VM_Gen_Counter")), status, qemuAddress)
        let notification = AMLBuilder.method(
            "\\_GPE._E05", [0x86] + AMLBuilder.path("\\_SB_.VGEN") + AMLBuilder.byte(0x80))
        return AMLBuilder.name("VGIA", AMLBuilder.doubleWord(page)) + AMLBuilder.scope("\\_SB_", device) + notification
    }

    /// QEMU's method `ADDR`.
    static let qemuAddress = AMLBuilder.method(
        "ADDR",
        AMLBuilder.store(AMLBuilder.package(count: 2), AMLBuilder.local(0)),
        AMLBuilder.store(
            AMLBuilder.add(AMLBuilder.path("VGIA"), AMLBuilder.byte(0x28)),
            AMLBuilder.index(AMLBuilder.local(0), AMLBuilder.zero)),
        AMLBuilder.store(AMLBuilder.zero, AMLBuilder.index(AMLBuilder.local(0), AMLBuilder.one)),
        AMLBuilder.returning(AMLBuilder.local(0)))

    static func qemuTable(page: UInt32) -> [UInt8] {
        AMLBuilder.table("SSDT", qemuBlock(page: page), tableID: "VMGENID")
    }

    /// The address of the GUID in `firecrackerBlock`.
    static let firecrackerAddress: UInt64 = 0x0_dfff0

    /// The device in Firecracker's DSDT, which stands outside of any scope.
    static let firecrackerBlock: [UInt8] =
        [0x5b, 0x82]  // ExtOpPrefix DeviceOp
        + [0x45, 0x05]  // PkgLength: two bytes, 0x55 in all
        + [0x2e] + Array("_SB_VGEN".utf8)  // DualNamePrefix, two NameSegs
        + [0x08] + Array("_HID".utf8)  // NameOp
        + [0x0d] + Array("FCVMGID".utf8) + [0x00]  // StringPrefix, characters, NullChar
        + [0x08] + Array("_CID".utf8)
        + [0x0d] + Array("VM_Gen_Counter".utf8) + [0x00]
        + [0x08] + Array("_DDN".utf8)
        + [0x0d] + Array("VM_Gen_Counter".utf8) + [0x00]
        + [0x08] + Array("ADDR".utf8)
        + [0x12, 0x0c, 0x02]  // PackageOp, PkgLength 12, two elements
        + [0x0c, 0xf0, 0xff, 0x0d, 0x00]  // DWordPrefix, the lower half
        + [0x0c, 0x00, 0x00, 0x00, 0x00]  // DWordPrefix, the upper half

    /// Another device and a scope with one, as they stand beside it.
    static let otherDevices =
        AMLBuilder.device(
            "_SB_.VCLK", AMLBuilder.name("_HID", AMLBuilder.string("AMZNC10C")),
            AMLBuilder.name("_CID", AMLBuilder.string("VMCLOCK")),
            AMLBuilder.name("_CRS", AMLBuilder.buffer([0x86, 9, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0x79, 0])))
        + AMLBuilder.scope(
            "\\_SB_",
            AMLBuilder.device("COM1", AMLBuilder.name("_HID", AMLBuilder.doubleWord(0x0105_d041)), [0xde, 0xad]))

    static let firecrackerTable = AMLBuilder.table("DSDT", firecrackerBlock + otherDevices, tableID: "FCVMDSDT")

    /// A device with the right name and this ADDR.
    static func device(_ address: [UInt8]) -> [UInt8] {
        AMLBuilder.device("VGEN", AMLBuilder.name("_CID", AMLBuilder.string("VM_Gen_Counter")), address)
    }

    /// ADDR as a plain package.
    static func addressPackage(_ low: [UInt8], _ high: [UInt8]) -> [UInt8] {
        AMLBuilder.name("ADDR", AMLBuilder.package(count: 2, low, high))
    }

    /// The VM generation ID devices in the blocks of tables, of which the first is the DSDT's.
    ///
    /// - Parameter memory: the bytes from each of some addresses on.
    static func devices(
        _ blocks: [[UInt8]], revision: UInt8 = 2, memory: [UInt64: [UInt8]] = [:]
    ) throws -> [GenerationDevice] {
        let tables = try blocks.enumerated().map { number, block in
            let signature = number == 0 ? "DSDT" : "SSDT"
            return (
                name: "\(signature)\(number)",
                table: try ACPITable(contents: AMLBuilder.table(signature, block, revision: revision))
            )
        }
        let definitions = ACPIDefinitions(tables) { (address, count) throws(AMLDefect) in
            for (start, bytes) in memory
            where address >= start && address + UInt64(count) <= start + UInt64(bytes.count) {
                return Array(bytes[Int(address - start)..<Int(address - start) + count])
            }
            throw .refused("memory")
        }
        return try definitions.generationDevices().devices
    }
}
