import Foundation
import SysGenID
import TestSupport
import Testing

extension EndToEnd {
    /// A daemon that drives the device of somebody else. Here that is the counter file of another daemon; the laboratory
    /// has a character device in its place.
    @Suite struct Driving {
        @Test(arguments: Kernel.allCases)
        func eachResumeIsOneTriggerOfIt(_ kernel: Kernel) throws {
            let device = try TestDevice()
            defer { device.end() }
            let pair = try DrivingPair(device, kernel)
            // A number that is not what the driver begins with.
            #expect(try device.control("trigger", "--minimum", "41").exitCode() == 0)
            let daemon = try pair.drive()
            try daemon.waitFor("driving \(device.path), the device of another daemon")
            #expect(pair.attribute("frontends") == "kernel")
            try pair.expectGeneration(41)
            for number: UInt8 in 2...4 {
                let reader = try device.client("read")
                try device.setIdentity(number)
                #expect(try reader.exitCode() == 0)
                #expect(reader.lines == ["ready", "\(40 + Int(number))"])
                try pair.expectGeneration(40 + UInt32(number))
            }
            // It acknowledges what it sees itself.
            let wait = try device.control("wait", "--timeout", TestDevice.untilTheCap)
            #expect(try wait.exitCode() == 0)
            try waitUntil("the acknowledgement") { device.attribute("outdated") == "0" }
            try pair.end(daemon)
            #expect(try device.mapped() == 44)
            try waitUntil("the history") { device.attribute("changes")?.split(separator: "\n").count == 4 }
        }

        @Test func whatSomebodyElseTriggersIsFollowed() throws {
            let device = try TestDevice()
            defer { device.end() }
            let pair = try DrivingPair(device)
            let daemon = try pair.drive()
            try device.trigger()
            try pair.expectGeneration(1)
            #expect(try device.control("trigger", "--minimum", "9").exitCode() == 0)
            try pair.expectGeneration(9)
            try daemon.waitFor("generation 9: triggered by another program")
            try device.setIdentity(2)
            try pair.expectGeneration(10)
            try daemon.waitFor("generation 10: the system was resumed, noticed by file")
            try waitUntil("the history") { pair.attribute("changes")?.split(separator: "\n").count == 3 }
        }

        @Test(arguments: [SIGTERM, SIGKILL])
        func aRestartIsNoChangeAndWhatWasMissedIsOne(_ signal: Int32) throws {
            let device = try TestDevice()
            defer { device.end() }
            let pair = try DrivingPair(device)
            var daemon = try pair.drive()
            try device.setIdentity(2)
            try pair.expectGeneration(1)
            let watcher = try device.watcher()
            try pair.end(daemon, with: signal)
            daemon = try pair.drive()
            #expect(try watcher.waitForChange(timeoutMilliseconds: 300) == nil)
            try pair.end(daemon, with: signal)
            // Two resumes, and a trigger of somebody else.
            try device.setIdentity(3)
            try device.setIdentity(4)
            try device.trigger()
            daemon = try pair.drive()
            try pair.expectGeneration(3)
            #expect(daemon.lines.count { $0.contains("generation 3: the system was resumed") } == 1)
            try pair.end(daemon, with: signal)
        }

        /// As after a daemon that was killed when it had recorded a change, and had not triggered the device.
        @Test func aDeviceThatIsBehindIsBroughtToWhatWasRecorded() throws {
            let device = try TestDevice()
            defer { device.end() }
            var pair = try DrivingPair(device)
            let first = try pair.drive()
            #expect(try device.control("trigger", "--minimum", "7").exitCode() == 0)
            try pair.expectGeneration(7)
            try pair.end(first)
            pair.server.signal(SIGTERM)
            #expect(try pair.server.exitCode() == 0)
            try FileManager.default.removeItem(atPath: device.runtimeDirectory)
            pair = try DrivingPair(device)
            #expect(try device.mapped() == 0)
            let daemon = try pair.drive()
            try daemon.waitFor("\(device.path) was at generation 0, and is brought to 7")
            try pair.expectGeneration(7)
        }

        @Test func aDeviceOfTheOlderVersionIsTriggeredByItsOwnNumbers() throws {
            let device = try TestDevice()
            defer { device.end() }
            let pair = try DrivingPair(device)
            let older = try device.olderInterface()
            let check = try pair.start(["--check"], environment: older)
            #expect(try check.exitCode() == 0)
            #expect(check.text.contains("by version 4 of the interface"))
            let daemon = try pair.start(environment: older)
            try daemon.waitFor("driving \(device.path)")
            try device.setIdentity(2)
            try pair.expectGeneration(1)
        }

        @Test func whatItCannotKnowItDoesNotTell() throws {
            let device = try TestDevice()
            defer { device.end() }
            let pair = try DrivingPair(device)
            _ = try pair.drive()
            for name in ["watchers", "tracked", "outdated_processes"] { #expect(pair.attribute(name) == "unknown") }
            // The device counts these by a request of version 4.
            let watcher = try device.watcher()
            try device.trigger()
            #expect(try watcher.awaitChange()?.rawValue == 1)
            try waitUntil("the count") { pair.attribute("outdated") == "1" }
            let status = try device.run(
                "sysgenidctl", ["--device", device.path, "--json", "status"],
                environment: ["SYSGENID_RUNTIME_DIR": pair.runtimeDirectory])
            #expect(try status.exitCode() == 0)
            let object = try #require(
                try JSONSerialization.jsonObject(with: Data(status.text.utf8)) as? [String: Any])
            #expect(object["watchers"] is NSNull && object["outdated_processes"] is NSNull)
            #expect(object["generation"] as? Int == 1 && object["outdated"] as? Int == 1)
            #expect(try watcher.acknowledge(Generation(rawValue: 1)))
            try waitUntil("the count") { pair.attribute("outdated") == "0" }
        }

        @Test func aDeviceInAnotherMountNamespaceIsDrivenThere() throws {
            let device = try TestDevice()
            defer { device.end() }
            let pair = try DrivingPair(device)
            // In its own namespace it finds no device at the path, and takes away none of others.
            let blind = [
                "/usr/bin/unshare", "--mount", "--", "/bin/sh", "-c", "umount \"$0\" && exec \"$@\"", device.path,
            ]
            let lost = try pair.start(under: blind)
            #expect(try lost.exitCode() == 1)
            let daemon = try pair.start(["--mount-namespace", "/proc/\(getpid())/ns/mnt"], under: blind)
            try daemon.waitFor("driving \(device.path)")
            try device.setIdentity(2)
            try pair.expectGeneration(1)
            try pair.end(daemon)
        }

        /// Root of a user namespace of its own may open the device, and not trigger it.
        @Test func whatCannotBeTriggeredIsToldOnceAndTriedAgain() throws {
            let device = try TestDevice()
            defer { device.end() }
            let pair = try DrivingPair(device)
            let daemon = try pair.start(under: ["/usr/bin/unshare", "--user", "--map-root-user", "--"])
            try daemon.waitFor("driving \(device.path)")
            try device.setIdentity(2)
            try daemon.waitFor("the device could not be triggered (ioctl \(device.path): ")
            try waitUntil("a third attempt") {
                pair.server.lines.count { $0.contains("may not trigger a change") } >= 2
            }
            #expect(daemon.lines.count { $0.contains("could not be triggered") } == 1)
            #expect(try device.mapped() == 0)
            // What it could not do its successor does.
            try pair.end(daemon)
            _ = try pair.drive()
            try pair.expectGeneration(1)
        }

        @Test(arguments: [SIGTERM, SIGKILL])
        func whenTheDeviceGoesItEnds(_ signal: Int32) throws {
            let device = try TestDevice()
            defer { device.end() }
            let pair = try DrivingPair(device)
            let daemon = try pair.drive()
            pair.server.signal(signal)
            #expect(try daemon.exitCode() == 1)
            try daemon.waitFor("\(device.path) was taken away")
            #expect(pair.attribute("frontends") == nil)
        }

        @Test func whenTheDeviceIsCoveredItEnds() throws {
            let device = try TestDevice()
            defer { device.end() }
            let pair = try DrivingPair(device)
            // In a namespace of its own, so that whoever serves the device does not end over it, too.
            let daemon = try pair.start(under: ["/usr/bin/unshare", "--mount", "--"])
            try daemon.waitFor("driving \(device.path)")
            let namespace = ["--mount", "--target", "\(daemon.processID)", "--"]
            let cover = try device.run(
                "/usr/bin/nsenter", namespace + ["mount", "--bind", "/dev/null", device.path])
            #expect(try cover.exitCode() == 0, "\(cover.text)")
            #expect(try daemon.exitCode() == 1)
            try daemon.waitFor("\(device.path) was taken away or covered")
        }

        @Test func whereNothingAnswersAsADeviceThereIsNothingToDrive() throws {
            let device = try TestDevice()
            defer { device.end() }
            let pair = try DrivingPair(device)
            // A daemon that stands still would hold whoever opens its device.
            pair.server.signal(SIGSTOP)
            let held = try pair.start()
            #expect(try held.exitCode() == 1)
            #expect(held.text.contains("\(device.path) belongs to a daemon that does not answer"))
            pair.server.signal(SIGCONT)
            // One that was killed has left a dead mount.
            pair.server.signal(SIGKILL)
            _ = try pair.server.exitCode()
            let dead = try pair.start()
            #expect(try dead.exitCode() == 1)
            #expect(dead.text.contains("\(device.path) does not answer as a System Generation ID device"))
            #expect(!device.isMounted)
            // The numbers of /dev/null.
            try? FileManager.default.removeItem(atPath: device.path)
            try #require(mknod(device.path, S_IFCHR | 0o600, 1 << 8 | 3) == 0)
            let other = try pair.start()
            #expect(try other.exitCode() == 1)
            #expect(other.text.contains("does not answer as a System Generation ID device"))
        }

        /// What one of ours serves, `auto` leaves to that one.
        @Test func autoDrivesNoDeviceOfOurs() throws {
            let device = try TestDevice()
            defer { device.end() }
            let pair = try DrivingPair(device)
            let daemon = try pair.start(["--frontend", "auto"])
            #expect(try daemon.exitCode() == 1)
            try daemon.waitFor("\(device.path) is served by another sysgenidd")
            #expect(try device.mapped() == 0)
        }

        @Test func aCheckSaysWhatIsThere() throws {
            let device = try TestDevice()
            defer { device.end() }
            let nothing = try device.start(["--check", "--frontend", "kernel"])
            #expect(try nothing.exitCode() == 1)
            #expect(nothing.text.contains("kernel      no: this kernel has no device of its own at \(device.path)"))
            #expect(nothing.text.contains("frontend none"))
            let pair = try DrivingPair(device)
            let check = try pair.start(["--check"])
            #expect(try check.exitCode() == 0)
            #expect(
                check.text.contains("kernel      yes: the device of another daemon, by version 8 of the interface"))
            #expect(check.text.contains("frontend kernel, backend file"))
            #expect(try device.mapped() == 0)
        }
    }
}
