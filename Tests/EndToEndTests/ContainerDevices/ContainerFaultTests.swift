import Foundation
import TestSupport
import Testing

extension EndToEnd.ContainerDevices {
    /// What goes wrong around the devices of containers, and whom it concerns.
    @Suite struct Faults {
        @Test func whatAWriterDoesToAPageIsPutRightAndCountedForItsContainerAlone() throws {
            let device = try TestDevice()
            defer { device.end() }
            let daemon = try device.serve()
            let tree = try DeviceTree(device)
            let (written, other) = try (tree.make("web"), tree.make("db"))
            #expect(try written.trigger() == 0)
            let bystander = try written.client("read")
            let writer = try written.client("scribble")
            #expect(try writer.exitCode() == 0)
            #expect(writer.lines == ["restored"])
            try daemon.waitFor(
                "the device of the container web has written to its page: it showed 1001 and is set right to 1")
            let count = "sysgenid_container_page_overwrites_total"
            try waitUntil("the metric", details: { device.attribute("containers.prom") ?? "nothing" }) {
                device.attribute("containers.prom")?.contains("\n\(count){container=\"web\"} 1\n") == true
            }
            #expect(device.attribute("containers.prom")?.hasSuffix("\n\(count){container=\"db\"} 0") == true)
            // Whoever looks after the whole machine sees it, too.
            #expect(device.attribute("sysgenid.prom")?.contains("\nsysgenid_page_overwrites_total 1\n") == true)
            #expect(bystander.lines == ["ready"])
            #expect(try written.generation() == "1" && other.generation() == "0")
        }

        /// As with a runtime directory on a disk.
        @Test func whereTheStateIsNotInMemoryTheSystemIsServedAlone() throws {
            let device = try TestDevice(keepsStateInMemory: false)
            defer { device.end() }
            let daemon = try device.serve()
            try daemon.waitFor("containers have no devices of their own")
            try daemon.waitFor("tmpfs")
            try device.trigger()
            #expect(try device.mapped() == 1)
        }

        @Test func whatIsInTheWayOfTheDirectoryLeavesTheSystemServed() throws {
            let device = try TestDevice()
            defer { device.end() }
            let inTheWay = device.folder + "/devices"
            try Data("mine".utf8).write(to: URL(filePath: inTheWay))
            let daemon = try device.serve("--devices-dir", inTheWay)
            try daemon.waitFor("containers have no devices of their own")
            #expect(try String(contentsOfFile: inTheWay, encoding: .utf8) == "mine")
            try device.trigger()
            #expect(try device.mapped() == 1)
        }

        /// Containers have their devices mounted, and notice nothing.
        @Test func aDirectoryThatIsUnmountedIsThereAgainWithTheNextDaemon() throws {
            let device = try TestDevice()
            defer { device.end() }
            let daemon = try device.serve()
            let container = try DeviceTree(device).make("a")
            let bound = try container.bound(at: "bound")
            let reader = try bound.client("read")
            try #require(umount2(device.devicesDirectory, Int32(MNT_DETACH)) == 0)
            try device.trigger()
            #expect(try reader.exitCode() == 0)
            #expect(reader.lines == ["ready", "1"])
            #expect(try bound.generation() == "1")
            daemon.signal(SIGTERM)
            #expect(try daemon.exitCode() == 0)
            try device.serve()
            #expect(try DeviceTree(device).containers() == ["a"])
            #expect(try container.generation() == "1")
        }
    }
}
