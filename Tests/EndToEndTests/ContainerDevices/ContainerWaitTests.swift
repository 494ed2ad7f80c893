import Foundation
import TestSupport
import Testing

extension EndToEnd.ContainerDevices {
    /// Who waits for whom, and who is counted.
    @Suite struct Waits {
        @Test(arguments: Kernel.allCases)
        func aWaitIsForTheWatchersOfItsDeviceAndTheSystemsForAll(_ kernel: Kernel) throws {
            let device = try TestDevice()
            defer { device.end() }
            try device.serve(kernel: kernel)
            let tree = try DeviceTree(device)
            let (first, second) = try (tree.make("a"), tree.make("b"))
            let trackers = try [first, second, device.systemDevice].map { try $0.client("track") }
            try device.trigger()
            for tracker in trackers { try tracker.waitFor("1\n") }
            let waits = try [first, second, device.systemDevice].map { try $0.wait() }
            for served in [first, second, device.systemDevice] {
                #expect(try served.wait(milliseconds: "200").exitCode() == 3)
            }

            try trackers[0].send("")
            #expect(try trackers[0].exitCode() == 0)
            #expect(try waits[0].exitCode() == 0)
            #expect(waits[1].isRunning)
            #expect(try second.wait(milliseconds: "200").exitCode() == 3)
            try trackers[2].send("")
            #expect(try trackers[2].exitCode() == 0)
            // All of its own have readjusted, and one of a container has not.
            #expect(try device.systemDevice.wait(milliseconds: "200").exitCode() == 3)
            #expect(try device.control("wait", "--timeout", "200").exitCode() == 3)
            #expect(waits[2].isRunning)
            try trackers[1].send("")
            #expect(try trackers[1].exitCode() == 0)
            for wait in waits { #expect(try wait.exitCode() == 0) }
            #expect(try device.control("wait", "--timeout", TestDevice.untilTheCap).exitCode() == 0)
        }

        @Test(arguments: Kernel.allCases)
        func theSystemWaitsForAContainerThatWasChangedAlone(_ kernel: Kernel) throws {
            let device = try TestDevice()
            defer { device.end() }
            try device.serve(kernel: kernel)
            let tree = try DeviceTree(device)
            let (first, second) = try (tree.make("a"), tree.make("b"))
            let tracker = try first.client("track")
            let other = try second.client("track")
            #expect(try first.trigger() == 0)
            try tracker.waitFor("1\n")
            #expect(try second.wait().exitCode() == 0)
            #expect(try device.control("wait", "--timeout", "200").exitCode() == 3)
            let wait = try device.control("wait", "--timeout", TestDevice.untilTheCap)
            tracker.end()
            #expect(try wait.exitCode() == 0)
            #expect(other.lines == ["ready"])
        }

        @Test(arguments: Kernel.allCases)
        func aWatcherOfARemovedDeviceIsWaitedForByTheSystem(_ kernel: Kernel) throws {
            let device = try TestDevice()
            defer { device.end() }
            try device.serve(kernel: kernel)
            let tree = try DeviceTree(device)
            let tracker = try tree.make("a").client("track")
            #expect(try tree.ask("rmdir", "containers/a") == "0")
            let new = try tree.make("a")
            try device.trigger()
            try tracker.waitFor("1\n")
            #expect(try new.wait().exitCode() == 0)
            #expect(try device.control("wait", "--timeout", "200").exitCode() == 3)
            try tracker.send("")
            #expect(try tracker.exitCode() == 0)
            #expect(try device.control("wait", "--timeout", TestDevice.untilTheCap).exitCode() == 0)
        }

        @Test(arguments: Kernel.allCases)
        func countedAreTheWatchersOfTheDeviceAndOnTheSystemsAll(_ kernel: Kernel) throws {
            let device = try TestDevice()
            defer { device.end() }
            try device.serve(kernel: kernel)
            let tree = try DeviceTree(device)
            let (first, second) = try (tree.make("a"), tree.make("b"))
            let ofFirst = try (0..<2).map { _ in try first.interaction() }
            let ofSecond = try second.interaction()
            let ofSystem = try device.systemDevice.interaction()
            #expect(try ofFirst[0].answer("track") == "0")
            for client in ofFirst + [ofSecond, ofSystem] { #expect(try client.answer("outdated") == "0") }
            #expect(try first.trigger() == 0)
            try ofFirst[0].awaitAnswer("2", to: "outdated")
            try ofSecond.awaitAnswer("0", to: "outdated")
            try ofSystem.awaitAnswer("2", to: "outdated")
            #expect(try ofSystem.answer("poll") == "0")

            try device.trigger()
            try ofFirst[1].awaitAnswer("2", to: "outdated")
            try ofSecond.awaitAnswer("1", to: "outdated")
            try ofSystem.awaitAnswer("4", to: "outdated")
            try waitUntil("the attributes") {
                device.attribute("watchers") == "4" && device.attribute("tracked") == "1"
                    && device.attribute("outdated") == "4"
            }
            #expect(try ofFirst[1].answer("write 2") == "4")
            #expect(try ofSecond.answer("write 1") == "4")
            try ofFirst[0].awaitAnswer("1", to: "outdated")
            try ofSecond.awaitAnswer("0", to: "outdated")
            try ofSystem.awaitAnswer("2", to: "outdated")
            ofFirst[0].end()
            try ofFirst[1].awaitAnswer("0", to: "outdated")
            try ofSystem.awaitAnswer("1", to: "outdated")
        }
    }
}
