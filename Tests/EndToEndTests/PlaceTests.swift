import Foundation
import TestSupport
import Testing

extension EndToEnd {
    /// What is at the path of the device before, while and after a daemon serves there.
    @Suite struct Place {
        enum Obstruction: String, CaseIterable {
            case fifo = "a FIFO"
            case socket = "a socket"
            case folder = "a directory"
            case device = "the node of another device"

            func make(at path: String) throws {
                switch self {
                case .fifo: try #require(mkfifo(path, 0o600) == 0)
                case .socket: try #require(mknod(path, S_IFSOCK | 0o600, 0) == 0)
                case .folder: try #require(mkdir(path, 0o700) == 0)
                // The numbers of /dev/null.
                case .device: try #require(mknod(path, S_IFCHR | 0o600, 1 << 8 | 3) == 0)
                }
            }
        }

        @Test(arguments: Obstruction.allCases)
        func whatIsNoPlaceForADeviceIsRefusedAndNotCovered(_ obstruction: Obstruction) throws {
            let device = try TestDevice()
            defer { device.end() }
            try obstruction.make(at: device.path)
            let line = "\(device.path) is in the way of the device: it is \(obstruction.rawValue)"
            let daemon = try device.start([])
            #expect(try daemon.exitCode() == 1)
            #expect(daemon.lines.count { $0.contains(line) } == 1)
            #expect(!device.isMounted && device.exists)
            let check = try device.start(["--check"])
            #expect(try check.exitCode() == 1)
            #expect(check.text.contains(line))
        }

        @Test func aFileOfSomebodyElseComesToLightAgain() throws {
            let device = try TestDevice()
            defer { device.end() }
            try "precious".write(toFile: device.path, atomically: false, encoding: .utf8)
            let daemon = try device.serve()
            #expect(try device.mapped() == 0)
            daemon.signal(SIGTERM)
            #expect(try daemon.exitCode() == 0)
            #expect(try String(contentsOfFile: device.path, encoding: .utf8) == "precious")
        }

        @Test func aSymbolicLinkIsFollowedAndNothingIsLeftWhereItLeads() throws {
            let device = try TestDevice()
            defer { device.end() }
            let place = device.folder + "/place"
            try #require(symlink("place", device.path) == 0)
            let daemon = try device.start([])
            try daemon.waitFor("serving \(place)")
            #expect(try device.mapped() == 0)
            try device.trigger()
            #expect(try device.mapped() == 1)
            daemon.signal(SIGTERM)
            #expect(try daemon.exitCode() == 0)
            #expect(access(place, F_OK) != 0)
            #expect(try FileManager.default.destinationOfSymbolicLink(atPath: device.path) == "place")
        }

        @Test func aMountThatIsTakenAwayUnderADaemonComesBackAndClientsNoticeNothing() throws {
            let device = try TestDevice()
            defer { device.end() }
            let daemon = try Supervisor(device)
            let reader = try device.client("read")
            let page = try device.client("map")
            for count in 2...3 {
                try #require(umount2(device.path, Int32(MNT_DETACH)) == 0)
                try waitUntil("a successor", details: { daemon.text }) { daemon.served == count }
            }
            try daemon.waitFor("\(device.path) was taken away or covered")
            #expect(device.isMounted)
            #expect(reader.lines == ["ready"])
            try device.trigger()
            #expect(try reader.exitCode() == 0)
            #expect(try page.answer("look") == "1")
            #expect(try device.mapped() == 1)
        }

        @Test func aMountThatIsCoveredIsOnTopAgain() throws {
            let device = try TestDevice()
            defer { device.end() }
            let daemon = try Supervisor(device)
            let reader = try device.client("read")
            let other = device.folder + "/other"
            try Data(count: 4_096).write(to: URL(filePath: other))
            try #require(mount(other, device.path, "", UInt(MS_BIND), nil) == 0)
            try waitUntil("a successor", details: { daemon.text }) { daemon.served == 2 }
            try device.trigger()
            #expect(try reader.exitCode() == 0)
        }

        /// The kernel holds the file locked for a write, and a mount over it would wait for that.
        @Test func aWriteThatWaitsForTheDaemonDoesNotHoldUpItsSuccessor() throws {
            let device = try TestDevice()
            defer { device.end() }
            let daemon = try Supervisor(device)
            let writer = try device.client("interact")
            try writer.waitFor("ready")
            kill(daemon.daemon, SIGSTOP)
            try writer.send("write 0")
            usleep(200_000)
            try daemon.replace()
            try waitUntil("the write to end") { writer.lines == ["ready", "4"] }
        }

        @Test func aDaemonThatNobodyContinuesEndsWithItsMountAlsoWhereClientsHaveItOpen() throws {
            let device = try TestDevice()
            defer { device.end() }
            let daemon = try device.serve()
            let reader = try device.client("read")
            try #require(umount2(device.path, Int32(MNT_DETACH)) == 0)
            #expect(try daemon.exitCode() == 1)
            try daemon.waitFor("\(device.path) was taken away or covered")
            #expect(try reader.exitCode() != 0)
            #expect(!device.exists)
        }

        @Test func whatWasServedAtAnotherPathIsEndedThere() throws {
            let device = try TestDevice()
            defer { device.end() }
            let daemon = try Supervisor(device)
            let reader = try device.client("read")
            let place = device.folder + "/place"
            try daemon.whileGone { try daemon.setOptions("--device", place) }
            try daemon.waitFor("it served \(device.path); starting afresh")
            #expect(try reader.exitCode() != 0)
            #expect(!device.isMounted && !device.exists)
            #expect(try device.run("TestClient", ["trigger", place]).exitCode() == 0)
            #expect(try daemon.stop().exitCode == 0)
            #expect(access(place, F_OK) != 0)
        }

        @Test func whatAKilledDaemonHasLeftAtAnotherPathIsTakenAway() throws {
            let device = try TestDevice()
            defer { device.end() }
            let first = try device.serve()
            first.signal(SIGKILL)
            _ = try first.exitCode()
            #expect(device.isMounted)
            let place = device.folder + "/place"
            let second = try device.start(["--device", place])
            try second.waitFor("serving \(place)")
            #expect(second.text.contains("took away the mount at \(device.path) that a killed daemon had left"))
            #expect(!device.isMounted && !device.exists)
            second.signal(SIGTERM)
            #expect(try second.exitCode() == 0)
        }
    }
}
