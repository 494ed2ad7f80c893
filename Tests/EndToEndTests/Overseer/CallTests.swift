import Foundation
import SysGenIDJSON
import SysGenIDSystem
import SysGenIDVarlink
import TestSupport
import Testing

extension EndToEnd {
    /// Callers of a real overseer, with hooks and changes of a real device.
    @Suite(.needsFuse) struct OverseerCalls {
        private static let forEver = TestDevice.untilTheCap

        /// Asks the overseer by `sysgenidctl`.
        private func ask(_ overseen: Overseen, _ arguments: String...) throws -> RunningProgram {
            try overseen.device.run(
                "sysgenidctl", arguments + ["--socket", overseen.device.runtimeDirectory + "/org.sysgenid.Overseer"])
        }

        /// What a program that succeeds prints as JSON.
        private func proof(_ asking: RunningProgram) throws -> [String: Any] {
            #expect(try asking.exitCode() == 0, "\(asking.text)")
            let object = try JSONSerialization.jsonObject(with: Data(asking.text.utf8))
            return try #require(object as? [String: Any])
        }

        private func hooks(_ proof: [String: Any]) -> [String] {
            (proof["hooks"] as? [[String: Any]] ?? []).map { "\($0["phase"]!)/\($0["name"]!) \($0["outcome"]!)" }
        }

        // MARK: WaitReady

        @Test func whoAsksBeforeTheChangeIsAnsweredWhenAllIsDone() throws {
            let overseen = try Overseen(followsFile: true)
            defer { overseen.end() }
            try overseen.waitingHook("changed", "10-a")
            try overseen.hook("ready", "10-a")
            let overseer = try overseen.oversee("--deadline", Self.forEver)
            let watcher = try overseen.device.watcher(isTracked: true)
            let asking = try ask(overseen, "ready", "--generation", "1", "--timeout", Self.forEver, "--json")
            try waitUntil("the call") { ProcessStates.isAsleep(asking.processID) }
            try overseen.device.setIdentity(2)
            try waitUntil("the hook") { overseen.began.count == 1 }
            let other = try ask(overseen, "ready", "--timeout", Self.forEver, "--json")
            let late = try ask(overseen, "ready", "--timeout", "100")
            #expect(try late.exitCode() == 3)
            #expect(late.text.contains("generation 1 waits for hook 10-a"))
            try overseen.letGo()
            try waitUntil("the hook") { overseen.ran.count == 1 }
            let generation = try #require(try watcher.waitForChange())
            usleep(200_000)
            #expect(asking.isRunning && other.isRunning, "a tracked watcher is outdated")
            try watcher.acknowledge(generation)
            for asking in [asking, other] {
                let proof = try proof(asking)
                #expect(proof["generation"] as? Int == 1 && proof["cause"] as? String == "resume")
                #expect((proof["reseed"] as? [String: Any])?["taken"] as? Bool == true)
                #expect((proof["watchers"] as? [String: Any])?["tracked"] as? Int == 1)
                #expect(hooks(proof) == ["changed/10-a succeeded", "ready/10-a succeeded"])
                #expect((proof["milliseconds"] as? Int ?? 0) >= 200)
            }
            #expect(overseen.ran == ["changed 10-a 1 resume", "ready 10-a 1 resume"])
            overseer.signal(SIGTERM)
            #expect(try overseer.exitCode() == 0)
            #expect(access(overseen.device.runtimeDirectory + "/org.sysgenid.Overseer", F_OK) != 0)
        }

        @Test func whatFailsIsNamedAndTheSystemIsNotReady() throws {
            let overseen = try Overseen()
            defer { overseen.end() }
            try overseen.hook("changed", "10-a", "[ $SYSGENID_GENERATION != 1 ] || exit 7")
            try overseen.hook("changed", "20-b", "[ $SYSGENID_GENERATION != 2 ] || sleep 1000")
            _ = try overseen.oversee("--deadline", "1000")
            let watcher = try overseen.device.watcher(isTracked: true)
            let expected = [
                "the hook 10-a of the phase changed has failed with the status 7 in generation 1",
                "the hook 20-b was not done within 10",
                "still outdated in generation 3: \(getpid()) ",
            ]
            for (change, text) in expected.enumerated() {
                let asking = try ask(overseen, "ready", "--generation", "\(change + 1)", "--timeout", Self.forEver)
                try overseen.device.trigger()
                #expect(try asking.exitCode() == 1)
                #expect(asking.lines.count == 1 && asking.text.contains(text), "\(asking.text)")
                let again = try ask(overseen, "ready")
                #expect(try again.exitCode() == 1 && again.text == asking.text)
                if change < 2 { try watcher.acknowledge(try #require(try watcher.waitForChange())) }
            }
            try overseen.device.trigger()
            try watcher.acknowledge(try #require(try watcher.waitForChange()))
            #expect(try proof(ask(overseen, "ready", "--generation", "4", "--json"))["generation"] as? Int == 4)
        }

        @Test func whoGoesAwayCancelsNothing() throws {
            let overseen = try Overseen()
            defer { overseen.end() }
            try overseen.waitingHook("quiesce", "10-a")
            _ = try overseen.oversee("--deadline", Self.forEver)
            let first = try ask(overseen, "quiesce", "--timeout", Self.forEver)
            try waitUntil("the hook") { overseen.began.count == 1 }
            let second = try ask(overseen, "quiesce", "--timeout", Self.forEver, "--json")
            try waitUntil("the call") { ProcessStates.isAsleep(second.processID) }
            first.kill()
            _ = try first.exitCode()
            usleep(100_000)
            try overseen.letGo()
            #expect(try hooks(proof(second)) == ["quiesce/10-a succeeded"])
            #expect(overseen.began.count == 1)
        }

        // MARK: Quiesce

        @Test func aSystemThatIsQuiescedIsReadyAfterItsChange() throws {
            let overseen = try Overseen()
            defer { overseen.end() }
            try overseen.hook("quiesce", "10-a")
            try overseen.hook("ready", "90-a")
            _ = try overseen.oversee()
            #expect(try ask(overseen, "quiesce").exitCode() == 0)
            let early = try ask(overseen, "ready", "--timeout", "100")
            #expect(try early.exitCode() == 3)
            try overseen.device.trigger()
            #expect(try ask(overseen, "ready", "--generation", "1").exitCode() == 0)
            #expect(overseen.ran == ["quiesce 10-a 0 start", "ready 90-a 1 trigger"])
            // One that fails is a failure like any other.
            try overseen.hook("quiesce", "20-b", "exit 3")
            let failing = try ask(overseen, "quiesce")
            #expect(try failing.exitCode() == 1)
            #expect(failing.text.contains("the hook 20-b of the phase quiesce has failed with the status 3"))
            let quiet = try ask(overseen, "quiesce")
            #expect(try quiet.exitCode() == 1)
            #expect(quiet.text.contains("the system is failed"))
        }

        @Test func onlyRootDoesAnythingToTheSystem() throws {
            let overseen = try Overseen()
            defer { overseen.end() }
            _ = try overseen.oversee()
            let socket = overseen.device.runtimeDirectory + "/org.sysgenid.Overseer"
            #expect(chmod(socket, 0o666) == 0)
            for (words, code) in [(["ready"], 0), (["quiesce"], 4), (["announce", "--identity", "A"], 4)]
                as [([String], Int32)]
            {
                let asking = try overseen.device.run(
                    "/usr/bin/setpriv",
                    ["--reuid", "65534", "--regid", "65534", "--clear-groups", Built.path(of: "sysgenidctl")]
                        + words + ["--socket", socket])
                #expect(try asking.exitCode() == code, "\(asking.text)")
            }
            #expect(overseen.device.attribute("generation") == "0")
        }

        // MARK: Changed

        @Test(.needs("strace")) func anAnnouncedResumeIsOneChangeHoweverOftenItIsTold() throws {
            let overseen = try Overseen()
            defer { overseen.end() }
            try overseen.hook("changed", "10-a")
            var overseer = try overseen.oversee()
            let trace = overseen.file("trace")
            let tracing = try overseen.device.run(
                "/usr/bin/env",
                ["strace", "-f", "-qq", "-o", trace, "-e", "trace=ioctl", "-p", "\(overseer.processID)"])
            try waitUntil("the tracer") {
                (try? String(contentsOfFile: "/proc/\(overseer.processID)/status", encoding: .utf8))?
                    .contains("TracerPid:\t\(tracing.processID)\n") == true
            }
            func announce(_ identity: String, _ options: String...) throws -> [String: Any] {
                let asking = try overseen.device.run(
                    "sysgenidctl",
                    ["announce", "--identity", identity, "--json", "--timeout", Self.forEver, "--socket"]
                        + [overseen.device.runtimeDirectory + "/org.sysgenid.Overseer"] + options)
                return try proof(asking)
            }
            let first = try announce("A", "--entropy", "64", "--minimum", "40")
            #expect(first["generation"] as? Int == 40 && first["cause"] as? String == "announced")
            let reseed = try #require(first["reseed"] as? [String: Any])
            #expect(reseed["sources"] as? [String] == ["host"] && reseed["taken"] as? Bool == true)
            #expect(try announce("A", "--entropy", "64")["generation"] as? Int == 40)
            tracing.signal(SIGTERM)
            _ = try tracing.exitCode()
            let requests = try String(contentsOfFile: trace, encoding: .utf8).split(separator: "\n")
                .filter { $0.contains("RND") || $0.contains("_IOC(_IOC_NONE, 0xe4, 0x3, 0)") }
            #expect(requests.count == 3, "\(requests)")
            #expect(requests.first?.contains("RNDADDENTROPY, {entropy_count=256, buf_size=64,") == true)
            #expect(requests.dropFirst().first?.contains(/RNDRESEEDCRNG\) += 0$/) == true)
            // It is known after a restart, too.
            overseer.signal(SIGKILL)
            _ = try overseer.exitCode()
            overseer = try overseen.start()
            try overseer.waitFor("going on with generation 40")
            try overseer.waitFor("is served")
            #expect(try announce("A")["generation"] as? Int == 40)
            let second = try announce("B")
            #expect(second["generation"] as? Int == 41 && second["reseed"] is NSNull)
            #expect(overseen.ran == ["changed 10-a 40 announced", "changed 10-a 41 announced"])
        }

        @Test func theSameResumeSeenByABackendIsNoSecondChange() throws {
            let overseen = try Overseen(followsFile: true)
            defer { overseen.end() }
            try overseen.hook("changed", "10-a")
            _ = try overseen.oversee("--backend-grace", "60000")
            func announce(_ identity: String) throws -> RunningProgram {
                try ask(overseen, "announce", "--identity", identity, "--json", "--timeout", Self.forEver)
            }
            // Seen before it is announced, and announced before it is seen.
            try overseen.device.setIdentity(2)
            try waitUntil("the hook") { overseen.ran == ["changed 10-a 1 resume"] }
            #expect(try proof(announce("A"))["generation"] as? Int == 1)
            let asking = try announce("B")
            try waitUntil("the call") { ProcessStates.isAsleep(asking.processID) }
            usleep(100_000)
            #expect(asking.isRunning)
            try overseen.device.setIdentity(3)
            let proof = try proof(asking)
            #expect(proof["generation"] as? Int == 2 && proof["cause"] as? String == "resume")
            #expect(overseen.device.attribute("generation") == "2")
            #expect(overseen.ran == ["changed 10-a 1 resume", "changed 10-a 2 resume"])
        }

        @Test func whereNoBackendSeesItTheChangeIsMade() throws {
            let overseen = try Overseen(followsFile: true)
            defer { overseen.end() }
            _ = try overseen.oversee("--backend-grace", "200")
            let asking = try ask(overseen, "announce", "--identity", "A", "--json", "--timeout", Self.forEver)
            let proof = try proof(asking)
            #expect(proof["generation"] as? Int == 1 && proof["cause"] as? String == "announced")
        }

        // MARK: Watch

        @Test func whoWatchesHearsOfEachState() throws {
            let overseen = try Overseen()
            defer { overseen.end() }
            try overseen.waitingHook("changed", "10-a")
            _ = try overseen.oversee("--deadline", Self.forEver)
            let path = overseen.device.runtimeDirectory + "/org.sysgenid.Overseer"
            struct State: Decodable, Equatable {
                var state: String
                var generation: Int
                var waiting_for: [String]
            }
            var client = try VarlinkClient(to: .direct(.local(path: path)))
            let end = MonotonicClock.now() + UInt64(Patience.capMilliseconds) * 1_000_000
            var answer = try client.call("org.sysgenid.Overseer.Watch", .object([:]), wantsMore: true, until: end)
            #expect(answer.continues)
            #expect(try answer.parameters(as: State.self) == State(state: "ready", generation: 0, waiting_for: []))
            try overseen.device.trigger()
            let running = State(state: "changed", generation: 1, waiting_for: ["hook 10-a"])
            while try answer.parameters(as: State.self) != running { answer = try client.nextAnswer(until: end) }
            try overseen.letGo()
            let ready = State(state: "ready", generation: 1, waiting_for: [])
            while try answer.parameters(as: State.self) != ready { answer = try client.nextAnswer(until: end) }
            // Who takes one answer is told to take more.
            var other = try VarlinkClient(to: .direct(.local(path: path)))
            let refused = try other.call("org.sysgenid.Overseer.Watch", .object([:]), until: end)
            #expect(refused.error == "org.varlink.service.ExpectedMore")
        }
    }
}
