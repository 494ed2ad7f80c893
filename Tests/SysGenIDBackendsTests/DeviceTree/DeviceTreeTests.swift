import Glibc
import SysGenIDSystem
import TestSupport
import Testing

@testable import SysGenIDBackends

/// How the device is found.
struct DeviceTreeTests {
    @Test func theDeviceRightBelowTheRootIsFound() throws {
        // As Firecracker makes it on aarch64.
        let fixture = try DeviceTreeFixture(address: 2, size: 2)
        #expect(try fixture.tree().generationAddress() == 0x1_2345_6000)
    }

    @Test func theDeviceIsFoundAmongOthersAtAnyDepth() throws {
        let fixture = try DeviceTreeFixture()
        try fixture.set("/cpus/cpu@0", "compatible", text("arm,armv8\0"))
        try fixture.set("/soc", "ranges", [])
        try fixture.set("/soc/bus@1", "ranges", [])
        try fixture.set("/soc/bus@1/uart@3000", "compatible", text("ns16550a\0"))
        try fixture.set("/soc/bus@1/id@9000", "compatible", text("vendor,id\0microsoft,vmgenid\0other\0"))
        for bus in ["/", "/soc", "/soc/bus@1"] {
            try fixture.set(bus, "#address-cells", cells(1))
            try fixture.set(bus, "#size-cells", cells(1))
        }
        try fixture.set("/soc/bus@1/id@9000", "reg", cells(0x9000, 0x1000))
        #expect(try fixture.tree().generationAddress() == 0x9000)
    }

    @Test(
        "what is not the device",
        arguments: [
            "", "\0", "microsoft,vmgenid", "microsoft,vmgenid2\0", "xmicrosoft,vmgenid\0", "microsoft,vmgeni\0",
            "Microsoft,VMGenID\0", "microsoft\0vmgenid\0", "microsoft,vmgenid \0", "other\0microsoft,vmgenid",
        ])
    func others(compatible: String) throws {
        let fixture = try DeviceTreeFixture(address: 2, size: 2)
        try fixture.set("/vmgenid", "compatible", text(compatible))
        #expect(fixture.failure().contains("no node below \(fixture.root) is a microsoft,vmgenid device"))
    }

    @Test(
        "the status decides, and that of each node above",
        arguments: [
            ("okay\0", true), ("ok\0", true), ("disabled\0", false), ("fail\0", false), ("reserved\0", false),
            ("", true), ("okay", true), ("\0", false), ("okays\0", false),
        ])
    func status(text status: String, isAvailable: Bool) throws {
        for node in ["/soc/vmgenid", "/soc"] {
            let fixture = try DeviceTreeFixture()
            try fixture.set("/soc", "ranges", [])
            try fixture.set("/soc/vmgenid", "compatible", text(DeviceTreeFixture.generationDevice))
            try fixture.set("/soc/vmgenid", "reg", cells(0, 0x4000, 16))
            try fixture.set(node, "status", text(status))
            #expect((fixture.address == 0x4000) == isAvailable)
        }
    }

    @Test func twoDevicesAreNone() throws {
        let fixture = try DeviceTreeFixture(address: 2, size: 2)
        try fixture.set("/soc/other", "compatible", text(DeviceTreeFixture.generationDevice))
        #expect(fixture.failure().contains("\(fixture.root)/soc/other and \(fixture.root)/vmgenid are both"))
        try fixture.set("/soc/other", "status", text("disabled\0"))
        #expect(fixture.address == 0x1_2345_6000)
    }

    @Test func aMachineWithoutATreeSaysSo() throws {
        let scratch = try Scratch()
        let tree = DeviceTree(systemRoot: scratch.path)
        let path = scratch.path("sys/firmware/devicetree/base")
        #expect(throws: SourceFailure(.noInterface, "\(path) is missing: this machine has no device tree")) {
            try tree.generationAddress()
        }
    }

    @Test func symbolicLinksAreNotFollowed() throws {
        let fixture = try DeviceTreeFixture(address: 2, size: 2)
        // Cycles, and another way to the same device.
        for (target, link) in [
            (fixture.root, "/loop"), ("..", "/vmgenid/up"), (".", "/vmgenid/self"), ("vmgenid", "/alias"),
            ("/", "/outside"), ("nowhere", "/dangling"),
        ] {
            #expect(symlink(target, fixture.root + link) == 0)
        }
        #expect(fixture.address == 0x1_2345_6000)
        // Nor is a property.
        try fixture.remove("/vmgenid", "reg")
        try Files.replace(fixture.scratch.path("reg"), with: cells(1, 0, 0, 16), permissions: 0o644)
        #expect(symlink(fixture.scratch.path("reg"), fixture.root + "/vmgenid/reg") == 0)
        #expect(fixture.failure().contains("cannot read \(fixture.root)/vmgenid/reg"))
    }

    @Test func theDeviceIsFoundAmongThousandsOfNodes() throws {
        let fixture = try DeviceTreeFixture(address: 2, size: 2)
        for number in 0..<3_000 { try fixture.set("/n/node@\(number)", "compatible", text("other\0")) }
        #expect(fixture.address == 0x1_2345_6000)
    }

    @Test func aTreeBeyondTheLimitsIsNotRead() throws {
        let fixture = try DeviceTreeFixture(address: 2, size: 2)
        for number in 0..<10 { try fixture.set("/n/node@\(number)", "compatible", text("other\0")) }
        try fixture.set("/a/b/c/d", "compatible", text("other\0"))
        // The root, the device, n and what is below it, and a to d.
        #expect(try fixture.tree(limits: .init(depth: 4, nodes: 17, namesInNode: 10)).generationAddress() != 0)
        #expect(fixture.failure(limits: .init(nodes: 16)).contains("more than 16 nodes"))
        #expect(fixture.failure(limits: .init(depth: 3)).contains("3 nodes below the root"))
        #expect(fixture.failure(limits: .init(namesInNode: 9)).contains("cannot list \(fixture.root)/n, with 9"))
    }
}
