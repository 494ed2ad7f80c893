import Testing

@testable import SysGenIDBackends

/// How the device's region is translated to a physical address.
struct DeviceTreeAddressTests {
    /// A device at the address on a bus of one-cell addresses and sizes below a root of two-cell ones.
    private func bus(ranges: [UInt8]?, at address: UInt32 = 0x3000) throws -> DeviceTreeFixture {
        let fixture = try DeviceTreeFixture()
        try fixture.set("/", "#address-cells", cells(2))
        try fixture.set("/", "#size-cells", cells(2))
        try fixture.set("/bus", "#address-cells", cells(1))
        try fixture.set("/bus", "#size-cells", cells(1))
        if let ranges { try fixture.set("/bus", "ranges", ranges) }
        try fixture.set("/bus/id", "compatible", text(DeviceTreeFixture.generationDevice))
        try fixture.set("/bus/id", "reg", cells(address, 0x1000))
        return fixture
    }

    @Test(arguments: [(1, 1), (1, 2), (2, 1), (2, 2)] as [(UInt32, UInt32)])
    func cellsOfTheParentCount(address: UInt32, size: UInt32) throws {
        let fixture = try DeviceTreeFixture(address: address, size: size)
        // Its own cells are those of the nodes below it.
        try fixture.set("/vmgenid", "#address-cells", cells(7))
        #expect(fixture.address == (address == 2 ? 0x1_2345_6000 : 0x2345_6000))
    }

    @Test func cellsAreTwoAndOneWhereTheParentSaysNothing() throws {
        let fixture = try DeviceTreeFixture(address: 2, size: 1)
        try fixture.remove("/", "#address-cells")
        try fixture.remove("/", "#size-cells")
        #expect(fixture.address == 0x1_2345_6000)
    }

    @Test(
        "other numbers of cells",
        arguments: [
            cells(0), cells(3), cells(.max), cells(0x0200_0000), [], [2], [0, 0, 0], cells(2, 2), cells(2) + [0],
        ])
    func otherCells(bytes: [UInt8]) throws {
        for property in ["#address-cells", "#size-cells"] {
            let fixture = try DeviceTreeFixture(address: 2, size: 2)
            try fixture.set("/", property, bytes)
            #expect(fixture.failure() == "\(fixture.root)/\(property) is neither 1 nor 2")
        }
    }

    @Test func theFirstRegionCounts() throws {
        let fixture = try DeviceTreeFixture(address: 1, size: 1)
        try fixture.set("/vmgenid", "reg", cells(0x5000, 16, 0x7000, 0x1000))
        #expect(fixture.address == 0x5000)
    }

    @Test func regionsThatAreTooSmallOrNowhereAreFailures() throws {
        let fixture = try DeviceTreeFixture(address: 1, size: 1)
        for size: UInt32 in [0, 1, 15] {
            try fixture.set("/vmgenid", "reg", cells(0x5000, size))
            #expect(fixture.failure().contains("names a region of \(size) bytes: 16 are needed"))
        }
        try fixture.set("/vmgenid", "reg", cells(0, 16))
        #expect(fixture.failure().contains("has the physical address 0"))
        try fixture.remove("/vmgenid", "reg")
        #expect(fixture.failure() == "\(fixture.root)/vmgenid has no reg")
        try fixture.set("/", "compatible", text(DeviceTreeFixture.generationDevice))
        try fixture.remove("/vmgenid", "compatible")
        #expect(fixture.failure() == "\(fixture.root) has no reg")
    }

    @Test func regionsAtTheEndOfTheAddressSpace() throws {
        let fixture = try DeviceTreeFixture(address: 2, size: 2)
        try fixture.set("/vmgenid", "reg", cells(.max, 0xffff_fff0, 0, 16))
        #expect(fixture.address == UInt64.max - 15)
        for low: UInt32 in [0xffff_fff1, .max] {
            try fixture.set("/vmgenid", "reg", cells(.max, low, 0, 16))
            #expect(fixture.failure().contains("goes beyond the last address"))
        }
    }

    @Test func emptyRangesAreOneToOneAndMissingOnesNoWay() throws {
        #expect(try bus(ranges: []).address == 0x3000)
        let fixture = try bus(ranges: nil)
        #expect(fixture.failure().contains("\(fixture.root)/bus has no ranges"))
    }

    @Test func rangesMoveTheAddress() throws {
        // Child 0x2000...0x5fff lies at 0x8_0001_0000.
        #expect(try bus(ranges: cells(0x2000, 8, 0x1_0000, 0x4000)).address == 0x8_0001_1000)
        // The second entry has it, and of two that have it the first counts.
        #expect(try bus(ranges: cells(0, 1, 0, 0x1000, 0x3000, 2, 0x100, 0x1000)).address == 0x2_0000_0100)
        #expect(try bus(ranges: cells(0x3000, 1, 0, 0x1000, 0x3000, 2, 0, 0x1000)).address == 0x1_0000_0000)
    }

    @Test func rangesHaveToHoldAllSixteenBytes() throws {
        #expect(try bus(ranges: cells(0x3000, 1, 0, 16)).address == 0x1_0000_0000)
        #expect(try bus(ranges: cells(0x2000, 1, 0, 0x1010)).address == 0x1_0000_1000)
        for (start, size) in [(0x3000, 15), (0x3000, 0), (0x3001, 0x1000), (0x2000, 0x100f), (0x2000, 0x1000), (0, 0)] {
            let fixture = try bus(ranges: cells(UInt32(start), 1, 0, UInt32(size)))
            #expect(fixture.failure() == "\(fixture.root)/bus/ranges does not have the address 0x3000")
        }
        // To the end of the child's address space, which is beyond the last number of its cells.
        #expect(try bus(ranges: cells(0, 1, 0, .max), at: 0xffff_fff0).address == nil)
        #expect(try bus(ranges: cells(0, 1, 0, .max), at: 0xffff_ffef).address == 0x1_ffff_ffef)
    }

    @Test func aTranslationThatOverflowsIsNone() throws {
        #expect(try bus(ranges: cells(0x2000, .max, 0xffff_f000, 0x4000)).address == nil)
        #expect(try bus(ranges: cells(0x2000, .max, 0xffff_efff, 0x4000)).address == nil)
        #expect(try bus(ranges: cells(0x2000, .max, 0xffff_eff0, 0x4000)).address == UInt64.max - 15)
    }

    @Test func everyBusOnTheWayTranslates() throws {
        let fixture = try DeviceTreeFixture()
        // The root has two and two cells, the outer bus one and one, the inner bus two and one.
        for (node, address, size) in [("/", 2, 2), ("/outer", 1, 1), ("/outer/inner", 2, 1)] as [(_, UInt32, UInt32)] {
            try fixture.set(node, "#address-cells", cells(address))
            try fixture.set(node, "#size-cells", cells(size))
        }
        try fixture.set("/outer", "ranges", cells(0x10_0000, 0x40, 0x8000_0000, 0x10_0000))
        try fixture.set("/outer/inner", "ranges", cells(7, 0x1000, 0x10_8000, 0x2000))
        try fixture.set("/outer/inner/id", "compatible", text(DeviceTreeFixture.generationDevice))
        try fixture.set("/outer/inner/id", "reg", cells(7, 0x1230, 0x10))
        #expect(fixture.address == 0x40_8000_8230)
        // One of them does not: below a bus like PCI, whose addresses have three cells, there is no way.
        try fixture.set("/outer/inner", "#address-cells", cells(3))
        #expect(fixture.failure() == "\(fixture.root)/outer/inner/#address-cells is neither 1 nor 2")
        try fixture.set("/outer/inner", "#address-cells", cells(2))
        try fixture.remove("/outer", "ranges")
        #expect(fixture.failure().contains("/outer has no ranges"))
    }
}
