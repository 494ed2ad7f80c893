import Foundation
import TestSupport
import Testing

extension EndToEnd {
    /// Limits of memory. Nobody survives an allocation that fails; so the daemon has no more watchers than there is
    /// memory for, and is ended by no number of clients.
    @Suite struct Memory {
        /// Starts a daemon by a program that limits it, floods it, and looks whether it serves on.
        private func expectToSurvive(_ limiter: String, _ arguments: [String], named name: String) throws {
            let device = try TestDevice()
            defer { device.end() }
            let daemon = try device.run(
                limiter,
                arguments + [Built.path(of: "sysgenidd"), "--device", device.path]
                    + ["--runtime-dir", device.runtimeDirectory, "--frontend", "fuse", "--backend", "manual"])
            try daemon.waitFor("serving \(device.path)")
            let remark = try #require(daemon.lines.first { $0.contains("--max-watchers is") })
            #expect(remark.contains(name))
            let limit = try #require(remark.firstMatch(of: #/--max-watchers is (\d+) instead/#).flatMap { Int($0.1) })
            #expect((1_000..<65_536).contains(limit), "\(remark)")

            // All that may come, and all of them blocked; then as many as can be opened, and more.
            let throng = try device.run("TestClient", ["throng", device.path, "\(min(limit - 8, 10_000))"])
            try throng.waitFor("ready\n")
            let greedy = try device.run("TestClient", ["open", device.path, "\(limit + 1)"])
            #expect(try greedy.exitCode() == EMFILE)
            try daemon.waitFor("raise --max-watchers")
            try throng.send("change")
            try throng.waitFor("woken by")
            try throng.send("end")
            #expect(try throng.exitCode() == 0)
            try waitUntil("all are gone") { device.attribute("watchers") == "0" }
            try device.trigger()
            #expect(try device.mapped() == 2)
            daemon.signal(SIGTERM)
            #expect(try daemon.exitCode() == 0)
        }

        @Test func underALimitOfItsDataAFloodOfWatchersEndsInRefusals() throws {
            // The stacks of its threads take 56 MiB of it, though hardly any of that is memory.
            try expectToSurvive("/usr/bin/prlimit", ["--data=\(128 << 20)"], named: "RLIMIT_DATA leaves")
        }

        @Test(.needsMemoryGroups)
        func underALimitOfItsControlGroupAFloodOfWatchersEndsInRefusals() throws {
            let group = try MemoryGroup(bytes: 48 << 20)
            defer { group.end() }
            let script = "echo $$ > \(group.path)/cgroup.procs && exec \"$@\""
            try expectToSurvive("/bin/sh", ["-c", script, "sh"], named: group.limitFile)
            #expect(try group.killedCount() == 0)
        }
    }
}
