import Foundation
import TestSupport
import Testing

extension EndToEnd.ContainerDevices {
    /// A device that is taken away while somebody has it.
    @Suite struct Removals {
        @Test(arguments: Kernel.allCases)
        func whoHasItKeepsItAndItChangesWithTheSystem(_ kernel: Kernel) throws {
            let device = try TestDevice()
            defer { device.end() }
            try device.serve(kernel: kernel)
            let tree = try DeviceTree(device)
            let container = try tree.make("a")
            let reader = try container.client("read", "2")
            let poller = try container.client("poll")
            let page = try container.client("map")
            let watcher = try container.interaction()
            #expect(try tree.ask("rmdir", "containers/a") == "0")
            #expect(try tree.containers() == [])
            try device.trigger()
            try reader.waitFor("1\n")
            #expect(try poller.exitCode() == 0)
            #expect(poller.lines == ["ready", "POLLIN"])
            #expect(try page.answer("look") == "1")
            #expect(try watcher.answer("read") == "1")
            #expect(try watcher.answer("write 1") == "4")
            // A change of its own goes on, too.
            #expect(try watcher.answer("trigger") == "0")
            #expect(try reader.exitCode() == 0)
            #expect(reader.lines == ["ready", "1", "2"])
            #expect(try page.answer("look") == "2")
            #expect(try device.mapped() == 1)
        }

        @Test(arguments: Kernel.allCases)
        func aNewOneOfTheSameNameIsAnotherDevice(_ kernel: Kernel) throws {
            let device = try TestDevice()
            defer { device.end() }
            try device.serve(kernel: kernel)
            let tree = try DeviceTree(device)
            let old = try tree.make("a")
            #expect(try tree.ask("chown", "containers/a", "1000", "1000") == "0")
            #expect(try old.trigger() == 0)
            let oldReader = try old.client("read")
            let oldPage = try old.client("map")
            let oldWatcher = try old.interaction()
            #expect(try tree.ask("rmdir", "containers/a") == "0")
            let new = try tree.make("a")
            #expect(try tree.containers() == ["a"])
            #expect(try new.generation() == "0")
            #expect(try tree.ask("stat", "containers/a")?.hasSuffix(" 0 0") == true)
            let newReader = try new.client("read")
            let newWatcher = try new.interaction()
            #expect(try new.trigger() == 0)
            #expect(try newReader.exitCode() == 0)
            #expect(newReader.lines == ["ready", "1"])
            usleep(200_000)
            #expect(oldReader.lines == ["ready"])
            #expect(try oldPage.answer("look") == "1")
            #expect(try oldWatcher.answer("poll") == "0")
            try oldWatcher.awaitAnswer("0", to: "outdated")
            try newWatcher.awaitAnswer("1", to: "outdated")

            #expect(try oldWatcher.answer("trigger") == "0")
            #expect(try oldReader.exitCode() == 0)
            #expect(oldReader.lines == ["ready", "2"])
            #expect(try oldPage.answer("look") == "2")
            #expect(try new.generation() == "1")
        }

        @Test(arguments: Kernel.allCases)
        func aBindMountKeepsIt(_ kernel: Kernel) throws {
            let device = try TestDevice()
            defer { device.end() }
            try device.serve(kernel: kernel)
            let tree = try DeviceTree(device)
            let container = try tree.make("a")
            let bound = try container.bound(at: "bound")
            #expect(try tree.ask("rmdir", "containers/a") == "0")
            // Nobody has had it open until now.
            #expect(try bound.generation() == "0")
            let reader = try bound.client("read")
            try device.trigger()
            #expect(try reader.exitCode() == 0)
            #expect(reader.lines == ["ready", "1"])

            let new = try tree.make("a")
            #expect(try bound.trigger() == 0)
            #expect(try bound.generation() == "2")
            #expect(try new.generation() == "0")
            try device.trigger()
            #expect(try bound.generation() == "3")
            #expect(try new.generation() == "1")
        }

        /// As a container has it: in a view of the files of its own.
        @Test(arguments: Kernel.allCases)
        func aBindMountInAnotherMountNamespaceKeepsIt(_ kernel: Kernel) throws {
            let device = try TestDevice()
            defer { device.end() }
            try device.serve(kernel: kernel)
            let tree = try DeviceTree(device)
            let container = try tree.make("a")
            let inside = ContainerDevice(device, path: device.folder + "/inside")
            try Data().write(to: URL(filePath: inside.path))
            let entering = [
                "unshare", "--mount", "--propagation", "private", "sh", "-c",
                "mount --bind \"$0\" \"$1\" && shift && exec \"$@\"", container.path, inside.path,
            ]
            let reader = try inside.client("read", "2", by: entering)
            let page = try inside.client("map", by: entering)
            let watcher = try inside.client("interact", by: entering)
            try watcher.waitFor("ready")
            #expect(try tree.ask("rmdir", "containers/a") == "0")
            try device.trigger()
            try reader.waitFor("1\n")
            #expect(try page.answer("look") == "1")
            #expect(try watcher.answer("trigger") == "0")
            #expect(try reader.exitCode() == 0)
            #expect(reader.lines == ["ready", "1", "2"])
            #expect(try page.answer("look") == "2")
            #expect(try device.mapped() == 1)
        }

        @Test func itsWatchersAreGoneWithThem() throws {
            let device = try TestDevice()
            defer { device.end() }
            try device.serve()
            let tree = try DeviceTree(device)
            let container = try tree.make("a")
            let reader = try container.client("read")
            let page = try container.client("map")
            #expect(try tree.ask("rmdir", "containers/a") == "0")
            try waitUntil("the watcher") { device.attribute("watchers") == "1" }
            reader.signal(SIGKILL)
            #expect(try reader.exitCode() == -SIGKILL)
            page.end()
            try waitUntil("no watcher") { device.attribute("watchers") == "0" }
            try device.trigger()
            #expect(try tree.make("a").generation() == "0")
        }
    }
}

extension ContainerDevice {
    /// Mounts it at a new file in the test's folder, as for a container.
    func bound(at name: String) throws -> ContainerDevice {
        let bound = ContainerDevice(device, path: "\(device.folder)/\(name)")
        try Data().write(to: URL(filePath: bound.path))
        let mount = try device.run("/usr/bin/env", ["mount", "--bind", path, bound.path])
        try #require(mount.exitCode() == 0, "\(mount.text)")
        return bound
    }
}
