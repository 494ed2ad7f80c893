import Foundation
import SysGenID
import TestSupport
import Testing

extension EndToEnd {
    /// The programs as a person meets them.
    @Suite struct CommandLine {
        @Test func watchPrintsTheChangeThatTriggerMakes() throws {
            let device = try TestDevice()
            defer { device.end() }
            try device.serve()
            let watch = try device.control("watch", "--count", "2")
            try waitUntil("the watcher") { device.attribute("watchers") == "1" }
            let trigger = try device.control("trigger", "--minimum", "41")
            #expect(try trigger.exitCode() == 0)
            #expect(trigger.text.contains("41"))
            try watch.waitFor("41")
            #expect(try device.control("trigger").exitCode() == 0)
            #expect(try watch.exitCode() == 0)
            #expect(watch.text.contains("42"))
        }

        @Test func exitCodesAreThoseOfTheInterface() throws {
            let device = try TestDevice()
            defer { device.end() }
            try device.serve()
            #expect(try device.control("status").exitCode() == 0)
            #expect(try device.control("wait", "--timeout", "0").exitCode() == 0)
            let tracked = try device.client("wait")
            let wait = try device.control("wait", "--timeout", "100")
            #expect(try wait.exitCode() == 3)
            tracked.signal(SIGKILL)
            let denied = try device.run(
                "/usr/bin/setpriv",
                ["--reuid", "65534", "--clear-groups", Built.folder.appending(path: "sysgenidctl").path]
                    + ["--device", device.path, "trigger"])
            #expect(try denied.exitCode() == 4)
            let absent = try device.run("sysgenidctl", ["--device", device.folder + "/none", "probe"])
            #expect(try absent.exitCode() == 1)
            #expect(absent.lines.count == 1)
            #expect(try device.run("sysgenidctl", ["--nonsense"]).exitCode() == 64)
        }

        /// The laboratory has machines with the page of a hypervisor.
        @Test func probeShowsTheGenerationAloneToAScriptAndBothAsJSON() throws {
            let device = try TestDevice()
            defer { device.end() }
            try device.serve()
            try device.trigger()
            let probe = try device.control("probe")
            #expect(try probe.exitCode() == 0)
            #expect(probe.text == "1\n")
            let report = try device.control("--json", "probe")
            #expect(try report.exitCode() == 0)
            let hypervisors = GenerationProbe.defaultClockPath
            let counter = try GenerationProbe(path: device.path).withClock(at: hypervisors).hypervisorCounter
            let shown = counter.map { "\($0)" } ?? "null"
            #expect(report.text == "{\"generation\":1,\"hypervisor_counter\":\(shown)}\n")
        }

        /// As a kernel's own device may be.
        @Test func aDeviceOfTheOlderVersionIsTriggeredAndWaitedFor() throws {
            let device = try TestDevice()
            defer { device.end() }
            try device.serve()
            let older = try device.olderInterface()
            func control(_ words: String...) throws -> RunningProgram {
                try device.run("sysgenidctl", ["--device", device.path] + words, environment: older)
            }
            // This version waits for all, tracked or not.
            let watcher = try device.watcher()
            let trigger = try control("trigger", "--minimum", "5")
            #expect(try trigger.exitCode() == 0)
            #expect(trigger.lines == ["5"])
            #expect(try control("wait", "--timeout", "100").exitCode() == 3)
            #expect(try watcher.awaitChange()?.rawValue == 5)
            #expect(try watcher.acknowledge(Generation(rawValue: 5)))
            #expect(try control("wait", "--timeout", TestDevice.untilTheCap).exitCode() == 0)
        }

        @Test func statusTellsWhatTheDaemonPublishes() throws {
            let device = try TestDevice()
            defer { device.end() }
            let daemon = try device.serve()
            try device.trigger()
            // The generation is published first, the rest when there is time.
            try waitUntil("the change") { device.attribute("changes")?.isEmpty == false }
            let status = try device.control("--json", "status")
            #expect(try status.exitCode() == 0)
            let object = try #require(
                try JSONSerialization.jsonObject(with: Data(status.text.utf8)) as? [String: Any])
            #expect(object["generation"] as? Int == 1)
            #expect(object["pid"] as? Int == Int(daemon.processID))
            #expect(object["backend"] as? String == "manual")
            #expect(object["backend_reason"] as? String == "asked for by --backend manual")
            let changes = try #require(object["changes"] as? [[String: Any]])
            #expect(changes.count == 1 && changes[0]["generation"] as? Int == 1)
            #expect((changes[0]["cause"] as? String)?.hasPrefix("triggered by process ") == true)
        }

        @Test func statusOfAContainerTellsOfItsDevice() throws {
            let device = try TestDevice()
            defer { device.end() }
            let daemon = try device.serve()
            let tree = try DeviceTree(device)
            let (web, _) = try (tree.make("web"), tree.make("db"))
            let tracker = try web.client("track")
            _ = try device.client("read")
            #expect(try web.trigger() == 0)
            try tracker.waitFor("1\n")
            try waitUntil("the figures") {
                device.attribute("containers.prom")?
                    .contains("\nsysgenid_container_outdated_watchers{container=\"web\"} 1\n") == true
            }
            func status(_ arguments: String...) throws -> [String: Any] {
                let program = try device.run(
                    "sysgenidctl", arguments + ["--json", "status"],
                    environment: [
                        "SYSGENID_RUNTIME_DIR": device.runtimeDirectory,
                        "SYSGENID_DEVICES_DIR": device.devicesDirectory,
                    ])
                #expect(try program.exitCode() == 0)
                return try #require(
                    try JSONSerialization.jsonObject(with: Data(program.text.utf8)) as? [String: Any])
            }
            let ofContainer = try status("--container", "web")
            #expect(ofContainer["generation"] as? Int == 1 && ofContainer["outdated"] as? Int == 1)
            #expect(ofContainer["watchers"] as? Int == 1 && ofContainer["tracked"] as? Int == 1)
            #expect(ofContainer["pid"] as? Int == Int(daemon.processID))
            #expect(ofContainer["backend"] as? String == "manual")
            #expect(ofContainer["frontends"] as? [String] == ["fuse"] && ofContainer["changes"] is NSNull)
            #expect(ofContainer["containers"] is NSNull)
            let ofSystem = try status("--device", device.path)
            #expect(ofSystem["generation"] as? Int == 0 && ofSystem["containers"] as? Int == 2)
        }

        @Test func outdatedProcessesAreNamed() throws {
            let device = try TestDevice()
            defer { device.end() }
            try device.serve()
            let client = try device.client("poll")
            try device.trigger()
            #expect(try client.exitCode() == 0)
            let tracked = try device.client("wait")
            try waitUntil("the process") {
                device.attribute("outdated_processes") == "\(tracked.processID) TestClient"
            }
            let metrics = try #require(device.attribute("sysgenid.prom"))
            #expect(metrics.contains("\nsysgenid_outdated_watchers 1\n"))
            #expect(metrics.contains("\nsysgenid_changes_total{cause=\"trigger\"} 2\n"))
            let status = try device.control("status")
            #expect(try status.exitCode() == 0)
            #expect(status.text.contains("outdated processes:\n  \(tracked.processID) TestClient\n"))
        }

        @Test func checkSaysWhatWouldBeChosen() throws {
            let check = try RunningProgram(Built.path(of: "sysgenidd"), ["--check"])
            #expect(try check.exitCode() == 0)
            #expect(check.text.contains("chosen"))
            #expect(check.lines.contains { $0.contains("vmclock") })
        }

        @Test func checkSaysWhereContainersHaveTheirDevicesAndThatTheyTakeFUSE() throws {
            let device = try TestDevice()
            defer { device.end() }
            func line(_ options: String...) throws -> String? {
                let check = try device.start(["--check"] + options)
                _ = try check.exitCode()
                return check.lines.first { $0.hasPrefix("containers  ") }
            }
            #expect(try line() == "containers  below \(device.devicesDirectory), at most 4096")
            let advice = "that takes FUSE: start sysgenidd with --frontend auto, both or fuse"
            #expect(try line("--frontend", "cuse") == "containers  no devices of their own: \(advice)")
            let daemon = try device.serve("--max-containers", "12")
            #expect(
                daemon.lines.contains {
                    $0.hasSuffix(
                        "containers have their devices below \(device.devicesDirectory) (native mmap), 0 of at most 12")
                }, "\(daemon.text)")
        }

        @Test func checkSaysTheSameAsAnObject() throws {
            let device = try TestDevice()
            defer { device.end() }
            for options in [[], ["--frontend", "both"], ["--device", "/dev/null"], ["--backend", "vmclock"]] {
                let text = try RunningProgram(Built.path(of: "sysgenidd"), ["--check"] + options)
                let json = try RunningProgram(Built.path(of: "sysgenidd"), ["--check", "--json"] + options)
                #expect(try text.exitCode() == json.exitCode())
                #expect(json.lines.count == 1)
                let object = try #require(
                    try JSONSerialization.jsonObject(with: Data(json.text.utf8)) as? [String: Any])
                #expect(object["can_serve"] as? Bool == (try json.exitCode() == 0))
                for member in ["frontends", "backends"] {
                    for entry in try #require(object[member] as? [[String: Any]]) {
                        let (name, words) = (entry["name"] as? String ?? "", entry["text"] as? String)
                        let answer = entry["usable"] as? Bool == true ? "yes" : "no"
                        let line = words.map { "\(answer): \($0)" } ?? answer
                        #expect(text.lines.contains { $0.hasPrefix("  \(name)") && $0.hasSuffix(line) }, "\(line)")
                    }
                }
            }
            #expect(try device.start(["--json"]).exitCode() == 64)
        }

        @Test func whatCannotBeServedIsOneLineWithARemedy() throws {
            let device = try TestDevice()
            defer { device.end() }
            let noGroup = try device.start(["--group", "no-such-group"])
            #expect(try noGroup.exitCode() == 1)
            #expect(noGroup.lines.count == 1)
            #expect(noGroup.text.contains("groupadd"))

            let noDirectory = try device.run("sysgenidd", ["--device", device.folder + "/no/such/place"])
            #expect(try noDirectory.exitCode() == 1)
            #expect(noDirectory.lines.count == 1)

            let elsewhere = try device.start(["--frontend", "cuse"])
            #expect(try elsewhere.exitCode() == 1)
            #expect(elsewhere.text.contains("below /dev"))

            #expect(try device.start(["--backend", "file"]).exitCode() == 64)
            #expect(try device.start(["--mode", "999"]).exitCode() == 64)
            #expect(try device.start(["--max-watchers", "0"]).exitCode() == 64)
            #expect(!device.exists)
        }
    }
}
