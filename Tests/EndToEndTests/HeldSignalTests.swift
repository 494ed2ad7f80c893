import Foundation
import TestSupport
import Testing

extension EndToEnd {
    /// `sysgenidctl run`, with programs that do not take the signal of a change, or not in the usual way.
    @Suite struct HeldSignal {
        private static let program = ["--", Built.path(of: "TestClient"), "signals"]

        private func withProgram(
            _ options: [String] = [], _ command: [String], waitingFor word: String = "ready\n",
            _ body: (TestDevice, RunningProgram) throws -> Void
        ) throws {
            let device = try TestDevice()
            defer { device.end() }
            try device.serve()
            let arguments = ["--device", device.path, "run", "--signal", "USR1"] + options + command
            let running = try device.run(
                "sysgenidctl", arguments, environment: ["SYSGENID_RUNTIME_DIR": device.runtimeDirectory])
            try running.waitFor(word)
            try waitUntil("the tracked watcher") { device.attribute("tracked") == "1" }
            try body(device, running)
        }

        private func waitForWatchers(_ device: TestDevice, _ milliseconds: Int? = nil) throws -> Int32 {
            let time = milliseconds.map(String.init) ?? TestDevice.untilTheCap
            return try device.control("wait", "--timeout", time).exitCode()
        }

        private func count(_ line: String, of running: RunningProgram) -> Int {
            running.lines.filter { $0.hasPrefix(line) }.count
        }

        @Test(arguments: ["handler", "signalfd", "sigwait", "sigwait-in-a-thread"])
        func eachWayToTakeASignalIsSeen(way: String) throws {
            try withProgram([], Self.program + [way]) { device, running in
                for change in 1...2 {
                    // A thread that has just taken the last one may be on its way back to sigwait(3): then it keeps the
                    // signal back, and takes it all the same.
                    try device.trigger()
                    #expect(try waitForWatchers(device) == 0)
                    try waitUntil("the signal", details: { running.text }) { count("usr1", of: running) == change }
                }
                #expect(count("sysgenidctl:", of: running) == 0, "\(running.text)")
                running.signal(SIGTERM)
                #expect(try running.exitCode() == 128 + SIGTERM)
            }
        }

        @Test(arguments: ["default", "half-blocked"])
        func aProgramThatTheSignalWouldEndIsToldOfAndLivesOn(way: String) throws {
            try withProgram([], Self.program + [way]) { device, running in
                for _ in 1...2 {
                    try device.trigger()
                    try running.waitFor("no handler for the signal USR1, which would end it")
                    #expect(try waitForWatchers(device, 50) == 3, "nobody has noticed the change")
                }
                #expect(running.isRunning)
                #expect(count("sysgenidctl:", of: running) == 1, "told once")
                running.signal(SIGTERM)
                #expect(try running.exitCode() == 128 + SIGTERM)
            }
        }

        @Test func aHandlerThatComesLaterGetsTheSignalThatWasKeptBack() throws {
            try withProgram([], Self.program + ["late"], waitingFor: "started\n") { device, running in
                try device.trigger()
                try running.waitFor("no handler for the signal USR1")
                try device.trigger()
                try running.send("")
                try running.waitFor("usr1\n")
                #expect(try waitForWatchers(device) == 0)
                #expect(count("usr1", of: running) == 1, "the changes meanwhile are one signal")
            }
        }

        @Test func withForceItIsEndedAsBefore() throws {
            try withProgram(["--force"], Self.program + ["default"]) { device, running in
                try device.trigger()
                #expect(try running.exitCode() == 128 + SIGUSR1)
                #expect(count("sysgenidctl:", of: running) == 0)
            }
        }

        @Test func anIgnoredSignalIsHarmlessAndTold() throws {
            try withProgram([], Self.program + ["ignored"]) { device, running in
                for _ in 1...2 {
                    try device.trigger()
                    #expect(try waitForWatchers(device) == 0)
                }
                #expect(count("sysgenidctl:", of: running) == 1, "told once: \(running.text)")
                #expect(running.text.contains("ignores the signal USR1"))
            }
        }

        @Test func whatTheSystemIgnoresByItselfIsTold() throws {
            try withProgram(["--signal", "URG"], Self.program + ["default"]) { device, running in
                try device.trigger()
                try running.waitFor("ignores the signal URG")
                #expect(try waitForWatchers(device) == 0)
                #expect(running.isRunning)
            }
        }

        @Test func aProgramThatProcDoesNotShowIsSignalledAllTheSame() throws {
            // A pid namespace of its own, and the /proc of another one.
            let device = try TestDevice()
            defer { device.end() }
            try device.serve()
            let running = try device.run(
                "/usr/bin/unshare",
                ["--pid", "--fork", "--kill-child", Built.path(of: "sysgenidctl"), "--device", device.path, "run"]
                    + ["--signal", "USR1"] + Self.program + ["default"],
                environment: ["SYSGENID_RUNTIME_DIR": device.runtimeDirectory])
            try running.waitFor("ready\n")
            try waitUntil("the tracked watcher") { device.attribute("tracked") == "1" }
            try device.trigger()
            #expect(try running.exitCode() == 128 + SIGUSR1)
            #expect(running.text.contains("cannot see in /proc whether"))
        }

        @Test func aProcThatHidesOthersShowsTheProgram() throws {
            let device = try TestDevice()
            defer { device.end() }
            try device.serve("--group", "65534")
            let command = Self.program.map { "'\($0)'" }.joined(separator: " ")
            let running = try device.run(
                "/usr/bin/unshare",
                [
                    "--mount", "--propagation", "private", "/bin/sh", "-c",
                    "mount -t proc -o hidepid=2 proc /proc && exec setpriv --reuid 65534 --regid 65534 --clear-groups "
                        + "'\(Built.path(of: "sysgenidctl"))' --device \(device.path) run --signal USR1 "
                        + "\(command) default",
                ], environment: ["SYSGENID_RUNTIME_DIR": device.runtimeDirectory])
            try running.waitFor("ready\n")
            try waitUntil("the tracked watcher") { device.attribute("tracked") == "1" }
            try device.trigger()
            try running.waitFor("which would end it")
            #expect(running.isRunning)
        }

        @Test func whatNoProgramCanTakeIsRefusedAtOnce() throws {
            let device = try TestDevice()
            defer { device.end() }
            for signal in ["KILL", "STOP"] {
                let refused = try device.control("run", "--signal", signal, "--", "/bin/true")
                #expect(try refused.exitCode() == 64)
                #expect(refused.text.contains("No program can take the signal \(signal)"))
            }
        }
    }
}
