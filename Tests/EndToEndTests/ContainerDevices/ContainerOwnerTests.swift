import Foundation
import TestSupport
import Testing

extension EndToEnd.ContainerDevices {
    /// Whose a device is.
    @Suite struct Owners {
        private static let owner = TestDevice.becoming(1_000)
        private static let other = TestDevice.becoming(1_001)

        @Test(arguments: Kernel.allCases)
        func theFileShowsWhoseTheDirectoryIs(_ kernel: Kernel) throws {
            let device = try TestDevice()
            defer { device.end() }
            try device.serve(kernel: kernel)
            let tree = try DeviceTree(device)
            _ = try tree.make("b")
            let before = try tree.ask("stat", "containers/b/sysgenid")
            for name in ["a", "c"] { _ = try tree.make(name) }
            #expect(try tree.ask("chown", "containers/a", "1000", "1002") == "0")
            for (mode, directory, file) in [("750", "40750", "100640"), ("777", "40777", "100666")] {
                #expect(try tree.ask("chmod", "containers/a", mode) == "0")
                #expect(try tree.ask("stat", "containers/a") == "\(directory) 1000 1002")
                #expect(try tree.ask("stat", "containers/a/sysgenid") == "\(file) 1000 1002")
            }
            #expect(before?.hasSuffix(" 0 0") == true)
            #expect(try tree.ask("stat", "containers/b/sysgenid") == before)
            #expect(try tree.ask("stat", "containers/c/sysgenid") == before)
        }

        @Test func theModeSaysWhoMayOpen() throws {
            let device = try TestDevice()
            defer { device.end() }
            try device.serve()
            let tree = try DeviceTree(device)
            let container = try tree.make("a")
            #expect(try tree.ask("chown", "containers/a", "1000", "1000") == "0")
            #expect(try tree.ask("chmod", "containers/a", "711") == "0")
            #expect(try container.client("open", "1", by: Self.owner).exitCode() == 0)
            #expect(try container.client("open", "1", by: Self.other).exitCode() == EACCES)
            #expect(try tree.ask("chmod", "containers/a", "755") == "0")
            #expect(try container.client("open", "1", by: Self.other).exitCode() == 0)
        }

        @Test(arguments: Kernel.allCases)
        func theOwnerMayTriggerHisDeviceAndNoOther(_ kernel: Kernel) throws {
            let device = try TestDevice()
            defer { device.end() }
            try device.serve(kernel: kernel)
            let tree = try DeviceTree(device)
            let (own, another) = try (tree.make("a"), tree.make("b"))
            #expect(try own.trigger(by: Self.owner) == EACCES)
            #expect(try tree.ask("chown", "containers/a", "1000", "1000") == "0")
            #expect(try tree.ask("chown", "containers/b", "1001", "1001") == "0")
            #expect(try own.trigger(by: Self.owner) == 0)
            #expect(try own.trigger(by: Self.other) == EACCES)
            #expect(try another.trigger(by: Self.owner) == EACCES)
            #expect(try device.systemDevice.trigger(by: Self.owner) == EACCES)
            #expect(try device.client("trigger", at: device.path, by: Self.owner).exitCode() == EACCES)
            #expect(try own.generation() == "1")
            #expect(try another.generation() == "0")
            #expect(try device.mapped() == 0)
            // Root may trigger all.
            #expect(try own.trigger() == 0)
            #expect(try own.generation() == "2")

            #expect(try tree.ask("chown", "containers/a", "0", "0") == "0")
            #expect(try own.trigger(by: Self.owner) == EACCES)
            #expect(try own.generation() == "2")
        }

        @Test func aDirectoryIsNoDevice() throws {
            let device = try TestDevice()
            defer { device.end() }
            try device.serve()
            let tree = try DeviceTree(device)
            let containers = try [device.systemDevice, tree.make("a")]
            let watchers = try containers.map { try $0.interaction() }
            for path in ["", "containers", "containers/a"] {
                #expect(try tree.ask("trigger", path) == "ENOTTY", "\(path)")
            }
            for watcher in watchers { #expect(try watcher.answer("poll") == "0") }
        }

        /// The kernel lets him, since he may write everywhere.
        @Test func whoMayWriteEverywhereMakesNoDevice() throws {
            let device = try TestDevice()
            defer { device.end() }
            try device.serve()
            let rights = ["--inh-caps", "+dac_override", "--ambient-caps", "+dac_override"]
            let user = try DeviceTree(device, by: Self.owner + rights)
            #expect(try user.ask("mkdir", "containers/a") == "EACCES")
            #expect(try user.containers() == [])
        }

        @Test func theGroupMayOpenButNotTrigger() throws {
            let device = try TestDevice()
            defer { device.end() }
            try device.serve()
            let tree = try DeviceTree(device)
            let container = try tree.make("a")
            #expect(try tree.ask("chown", "containers/a", "1000", "1001") == "0")
            #expect(try tree.ask("chmod", "containers/a", "750") == "0")
            #expect(try container.client("open", "1", by: Self.other).exitCode() == 0)
            #expect(try container.trigger(by: Self.other) == EACCES)
            #expect(try container.generation() == "0")
        }

        @Test func nobodyWithoutRightsMakesADeviceHis() throws {
            let device = try TestDevice()
            defer { device.end() }
            try device.serve()
            let tree = try DeviceTree(device)
            _ = try tree.make("a")
            let user = try DeviceTree(device, by: Self.owner)
            for path in ["containers/a", "containers/a/sysgenid", "containers", "sysgenid"] {
                let before = try tree.ask("stat", path)
                #expect(try user.ask("chown", path, "1000", "1000") == "EPERM", "\(path)")
                #expect(try user.ask("chmod", path, "777") == "EPERM", "\(path)")
                #expect(try tree.ask("stat", path) == before)
            }
            // The owner cannot give it away.
            #expect(try tree.ask("chown", "containers/a", "1000", "1000") == "0")
            #expect(try user.ask("chown", "containers/a", "1001", "1000") == "EPERM")
            #expect(try tree.ask("stat", "containers/a")?.hasSuffix(" 1000 1000") == true)
        }
    }
}
