import Foundation
import TestSupport
import Testing

extension EndToEnd {
    /// Start, end, and what comes between two daemons.
    @Suite struct Lifecycle {
        @Test(arguments: Kernel.allCases)
        func terminationReleasesBlockedClientsAndLeavesNothing(_ kernel: Kernel) throws {
            let device = try TestDevice()
            defer { device.end() }
            let daemon = try device.serve(kernel: kernel)
            let overseer = try device.client("wait")
            let reader = try device.client("read")
            let poller = try device.client("poll")
            daemon.signal(SIGTERM)
            #expect(try daemon.exitCode() == 0)
            #expect(try reader.exitCode() == ENODEV)
            #expect(try overseer.exitCode() == ENODEV)
            #expect(try poller.exitCode() == 0)
            #expect(poller.text.contains("POLLERR"))
            #expect(!device.isMounted)
            #expect(!device.exists)
            let left = try FileManager.default.contentsOfDirectory(atPath: device.runtimeDirectory)
            #expect(Set(left) == ["state", "lock", "generation", "page", "devices", "device-table", "pages"])
        }

        @Test func interruptEndsItToo() throws {
            let device = try TestDevice()
            defer { device.end() }
            let daemon = try device.serve()
            daemon.signal(SIGINT)
            #expect(try daemon.exitCode() == 0)
            #expect(!device.exists)
        }

        @Test func itEndsThoughItWasStartedWithEverySignalBlocked() throws {
            let device = try TestDevice()
            defer { device.end() }
            let daemon = try device.run(
                "sysgenidd",
                ["--device", device.path, "--runtime-dir", device.runtimeDirectory, "--frontend", "fuse"],
                inheritsSignals: true)
            try daemon.waitFor("serving \(device.path)")
            // It keeps the connection in use after the mount is gone.
            let reader = try device.client("read")
            daemon.signal(SIGTERM)
            #expect(try daemon.exitCode() == 0)
            #expect(try reader.exitCode() == ENODEV)
        }

        @Test func aFileThatWasThereBeforeStays() throws {
            let device = try TestDevice()
            defer { device.end() }
            try Data("mine".utf8).write(to: URL(filePath: device.path))
            let daemon = try device.serve()
            daemon.signal(SIGTERM)
            #expect(try daemon.exitCode() == 0)
            #expect(try String(contentsOfFile: device.path, encoding: .utf8) == "mine")
        }

        @Test func aKilledDaemonFreesItsClientsAndTheNextClearsItsMount() throws {
            let device = try TestDevice()
            defer { device.end() }
            let daemon = try device.serve()
            let reader = try device.client("read")
            daemon.signal(SIGKILL)
            #expect(try daemon.exitCode() == -SIGKILL)
            #expect(try reader.exitCode() != 0)
            #expect(device.isMounted)

            let next = try device.serve()
            #expect(next.text.contains("took away the mount"))
            #expect(try device.mapped() == 0)
            next.signal(SIGTERM)
            #expect(try next.exitCode() == 0)
            #expect(!device.isMounted)
            #expect(!device.exists)
        }

        @Test func aSecondDaemonSaysWhoIsInTheWay() throws {
            let device = try TestDevice()
            defer { device.end() }
            let first = try device.serve()
            let sameDirectory = try device.start([])
            #expect(try sameDirectory.exitCode() == 1)
            #expect(sameDirectory.text.contains("another sysgenidd (pid \(first.processID)) uses"))

            let sameDevice = try device.run(
                "sysgenidd",
                ["--device", device.path, "--runtime-dir", device.folder + "/other", "--frontend", "fuse"])
            #expect(try sameDevice.exitCode() == 1)
            #expect(sameDevice.text.contains("is served by another sysgenidd: stop that one"))
            #expect(try device.mapped() == 0)
        }

        @Test func aDaemonThatDoesNotAnswerIsNamed() throws {
            let device = try TestDevice()
            defer { device.end() }
            let stopped = try device.serve()
            stopped.signal(SIGSTOP)
            let next = try device.run(
                "sysgenidd",
                ["--device", device.path, "--runtime-dir", device.folder + "/other", "--frontend", "fuse"])
            #expect(try next.exitCode() == 1)
            #expect(next.text.contains("does not answer"))
            stopped.signal(SIGCONT)
            #expect(try device.mapped() == 0)
        }

        @Test func aDaemonInAMountNamespaceOfItsOwnServesTheOneItIsGiven() throws {
            let device = try TestDevice()
            defer { device.end() }
            let arguments =
                ["--mount", "--propagation", "slave", Built.path(of: "sysgenidd"), "--device", device.path]
                + ["--runtime-dir", device.runtimeDirectory, "--frontend", "fuse", "--backend", "manual"]
            let hidden = try device.run("/usr/bin/unshare", arguments)
            try hidden.waitFor("serving \(device.path)")
            #expect(!device.isMounted)
            hidden.signal(SIGTERM)
            #expect(try hidden.exitCode() == 0)

            let namespace = "/proc/\(getpid())/ns/mnt"
            let killed = try device.run("/usr/bin/unshare", arguments + ["--mount-namespace", namespace])
            try killed.waitFor("serving \(device.path)")
            #expect(try device.mapped() == 0)
            killed.signal(SIGKILL)
            #expect(try killed.exitCode() == -SIGKILL)
            #expect(device.isMounted)

            let next = try device.run("/usr/bin/unshare", arguments + ["--mount-namespace", namespace])
            try next.waitFor("serving \(device.path)")
            #expect(next.text.contains("took away the mount"))
            #expect(try device.mapped() == 0)
            next.signal(SIGTERM)
            #expect(try next.exitCode() == 0)
            #expect(!device.isMounted)
            #expect(!device.exists)
        }

        @Test func unmountingIsNoticed() throws {
            let device = try TestDevice()
            defer { device.end() }
            let daemon = try device.serve()
            #expect(umount2(device.path, Int32(MNT_DETACH)) == 0)
            #expect(try daemon.exitCode() == 1)
            try daemon.waitFor("was taken away")
            #expect(!device.exists)
        }

        /// A client that maps the device once and never opens it again, as cryptographic libraries do.
        @Test(arguments: [SIGTERM, SIGKILL], [true, false])
        func aMappingGoesOnWithTheNextDaemonWhereThePageIsInMemory(_ signal: Int32, _ isInMemory: Bool) throws {
            let device = try TestDevice(keepsStateInMemory: isInMemory)
            defer { device.end() }
            let first = try device.serve()
            let client = try device.client("map")
            try device.trigger()
            #expect(try client.answer("look") == "1")
            first.signal(signal)
            _ = try first.exitCode()
            #expect(try client.answer("look") == "1")
            try device.serve()
            try device.trigger()
            #expect(try client.answer("look") == (isInMemory ? "2" : "1"))
            #expect(try device.mapped() == 2)
        }

        @Test func readinessIsToldToTheServiceManager() throws {
            let device = try TestDevice()
            defer { device.end() }
            let manager = try NotificationSocket(device.folder + "/notify")
            let daemon = try device.serve(environment: ["NOTIFY_SOCKET": manager.path])
            let kept = try (0..<4).map { _ in try manager.receive() }
            let names = ["sysgenid-page", "sysgenid-watchers", "sysgenid-fuse", "sysgenid-devices"]
            #expect(kept == names.map { "FDSTORE=1\nFDNAME=\($0)\nFDPOLL=0" })
            let ready = try manager.receive()
            #expect(ready.hasPrefix("READY=1\nSTATUS=serving \(device.path)"))
            daemon.signal(SIGTERM)
            #expect(try manager.receive() == "STOPPING=1")
            let forgotten = try (0..<4).map { _ in try manager.receive() }
            #expect(forgotten == names.sorted().map { "FDSTOREREMOVE=1\nFDNAME=\($0)" })
            #expect(try daemon.exitCode() == 0)
        }
    }
}
