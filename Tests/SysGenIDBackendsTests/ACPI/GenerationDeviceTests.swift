import Testing

@testable import SysGenIDBackends

/// Which devices of a block are found.
struct GenerationDeviceTests {
    private let address = ACPIFixtures.addressPackage(AMLBuilder.doubleWord(0x1000), AMLBuilder.zero)

    private func found(_ block: [UInt8]) throws -> Int { try GenerationDevice.all(in: block).count }

    @Test(arguments: ["VM_Gen_Counter", "VM_GEN_COUNTER", "VMGENCTR", "QEMUVGID", "vmgenctr", "*VMGENCTR"])
    func eachKnownNameCounts(name: String) throws {
        for object in ["_HID", "_CID"] {
            let block = AMLBuilder.device("VGEN", AMLBuilder.name(object, AMLBuilder.string(name)), address)
            #expect(try found(block) == 1)
        }
    }

    @Test(arguments: ["", "VM_Gen_Counte", "VM_Gen_Counter2", "VMCLOCK", "**VMGENCTR", " VMGENCTR"])
    func noOtherNameCounts(name: String) throws {
        for object in ["_HID", "_CID"] {
            let block = AMLBuilder.device("VGEN", AMLBuilder.name(object, AMLBuilder.string(name)), address)
            #expect(try found(block) == 0)
        }
        #expect(
            try found(AMLBuilder.device("VGEN", AMLBuilder.name("_DDN", AMLBuilder.string("VMGENCTR")), address)) == 0)
        #expect(
            try found(AMLBuilder.device("VGEN", AMLBuilder.name("_HID", AMLBuilder.doubleWord(0x1234_5678)), address))
                == 0)
    }

    @Test func aVendorsOwnHardwareIDDoesNoHarm() throws {
        for hardwareID in [AMLBuilder.string("Hyper_V_Gen_Counter_V1"), AMLBuilder.doubleWord(0x0105_d041)] {
            let block = AMLBuilder.device(
                "VGEN", AMLBuilder.name("_CID", AMLBuilder.string("VM_Gen_Counter")),
                AMLBuilder.name("_HID", hardwareID), address)
            #expect(try found(block) == 1)
        }
    }

    @Test func oneOfSeveralCompatibleIDsIsEnough() throws {
        let ids = AMLBuilder.package(
            count: 3, AMLBuilder.doubleWord(0x0105_d041), AMLBuilder.string("OTHER"),
            AMLBuilder.string("VM_Gen_Counter"))
        #expect(try found(AMLBuilder.device("VGEN", AMLBuilder.name("_CID", ids), address)) == 1)
        let others = AMLBuilder.package(count: 1, AMLBuilder.string("OTHER"))
        #expect(try found(AMLBuilder.device("VGEN", AMLBuilder.name("_CID", others), address)) == 0)
    }

    @Test func hypervisorsTablesHaveOneEach() throws {
        #expect(try found(ACPIFixtures.qemuBlock(page: 0)) == 1)
        #expect(try found(ACPIFixtures.firecrackerBlock) == 1)
        #expect(try found(ACPIFixtures.firecrackerBlock + ACPIFixtures.otherDevices) == 1)
        #expect(try found(ACPIFixtures.otherDevices) == 0)
        #expect(try found([]) == 0)
    }

    @Test func qemuTableIsAsLongAsTheRealOne() {
        #expect(ACPIFixtures.qemuTable(page: 0).count == 202)
    }

    @Test func devicesAreFoundWhereverTheyStand() throws {
        let device = ACPIFixtures.device(address)
        let junk: [UInt8] = [0xde, 0xad, 0x5b, 0x82, 0x5b]
        #expect(try found(AMLBuilder.scope("\\_SB_", AMLBuilder.scope("PCI0", device))) == 1)
        #expect(try found(AMLBuilder.device("PCI0", AMLBuilder.device("ISA_", device))) == 1)
        #expect(try found(junk + device + junk) == 1)
        #expect(try found(AMLBuilder.enclosed([0xa0], AMLBuilder.one + device)) == 1)
        #expect(try found(device + device) == 2)
    }

    @Test func theParentOfADeviceIsNone() throws {
        let devices = try GenerationDevice.all(in: AMLBuilder.device("PCI0", ACPIFixtures.device(address)))
        #expect(devices.count == 1)
        #expect(devices.first?.address != .missing)
    }

    @Test func objectsOfOtherKindsArePassedOver() throws {
        let others: [[UInt8]] = [
            AMLBuilder.name("_UID", AMLBuilder.zero),
            AMLBuilder.name("BUFF", AMLBuilder.buffer([0xde, 0xad])),
            AMLBuilder.name("VARP", AMLBuilder.enclosed([0x13], AMLBuilder.byte(0))),
            AMLBuilder.method("_STA", AMLBuilder.returning(AMLBuilder.byte(0xf))),
            [0x06] + AMLBuilder.path("AAAA") + AMLBuilder.path("\\BBBB.CCCC"),  // Alias
            [0x15] + AMLBuilder.path("AAAA") + [0x08, 0x00],  // External
            [0x5b, 0x01] + AMLBuilder.path("MUTX") + [0x00],
            [0x5b, 0x02] + AMLBuilder.path("EVNT"),
            [0x5b, 0x80] + AMLBuilder.path("REGN") + [0x01] + AMLBuilder.word(0x510) + AMLBuilder.byte(2),
            AMLBuilder.enclosed([0x5b, 0x81], AMLBuilder.path("REGN") + [0x01] + AMLBuilder.path("FLD0") + [0x08]),
            AMLBuilder.enclosed([0xa0], AMLBuilder.one),
            [0x8a] + AMLBuilder.path("BUFF") + AMLBuilder.zero + AMLBuilder.path("FLD1"),  // CreateDWordField
            AMLBuilder.device("CHLD"),
        ]
        for other in others + [others.flatMap(\.self)] {
            let block = AMLBuilder.device(
                "VGEN", other, AMLBuilder.name("_CID", AMLBuilder.string("VM_Gen_Counter")), other, address)
            let devices = try GenerationDevice.all(in: block)
            #expect(devices.count == 1)
            #expect(devices.first?.address != .missing)
        }
    }

    @Test func anUnknownObjectEndsTheReading() throws {
        let compatibleID = AMLBuilder.name("_CID", AMLBuilder.string("VM_Gen_Counter"))
        #expect(try found(AMLBuilder.device("VGEN", [0x92], compatibleID, address)) == 0)
        let cut = try GenerationDevice.all(in: AMLBuilder.device("VGEN", compatibleID, [0x92], address))
        #expect(cut == [GenerationDevice(address: .missing)])
    }

    @Test func anAddressOfTwoMeaningsIsUnusable() throws {
        let twice = try GenerationDevice.all(in: ACPIFixtures.device(address + address))
        #expect(twice == [GenerationDevice(address: .unusable)])
        let withArguments = AMLBuilder.method("ADDR", flags: 1, AMLBuilder.returning(AMLBuilder.zero))
        #expect(
            try GenerationDevice.all(in: ACPIFixtures.device(withArguments)) == [GenerationDevice(address: .unusable)])
    }

    @Test func moreDevicesThanAnyMachineHasAreRefused() throws {
        let device = ACPIFixtures.device(address)
        let most = Array(repeating: device, count: GenerationDevice.countLimit).flatMap(\.self)
        #expect(try found(most) == GenerationDevice.countLimit)
        #expect(throws: AMLDefect.tooIntricate) { try GenerationDevice.all(in: most + device) }
    }
}
