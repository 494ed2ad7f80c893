import Foundation
import TestSupport
import Testing

extension EndToEnd {
    /// `sysgenidctl run`, with programs that know nothing of the device.
    @Suite struct Run {
        /// A program that says its number, and what signals it gets; it ends when it is told to, or is left behind.
        private static let server = """
            trap 'echo hup' HUP; trap 'echo usr1' USR1; trap 'echo int' INT
            trap 'echo term; exit 7' TERM
            echo "started $$"
            while kill -0 $PPID; do sleep 0.02; done
            """

        private func withServedDevice(_ body: (TestDevice) throws -> Void) throws {
            let device = try TestDevice()
            defer { device.end() }
            try device.serve()
            try body(device)
        }

        private func run(_ device: TestDevice, _ options: [String] = [], _ script: String) throws -> RunningProgram {
            try device.run(
                "sysgenidctl", ["--device", device.path, "run"] + options + ["--", "/bin/sh", "-c", script],
                environment: ["SYSGENID_RUNTIME_DIR": device.runtimeDirectory])
        }

        /// The numbers that the programs have said, the last one last.
        private func numbers(_ running: RunningProgram) -> [pid_t] {
            running.lines.compactMap { $0.firstMatch(of: /^started (\d+)$/).flatMap { pid_t($0.output.1) } }
        }

        private func waitForWatchers(_ device: TestDevice, _ milliseconds: Int? = nil) throws -> Int32 {
            let time = milliseconds.map(String.init) ?? TestDevice.untilTheCap
            return try device.control("wait", "--timeout", time).exitCode()
        }

        @Test func aChangeIsASignalAndAcknowledged() throws {
            for (options, word) in [([], "hup"), (["--signal", "SIGUSR1"], "usr1"), (["--signal", "10"], "usr1")] {
                try withServedDevice { device in
                    let running = try run(device, options, Self.server)
                    try running.waitFor("started")
                    try waitUntil("the tracked watcher") { device.attribute("tracked") == "1" }
                    for change in 1...3 {
                        try device.trigger()
                        #expect(try waitForWatchers(device) == 0)
                        try waitUntil("the signal") { running.lines.filter { $0 == word }.count == change }
                    }
                    #expect(numbers(running).count == 1)
                    running.signal(SIGTERM)
                    #expect(try running.exitCode() == 7)
                    #expect(running.lines.last == "term")
                }
            }
        }

        @Test func aRestartIsAcknowledgedWhenItIsDone() throws {
            try withServedDevice { device in
                let slow = Self.server.replacing("echo term; exit 7", with: "echo term; sleep 0.5; exit 7")
                let running = try run(device, ["--restart"], slow)
                try running.waitFor("started")
                for change in 1...2 {
                    try device.trigger()
                    #expect(try waitForWatchers(device, 100) == 3)
                    #expect(try waitForWatchers(device) == 0)
                    let numbers = numbers(running)
                    // The new one may not have come to say so.
                    #expect(numbers.count >= change)
                    #expect(kill(numbers[change - 1], 0) == -1 && errno == ESRCH, "the old one is gone, and no zombie")
                    try waitUntil("the next one") { self.numbers(running).count == change + 1 }
                }
                running.signal(SIGTERM)
                #expect(try running.exitCode() == 7)
            }
        }

        @Test func aProgramThatDoesNotEndIsKilledWhenItsTimeIsOver() throws {
            try withServedDevice { device in
                let stubborn = Self.server.replacing("echo term; exit 7", with: "echo ignored")
                let running = try run(device, ["--restart", "--grace", "300"], stubborn)
                try running.waitFor("started")
                try device.trigger()
                try running.waitFor("ignored")
                #expect(try waitForWatchers(device) == 0)
                try waitUntil("the next one") { numbers(running).count == 2 }
                // Somebody ends the second one.
                kill(try #require(numbers(running).last), SIGKILL)
                #expect(try running.exitCode() == 128 + SIGKILL)
            }
        }

        @Test func signalsAndTheExitStatusPassThrough() throws {
            try withServedDevice { device in
                let running = try run(device, [], Self.server)
                try running.waitFor("started")
                for (signal, word) in [(SIGHUP, "hup"), (SIGINT, "int"), (SIGUSR1, "usr1")] {
                    running.signal(signal)
                    try running.waitFor("\(word)\n")
                }
                running.signal(SIGTERM)
                #expect(try running.exitCode() == 7)
                #expect(try run(device, [], "exit 0").exitCode() == 0)
                #expect(try run(device, [], "exit 42").exitCode() == 42)
                #expect(try run(device, [], "kill -SEGV $$").exitCode() == 128 + SIGSEGV)
                #expect(try run(device, ["--restart"], "exit 3").exitCode() == 3)
            }
        }

        @Test func theProgramStartsAsFromAShell() throws {
            try withServedDevice { device in
                let mask = try device.control("run", "--", "grep", "SigBlk", "/proc/self/status")
                #expect(try mask.exitCode() == 0)
                #expect(mask.lines == ["SigBlk:\t0000000000000000"])
                let descriptors = try device.control("run", "--", "ls", "-l", "/proc/self/fd")
                #expect(try descriptors.exitCode() == 0)
                #expect(descriptors.lines.count >= 4)
                for kind in ["/sysgenid\n", "[eventpoll]", "[signalfd]", "[timerfd]"] {
                    #expect(!descriptors.text.contains(kind), "\(descriptors.text)")
                }
            }
        }

        @Test func itGoesOnWithTheNextDaemon() throws {
            let device = try TestDevice()
            defer { device.end() }
            for options in [[], ["--restart"]] {
                var daemon = try device.serve()
                let running = try run(device, options, Self.server)
                try running.waitFor("started")
                for signal in [SIGTERM, SIGKILL] {
                    daemon.signal(signal)
                    _ = try daemon.exitCode()
                    daemon = try device.serve()
                    try waitUntil("the watcher") { device.attribute("tracked") == "1" }
                }
                #expect(running.lines.count == 1, "a restart of the daemon is no change")
                try device.trigger()
                #expect(try waitForWatchers(device) == 0)
                try waitUntil("the change") { running.lines.count > 1 }
                #expect(numbers(running).count == 1 || options == ["--restart"])
                running.signal(SIGTERM)
                #expect(try running.exitCode() == 7)
                daemon.signal(SIGTERM)
                #expect(try daemon.exitCode() == 0)
            }
        }

        @Test func nothingIsStartedThatCouldNotBeToldOfChanges() throws {
            try withServedDevice { device in
                let denied = try device.run(
                    "/usr/bin/setpriv",
                    ["--reuid", "65534", "--regid", "65534", "--clear-groups", Built.path(of: "sysgenidctl")]
                        + ["--device", device.path, "run", "--", "/bin/echo", "started"])
                #expect(try denied.exitCode() == 4)
                #expect(denied.lines.count == 1 && !denied.text.contains("started"))
                #expect(denied.text.contains("as a member of the group"))
                let absent = try device.control(
                    "--device", device.folder + "/none", "run", "--", "/bin/echo", "started")
                #expect(try absent.exitCode() == 1)
                #expect(!absent.text.contains("started\n"))
                #expect(try device.control("run", "--", device.folder + "/none").exitCode() == 127)
                #expect(try device.control("run", "--", device.folder).exitCode() == 126)
                #expect(try device.control("run").exitCode() == 64)
                #expect(try device.control("run", "--signal", "NONE", "--", "true").exitCode() == 64)
            }
        }
    }
}
