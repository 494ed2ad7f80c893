import Foundation
import TestSupport
import Testing

extension EndToEnd.ContainerDevices {
    /// Which change is whose, and what the first generation is.
    @Suite struct Changes {
        @Test(arguments: Kernel.allCases, [false, true])
        func aChangeOfTheSystemIsOneOfEachContainer(_ kernel: Kernel, _ isThroughTheDirectory: Bool) throws {
            let device = try TestDevice()
            defer { device.end() }
            try device.serve(kernel: kernel)
            let tree = try DeviceTree(device)
            let served = try [tree.make("a"), tree.make("b"), device.systemDevice]
            let clients = try served.map { served in
                let edge = try served.client("epoll")
                try edge.waitFor("ready")
                return (
                    reader: try served.client("read"), poller: try served.client("poll"), edge: edge,
                    page: try served.client("map")
                )
            }
            for (_, _, _, page) in clients { #expect(try page.answer("look") == "0") }
            if isThroughTheDirectory {
                #expect(try device.systemDevice.trigger() == 0)
            } else {
                try device.trigger()
            }
            for (reader, poller, edge, page) in clients {
                #expect(try reader.exitCode() == 0)
                #expect(reader.lines == ["ready", "1"])
                #expect(try poller.exitCode() == 0)
                #expect(poller.lines == ["ready", "POLLIN"])
                try edge.waitFor("EPOLLIN\n")
                #expect(try page.answer("look") == "1")
            }
            #expect(try device.mapped() == 1)
        }

        @Test(arguments: Kernel.allCases)
        func aChangeOfAContainerIsItsOwn(_ kernel: Kernel) throws {
            let device = try TestDevice()
            defer { device.end() }
            try device.serve(kernel: kernel)
            let tree = try DeviceTree(device)
            let (first, second) = try (tree.make("a"), tree.make("b"))
            let reader = try first.client("read", "2")
            let poller = try first.client("poll")
            let page = try first.client("map")
            let others = try [second, device.systemDevice].map { other in
                (
                    reader: try other.client("read"), poller: try other.client("poll"),
                    page: try other.client("map")
                )
            }
            #expect(try first.trigger() == 0)
            try reader.waitFor("1\n")
            #expect(try poller.exitCode() == 0)
            #expect(poller.lines == ["ready", "POLLIN"])
            #expect(try page.answer("look") == "1")
            usleep(200_000)
            for (reader, poller, page) in others {
                #expect(reader.lines == ["ready"])
                #expect(poller.lines == ["ready"])
                #expect(try page.answer("look") == "0")
            }
            #expect(try device.mapped() == 0)

            // From here on the generations are different ones.
            try device.trigger()
            #expect(try reader.exitCode() == 0)
            #expect(reader.lines == ["ready", "1", "2"])
            #expect(try page.answer("look") == "2")
            for (reader, _, page) in others {
                #expect(try reader.exitCode() == 0)
                #expect(reader.lines == ["ready", "1"])
                #expect(try page.answer("look") == "1")
            }
            #expect(try device.mapped() == 1)
        }

        @Test(arguments: Kernel.allCases)
        func aContainerThatComesLaterBeginsAtZero(_ kernel: Kernel) throws {
            let device = try TestDevice()
            defer { device.end() }
            try device.serve(kernel: kernel)
            for _ in 1...3 { try device.trigger() }
            let container = try DeviceTree(device).make("a")
            #expect(try container.generation() == "0")
            let watcher = try container.interaction()
            #expect(try watcher.answer("read") == "EAGAIN")
            try device.trigger()
            #expect(try watcher.answer("read") == "1")
            #expect(try watcher.answer("write 4") == "EINVAL")
            #expect(try watcher.answer("write 1") == "4")
            #expect(try device.mapped() == 4)
        }

        @Test(arguments: Kernel.allCases)
        func theFirstGenerationIsTheMinimumThatIsSetBeforeTheFirstOpen(_ kernel: Kernel) throws {
            let device = try TestDevice()
            defer { device.end() }
            try device.serve(kernel: kernel)
            let tree = try DeviceTree(device)
            let container = try tree.make("a")
            for minimum in ["7", "4294967295", "41"] {
                #expect(try tree.ask("minimum", "containers/a", minimum) == "0")
                #expect(try tree.ask("show-minimum", "containers/a") == "=\(minimum)")
            }
            let page = try container.client("map")
            #expect(try page.answer("look") == "41")
            #expect(try tree.ask("minimum", "containers/a", "50") == "EBUSY")
            #expect(try tree.ask("show-minimum", "containers/a") == "=41")
            #expect(try page.answer("look") == "41")
            try device.trigger()
            #expect(try page.answer("look") == "42")
            // Nobody has it open, but somebody had.
            page.end()
            #expect(try tree.ask("minimum", "containers/a", "50") == "EBUSY")
            #expect(try container.generation() == "42")
        }

        @Test func whatIsNoGenerationIsNoMinimum() throws {
            let device = try TestDevice()
            defer { device.end() }
            try device.serve()
            let tree = try DeviceTree(device)
            let container = try tree.make("a")
            for minimum in ["", "-1", "+1", "0x10", "seven", "7 8", " 7", "4294967296", "18446744073709551617"] {
                #expect(try tree.ask("minimum", "containers/a", minimum) == "EINVAL", "'\(minimum)'")
            }
            let user = try DeviceTree(device, by: TestDevice.becoming(1_000))
            let refusal = try user.ask("minimum", "containers/a", "7")
            #expect(["EACCES", "EPERM"].contains(refusal))
            #expect(try tree.ask("minimum", "containers", "7") != "0")
            #expect(try container.generation() == "0")
        }
    }
}
