import Foundation
import TestSupport
import Testing

extension EndToEnd.ContainerDevices {
    /// A successor continues where its predecessor was killed, and no client of a container notices.
    @Suite struct Takeover {
        @Test(arguments: [SIGKILL, SIGUSR1], Kernel.allCases)
        func blockedClientsStayBlockedAndReturnAtTheNextChange(_ signal: Int32, _ kernel: Kernel) throws {
            let device = try TestDevice()
            defer { device.end() }
            let daemon = try Supervisor(device, kernel: kernel)
            let container = try DeviceTree(device).make("a")
            let reader = try container.client("read", "2")
            let poller = try container.client("poll")
            let edge = try container.client("epoll")
            let page = try container.client("map")
            try edge.waitFor("ready")
            for _ in 1...3 { try daemon.replace(by: signal) }
            #expect(reader.lines == ["ready"])
            #expect(poller.lines == ["ready"])
            #expect(edge.lines == ["ready"])
            #expect(try container.trigger() == 0)
            try reader.waitFor("1\n")
            #expect(try poller.exitCode() == 0)
            #expect(poller.lines == ["ready", "POLLIN"])
            try edge.waitFor("EPOLLIN\n")

            try daemon.replace(by: signal)
            usleep(200_000)
            #expect(reader.lines == ["ready", "1"])
            #expect(edge.lines == ["ready", "EPOLLIN"])
            #expect(try page.answer("look") == "1")
            try device.trigger()
            #expect(try reader.exitCode() == 0)
            #expect(reader.lines == ["ready", "1", "2"])
            try waitUntil("the second event") { edge.lines == ["ready", "EPOLLIN", "EPOLLIN"] }
            #expect(try page.answer("look") == "2")
            #expect(try device.mapped() == 1)
            #expect(daemon.served == 5)
        }

        @Test(arguments: [SIGKILL, SIGUSR1], Kernel.allCases)
        func namesOwnersAndGenerationsAreRemembered(_ signal: Int32, _ kernel: Kernel) throws {
            let device = try TestDevice()
            defer { device.end() }
            let daemon = try Supervisor(device, kernel: kernel)
            let tree = try DeviceTree(device)
            let expected = try Remembered(device, tree)
            let earlier = try [device.systemDevice, ContainerDevice(device, "b")].map { try $0.interaction() }
            for _ in 1...2 {
                try daemon.replace(by: signal)
                // Each can be opened beside those that have it open since before.
                #expect(try device.systemDevice.generation() != nil)
                #expect(try ContainerDevice(device, "b").generation() != nil)
                #expect(earlier.allSatisfy { $0.isRunning })
                try expected.check(tree)
            }
            #expect(try ContainerDevice(device, "b").trigger(by: TestDevice.becoming(1_000)) == 0)
            #expect(try ContainerDevice(device, "b").generation() == "3")
            #expect(try tree.ask("rmdir", "containers/b") == "0")
            try daemon.replace(by: signal)
            #expect(try tree.containers() == ["a", "c"])
            #expect(try tree.make("b").generation() == "0")
        }

        @Test(arguments: Kernel.allCases)
        func whatIsAcknowledgedAndTrackedIsRemembered(_ kernel: Kernel) throws {
            let device = try TestDevice()
            defer { device.end() }
            let daemon = try Supervisor(device, kernel: kernel)
            let container = try DeviceTree(device).make("a")
            let (first, second) = try (container.interaction(), container.interaction())
            let system = try device.systemDevice.interaction()
            #expect(try first.answer("track") == "0")
            #expect(try second.answer("trigger") == "0")
            #expect(try first.answer("write 1") == "4")
            try daemon.replace()
            #expect(try first.answer("read") == "EAGAIN")
            #expect(try first.answer("poll") == "0")
            #expect(try second.answer("poll") == "1")
            #expect(try second.answer("outdated") == "1")
            #expect(try system.answer("outdated") == "1")
            #expect(try system.answer("read") == "EAGAIN")
            #expect(try second.answer("read") == "1")
            #expect(try second.answer("write 1") == "4")
            #expect(try second.answer("outdated") == "0")
            try waitUntil("the attributes") {
                device.attribute("tracked") == "1" && device.attribute("watchers") == "3"
            }
        }

        @Test(arguments: Kernel.allCases)
        func aRemovedDeviceThatSomebodyHasIsRemembered(_ kernel: Kernel) throws {
            let device = try TestDevice()
            defer { device.end() }
            let daemon = try Supervisor(device, kernel: kernel)
            let tree = try DeviceTree(device)
            let old = try tree.make("a")
            let bound = try old.bound(at: "bound")
            let reader = try old.client("read", "2")
            let page = try old.client("map")
            #expect(try tree.ask("rmdir", "containers/a") == "0")
            try daemon.replace()
            let new = try tree.make("a")
            try daemon.replace()
            try device.trigger()
            try reader.waitFor("1\n")
            #expect(try bound.trigger() == 0)
            #expect(try reader.exitCode() == 0)
            #expect(reader.lines == ["ready", "1", "2"])
            #expect(try page.answer("look") == "2")
            #expect(try bound.generation() == "2")
            #expect(try new.generation() == "1")
        }

        @Test(arguments: Kernel.allCases)
        func aResumeWhileNoDaemonLivesIsOneChangeOfEach(_ kernel: Kernel) throws {
            let device = try TestDevice()
            defer { device.end() }
            try device.setIdentity(1)
            let daemon = try Supervisor(
                device, "--backend", "file", "--backend-file", device.identityFile, kernel: kernel)
            let tree = try DeviceTree(device)
            let (first, second) = try (tree.make("a"), tree.make("b"))
            #expect(try second.trigger() == 0)
            let readers = try [first, second].map { try $0.client("read", "2") }
            try daemon.whileGone { try device.setIdentity(2) }
            try readers[0].waitFor("1\n")
            try readers[1].waitFor("2\n")
            usleep(300_000)
            #expect(readers.map(\.lines) == [["ready", "1"], ["ready", "2"]])
            #expect(try first.generation() == "1")
            #expect(try second.generation() == "2")
        }

        @Test(arguments: Kernel.allCases)
        func twentyDeathsUnderClientsOfManyContainers(_ kernel: Kernel) throws {
            let device = try TestDevice()
            defer { device.end() }
            let daemon = try Supervisor(device, kernel: kernel)
            let tree = try DeviceTree(device)
            let names = (0..<64).map { "c\($0)" }
            let containers = try names.map(tree.make)
            let readers = try containers.map { try $0.client("read", "5") }
            let pages = try containers.prefix(8).map { try $0.client("map") }
            for death in 1...20 {
                // Some die as soon as they were started.
                if death.isMultiple(of: 3) { try daemon.replaceEarly() }
                try daemon.replace()
                guard death.isMultiple(of: 5) else { continue }
                try device.trigger()
                for page in pages { #expect(try page.answer("look") == "\(death / 5)") }
                for reader in readers { try reader.waitFor("\n\(death / 5)\n") }
            }
            #expect(try tree.containers() == names.sorted())
            for container in containers { #expect(try container.trigger() == 0) }
            for reader in readers {
                #expect(try reader.exitCode() == 0)
                #expect(reader.lines == ["ready", "1", "2", "3", "4", "5"])
            }
            #expect(try device.mapped() == 4)
        }
    }
}
