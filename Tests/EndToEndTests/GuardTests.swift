import Foundation
import TestSupport
import Testing

extension EndToEnd {
    /// Clients that mean harm, and limits.
    @Suite struct Guards {
        @Test func whatAWriterDoesToThePageIsPutRight() throws {
            let device = try TestDevice()
            defer { device.end() }
            let daemon = try device.serve()
            try device.trigger()
            let bystander = try device.client("read")
            let writer = try device.client("scribble")
            #expect(try writer.exitCode() == 0)
            #expect(writer.lines == ["restored"])
            try daemon.waitFor("has written to the counter page: it showed 1001 and is set right to 1")
            try waitUntil("the metric") {
                device.attribute("sysgenid.prom")?.contains("\nsysgenid_page_overwrites_total 1\n") == true
            }
            #expect(bystander.lines == ["ready"])
            #expect(try device.mapped() == 1)
        }

        /// Who writes the next generation to the page would hide the change from whoever has seen it.
        @Test func theNextChangeIsNotTheGenerationThatAWriterHasShown() throws {
            let device = try TestDevice()
            defer { device.end() }
            let daemon = try device.serve()
            let forger = try device.client("forge")
            try forger.waitFor("mapped")
            #expect(try forger.answer("1")?.hasPrefix("0 after ") == true)
            #expect(try forger.answer("4294967295")?.hasPrefix("0 after ") == true)
            #expect(try forger.answer("3")?.hasPrefix("0 after ") == true)
            try device.trigger()
            #expect(try device.mapped() == 2)

            // The next daemon knows it, too, also what was written while there was none.
            daemon.signal(SIGTERM)
            #expect(try daemon.exitCode() == 0)
            try forger.send("5")
            usleep(100_000)
            let next = try device.serve()
            try waitUntil("the generation in the page") { forger.lines.last?.hasPrefix("2 after ") }
            try device.trigger()
            #expect(try device.mapped() == 4)
            next.signal(SIGKILL)
            _ = try next.exitCode()
            try device.serve()
            try device.trigger()
            #expect(try device.mapped() == 6)
        }

        @Test func overTheLimitOfWatchersOpenFailsAndIsLoggedOnce() throws {
            let device = try TestDevice()
            defer { device.end() }
            let daemon = try device.serve("--max-watchers", "20")
            let start = Date()
            let greedy = try device.client("open", "21")
            #expect(try greedy.exitCode() == EMFILE)
            #expect(greedy.lines.first == "20")
            for _ in 1...10 {
                #expect(try device.client("open", "21").exitCode() == EMFILE)
            }
            let told = daemon.lines.filter { $0.contains("raise --max-watchers") }
            // Once a second at most, however long the machine takes for eleven clients.
            #expect((1...2 + Int(Date().timeIntervalSince(start))).contains(told.count))
            #expect(try device.client("open", "20").exitCode() == 0)
        }

        @Test(arguments: [SIGKILL, SIGSTOP])
        func aClientThatVanishesWhileBlockedHarmsNobody(_ signal: Int32) throws {
            let device = try TestDevice()
            defer { device.end() }
            try device.serve()
            let victim = try device.client("read")
            let other = try device.client("read")
            victim.signal(signal)
            if signal == SIGKILL { #expect(try victim.exitCode() == -SIGKILL) }
            try device.trigger()
            #expect(try other.exitCode() == 0)
            #expect(other.lines == ["ready", "1"])
            victim.signal(SIGCONT)
            if signal == SIGSTOP {
                #expect(try victim.exitCode() == 0)
                #expect(victim.lines == ["ready", "1"])
            }
            try waitUntil("all watchers gone") { device.attribute("watchers") == "0" }
        }

        @Test func aProcessThatTheDaemonCannotSeeMayNotTrigger() throws {
            let device = try TestDevice()
            defer { device.end() }
            let daemon = try device.run(
                "/usr/bin/unshare",
                [
                    "--pid", "--fork", "--kill-child", Built.folder.appending(path: "sysgenidd").path,
                    "--device", device.path, "--runtime-dir", device.runtimeDirectory, "--frontend", "fuse",
                ])
            try daemon.waitFor("serving \(device.path)")
            #expect(try device.client("trigger").exitCode() == EACCES)
            #expect(try device.mapped() == 0)
            try daemon.waitFor("may not trigger a change")
        }

        @Test func thePermissionsAreThoseAskedFor() throws {
            let device = try TestDevice()
            defer { device.end() }
            try device.serve("--mode", "0640", "--group", "12")
            let attributes = try FileManager.default.attributesOfItem(atPath: device.path)
            #expect(attributes[.posixPermissions] as? Int == 0o640)
            #expect(attributes[.groupOwnerAccountID] as? Int == 12)
        }
    }
}
