import Foundation
import TestSupport
import Testing

extension EndToEnd {
    /// What an overseer makes of changes, watchers, and daemons that come and go.
    @Suite(.needsFuse) struct Overseers {
        @Test func aChangeWhileHooksRunEndsThemAndBeginsAnew() throws {
            let overseen = try Overseen()
            defer { overseen.end() }
            try overseen.hook("changed", "10-a")
            try overseen.waitingHook("changed", "20-b")
            let overseer = try overseen.oversee("--deadline", TestDevice.untilTheCap)
            for generation in 1...3 {
                try overseen.device.trigger()
                try waitUntil("the hook", details: { overseer.text }) { overseen.began.count == generation }
            }
            try overseen.letGo()
            try overseer.waitFor("ready with generation 3 after")
            #expect(overseen.ran == (1...3).map { "changed 10-a \($0) trigger" } + ["changed 20-b 3 trigger"])
            #expect(overseen.began.allSatisfy { !isAlive($0) })
            #expect(!overseer.text.contains("error: "))
        }

        @Test func changesThatComeFastAreOneRunForTheLast() throws {
            let overseen = try Overseen()
            defer { overseen.end() }
            try overseen.hook("changed", "10-a")
            try overseen.hook("ready", "10-a")
            let overseer = try overseen.oversee()
            let changes = 40
            for _ in 0..<changes { try overseen.device.trigger() }
            try overseer.waitFor("ready with generation \(changes) after")
            let ran = overseen.ran
            #expect(Set(ran).count == ran.count, "none was run twice for a generation")
            #expect(ran.suffix(2) == ["changed 10-a \(changes) trigger", "ready 10-a \(changes) trigger"])
        }

        @Test func programsThatDoNotReadjustAreNamed() throws {
            let overseen = try Overseen()
            defer { overseen.end() }
            try overseen.hook("ready", "10-a")
            let overseer = try overseen.oversee("--deadline", "1500")
            let watcher = try overseen.device.watcher(isTracked: true)
            try overseen.device.trigger()
            let generation = try #require(try watcher.waitForChange())
            try overseer.waitFor("not ready with generation 1: programs have not readjusted in time: \(getpid()) ")
            #expect(overseen.ran == [])
            // It is too late for this change.
            try watcher.acknowledge(generation)
            try overseen.device.trigger()
            try watcher.acknowledge(try #require(try watcher.waitForChange()))
            try overseer.waitFor("ready with generation 2 after")
            #expect(overseer.text.contains(", 1 tracked watchers\n"))
            #expect(overseen.ran == ["ready 10-a 2 trigger"])
        }

        @Test func aReseedThatTheKernelHasNotTakenIsNoReadiness() throws {
            let overseen = try Overseen()
            defer { overseen.end() }
            try overseen.hook("changed", "10-a")
            try overseen.hook("failed", "10-a")
            // What a daemon publishes that is not permitted to reseed.
            let published = overseen.file("published")
            try FileManager.default.createDirectory(atPath: published, withIntermediateDirectories: true)
            func publish(_ generation: Int) throws {
                let reseed = "2021-03-01T00:00:00Z 1 failed identity RNDADDENTROPY: Operation not permitted"
                for (name, text) in [
                    ("reseed", reseed), ("device", overseen.device.path), ("generation", "\(generation)"),
                ] {
                    try Data("\(text)\n".utf8).write(to: URL(filePath: "\(published)/\(name)"), options: .atomic)
                }
            }
            let overseer = try overseen.start("--runtime-dir", published, "--deadline", "2000")
            try overseer.waitFor("ready with generation 0")
            try overseen.device.trigger()
            try publish(1)
            try overseer.waitFor(
                "not ready with generation 1: the kernel was not reseeded: RNDADDENTROPY: Operation not")
            // A trigger does not make up for it.
            try overseen.device.trigger()
            try publish(2)
            try overseer.waitFor(
                "not ready with generation 2: the kernel was not reseeded: RNDADDENTROPY: Operation not")
            // Nothing is published of this one.
            try overseen.device.trigger()
            try overseer.waitFor(
                "not ready with generation 3: the kernel was not reseeded: sysgenidd has published nothing")
            try waitUntil("the hooks of failed") { overseen.ran.count == 3 }
            #expect(overseen.ran == ["failed 10-a 1 resume", "failed 10-a 2 resume", "failed 10-a 3 resume"])
        }

        @Test func itGoesOnWithTheNextDaemon() throws {
            let device = try TestDevice()
            defer { device.end() }
            let overseer = try device.run(
                "sysgenid-overseerd",
                ["--device", device.path, "--runtime-dir", device.runtimeDirectory]
                    + ["--overseer-dir", device.folder + "/overseer", "--hooks-dir", device.folder + "/hooks"])
            // It may be started before the device is there.
            try overseer.waitFor("overseeing \(device.path)")
            var daemon = try device.serve()
            try overseer.waitFor("ready with generation 0, which was found")
            func waitFor(_ text: String, times: Int) throws {
                try waitUntil("'\(text)', \(times) times", details: { overseer.text }) {
                    overseer.lines.count { $0.contains(text) } == times
                }
            }
            for (number, signal) in [SIGTERM, SIGKILL].enumerated() {
                daemon.signal(signal)
                _ = try daemon.exitCode()
                try waitFor("is not served: start sysgenidd", times: number + 1)
                daemon = try device.serve()
                try waitFor("\(device.path) is served", times: number + 2)
            }
            try device.trigger()
            try overseer.waitFor("ready with generation 1 after")
            #expect(!overseer.text.contains("generation 0: "))
        }

        @Test func theServiceManagerHearsOfIt() throws {
            let overseen = try Overseen()
            defer { overseen.end() }
            try overseen.waitingHook("changed", "10-a")
            let socket = try NotificationSocket(overseen.file("notify"))
            let overseer = try overseen.start(
                environment: ["NOTIFY_SOCKET": socket.path, "WATCHDOG_USEC": "300000"])
            try socket.waitFor("the readiness") { $0.contains("READY=1") }
            try socket.waitFor("the state") { $0 == "STATUS=ready, generation 0" }
            try overseen.device.trigger()
            try socket.waitFor("the state") { $0 == "STATUS=changed, generation 1, waiting for hook 10-a" }
            // A hook that runs holds up nothing.
            for _ in 0..<5 { try socket.waitFor("a sign of life") { $0 == "WATCHDOG=1" } }
            try overseen.letGo()
            try socket.waitFor("the state") { $0 == "STATUS=ready, generation 1" }
            overseer.signal(SIGTERM)
            try socket.waitFor("the end") { $0 == "STOPPING=1" }
            #expect(try overseer.exitCode() == 0)
        }
    }
}
