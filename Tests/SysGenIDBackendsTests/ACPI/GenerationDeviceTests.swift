import Testing

@testable import SysGenIDBackends

/// Which devices of a block are found.
struct GenerationDeviceTests {
    private let address = ACPIFixtures.addressPackage(AMLBuilder.doubleWord(0x1000), AMLBuilder.zero)

    private func found(_ block: [UInt8]) throws -> Int { try ACPIFixtures.devices([block]).count }

    @Test(arguments: ["VM_Gen_Counter", "VM_GEN_COUNTER", "VMGENCTR", "QEMUVGID", "vmgenctr", "*VMGENCTR", "FCVMGID"])
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

    @Test func devicesAreFoundWhereTheyAreDeclared() throws {
        let device = ACPIFixtures.device(address)
        #expect(try found(AMLBuilder.scope("\\_SB_", device)) == 1)
        #expect(try found(AMLBuilder.device("PCI0", AMLBuilder.device("ISA_", device))) == 1)
        #expect(try found(AMLBuilder.when(AMLBuilder.one, device)) == 1)
        #expect(try found(AMLBuilder.when(AMLBuilder.zero) + AMLBuilder.otherwise(device)) == 1)
        #expect(try found(device + AMLBuilder.scope("\\_SB_", device)) == 2)
        // A second one of the same name is none, as for ACPICA.
        #expect(try found(device + device) == 1)
    }

    @Test func bytesOfDevicesElsewhereAreNone() throws {
        let device = ACPIFixtures.device(address)
        #expect(try found(AMLBuilder.name("BUFF", AMLBuilder.buffer(device))) == 0)
        #expect(try found(AMLBuilder.method("MTHD", device)) == 0)
        #expect(try found(AMLBuilder.when(AMLBuilder.zero, device)) == 0)
        #expect(try found(AMLBuilder.when(AMLBuilder.one) + AMLBuilder.otherwise(device)) == 0)
        #expect(try found(AMLBuilder.loop(AMLBuilder.zero, device)) == 0)
        #expect(try found(AMLBuilder.otherwise(device)) == 0)
        #expect(try found(AMLBuilder.scope("\\NONE", device)) == 0)
    }

    @Test func theParentOfADeviceIsNone() throws {
        let devices = try ACPIFixtures.devices([AMLBuilder.device("PCI0", ACPIFixtures.device(address))])
        #expect(devices.map(\.path) == ["\\PCI0.VGEN"])
        #expect(devices.first?.address == .success(0x1000))
    }

    @Test func itsStatusSaysWhetherItIsThere() throws {
        func isPresent(_ status: [UInt8]) throws -> Bool? {
            try ACPIFixtures.devices([ACPIFixtures.device(status + address)]).first?.isPresent
        }
        #expect(try isPresent([]) == true)
        #expect(try isPresent(AMLBuilder.name("_STA", AMLBuilder.byte(0xf))) == true)
        #expect(try isPresent(AMLBuilder.name("_STA", AMLBuilder.byte(8))) == false)
        #expect(try isPresent(AMLBuilder.method("_STA", AMLBuilder.returning(AMLBuilder.zero))) == false)
        // What cannot be evaluated says nothing.
        #expect(try isPresent(AMLBuilder.method("_STA", AMLBuilder.returning(AMLBuilder.path("NONE")))) == true)
        let parent = AMLBuilder.device("PCI0", AMLBuilder.name("_STA", AMLBuilder.zero), ACPIFixtures.device(address))
        #expect(try ACPIFixtures.devices([parent]).first?.isPresent == false)
    }

    @Test func objectsOfOtherKindsArePassedOver() throws {
        let others: [[UInt8]] = [
            AMLBuilder.name("_UID", AMLBuilder.zero),
            AMLBuilder.name("BUFF", AMLBuilder.buffer([0xde, 0xad])),
            AMLBuilder.name("VARP", AMLBuilder.enclosed([0x13], AMLBuilder.byte(0))),
            AMLBuilder.method("_STA", AMLBuilder.returning(AMLBuilder.byte(0xf))),
            [0x06] + AMLBuilder.path("_UID") + AMLBuilder.path("AAAA"),  // Alias
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
            #expect(try ACPIFixtures.devices([block]).map(\.address) == [.success(0x1000)])
        }
    }

    @Test func whatIsNoTermEndsTheReadingOfItsDevice() throws {
        let compatibleID = AMLBuilder.name("_CID", AMLBuilder.string("VM_Gen_Counter"))
        #expect(try found(AMLBuilder.device("VGEN", [0xde], compatibleID, address)) == 0)
        let cut = AMLBuilder.device("VGEN", compatibleID, [0xde], address)
        #expect(try ACPIFixtures.devices([cut]).map(\.address) == [.failure(.missing)])
        let beside = AMLBuilder.device("OTHR", [0xde]) + AMLBuilder.device("VGEN", compatibleID, address)
        #expect(try found(beside) == 1)
    }

    @Test func moreDevicesThanAnyMachineHasAreRefused() throws {
        func device(_ number: Int) -> [UInt8] {
            AMLBuilder.scope("\\_SB_", AMLBuilder.device("DEV\(number)", id, address))
        }
        let most = (0..<GenerationDevice.countLimit).flatMap(device)
        #expect(try found(most) == GenerationDevice.countLimit)
        #expect(throws: ACPIDefinitions.Defect.tooIntricate) { try found(most + device(9)) }
    }

    private let id = AMLBuilder.name("_CID", AMLBuilder.string("VM_Gen_Counter"))
}
