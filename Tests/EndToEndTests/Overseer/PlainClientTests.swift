import Foundation
import SysGenIDSystem
import TestSupport
import Testing

extension EndToEnd {
    /// A real overseer, asked in Python by somebody who knows the protocol and nothing else.
    @Suite(.needsFuse) struct PlainClients {
        private let overseen: Overseen
        private let socket: String

        init() throws {
            overseen = try Overseen()
            socket = overseen.device.runtimeDirectory + "/org.sysgenid.Overseer"
        }

        /// - Parameter user: nil is the one of this process.
        private func ask(_ method: String, _ arguments: String..., by user: String? = nil) throws -> RunningProgram {
            let client = Built.project.appending(path: "Tests/Varlink/client.py").path
            let command = ["/usr/bin/python3", client, socket, "org.sysgenid.Overseer.\(method)"] + arguments
            guard let user else { return try RunningProgram(command[0], Array(command.dropFirst())) }
            return try RunningProgram(
                "/usr/bin/setpriv", ["--reuid", user, "--regid", user, "--clear-groups"] + command)
        }

        private func answer(of client: RunningProgram, isError: Bool = false) throws -> [String: Any] {
            #expect(try client.exitCode() == (isError ? 1 : 0), "\(client.text)")
            return try object(client.lines.last ?? "")
        }

        private func object(_ line: String) throws -> [String: Any] {
            try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any], "\(line)")
        }

        @Test func aStreamShowsEachState() throws {
            defer { overseen.end() }
            try overseen.waitingHook("changed", "10-a")
            let overseer = try overseen.oversee("--deadline", TestDevice.untilTheCap)
            let stream = try ask("Watch", "{}", "1000000")
            try stream.waitFor(#""state": "ready""#)
            try overseen.device.trigger()
            try stream.waitFor(#""waiting_for": ["hook 10-a"]"#)
            try overseen.letGo()
            try waitUntil("the last state", details: { stream.text + overseer.text }) {
                guard let line = stream.lines.last, line.hasSuffix("}"), let last = try? object(line) else {
                    return false
                }
                let state = last["parameters"] as? [String: Any]
                return state?["state"] as? String == "ready" && state?["generation"] as? Int == 1
            }
            for line in stream.lines { #expect(try object(line)["continues"] as? Bool == true) }
            // It ends with its overseer.
            overseer.signal(SIGTERM)
            #expect(try stream.exitCode() == 1)
            #expect(stream.lines.last == "the connection was closed")
        }

        @Test func anErrorHasItsFields() throws {
            defer { overseen.end() }
            try overseen.hook("changed", "10-a", "exit 9")
            let overseer = try overseen.oversee()
            try overseen.device.trigger()
            try overseer.waitFor("not ready with generation 1")
            let failed = try answer(of: ask("WaitReady"), isError: true)
            #expect(failed["error"] as? String == "org.sysgenid.Overseer.HookFailed")
            let fields = failed["parameters"] as? [String: Any]
            let hook = fields?["hook"] as? [String: Any]
            #expect(fields?["generation"] as? Int == 1)
            #expect(hook?["name"] as? String == "10-a" && hook?["status"] as? Int == 9)
            let late = try answer(of: ask("WaitReady", #"{"generation": 7, "deadline": 0}"#), isError: true)
            #expect(late["error"] as? String == "org.sysgenid.Overseer.DeadlineExceeded")
            let wrong = try answer(of: ask("WaitReady", #"{"deadline": -1}"#), isError: true)
            #expect(wrong["error"] as? String == "org.varlink.service.InvalidParameter")
            #expect((wrong["parameters"] as? [String: Any])?["parameter"] as? String == "deadline")
        }

        @Test func whoIsNotRootMayAskAndNothingElse() throws {
            defer { overseen.end() }
            let overseer = try overseen.oversee()
            #expect(chmod(socket, 0o666) == 0)
            let ready = try answer(of: ask("WaitReady", by: "65533"))
            #expect(((ready["parameters"] as? [String: Any])?["proof"] as? [String: Any])?["generation"] as? Int == 0)
            for (method, parameters) in [("Quiesce", "{}"), ("Changed", #"{"identity": "x"}"#)] {
                let refused = try answer(of: ask(method, parameters, by: "65533"), isError: true)
                #expect(refused["error"] as? String == "org.sysgenid.Overseer.NotPermitted")
            }
            #expect(!overseer.text.contains("announces"))
            // As the socket is made, nobody else reaches it.
            #expect(chmod(socket, 0o660) == 0)
            #expect(try ask("Get", by: "65533").exitCode() == 1)
        }

        @Test func oneWhoIsKilledWhileHeWaitsCancelsNothing() throws {
            defer { overseen.end() }
            _ = try overseen.oversee()
            let callers = try (1...3).map { _ in
                try ask("WaitReady", #"{"generation": 1, "deadline": \#(TestDevice.untilTheCap)}"#)
            }
            for caller in callers {
                try waitUntil("a call") { ProcessStates.isAsleep(caller.processID) }
            }
            callers[0].end()
            try overseen.device.trigger()
            for caller in callers.dropFirst() {
                let ready = try answer(of: caller)
                #expect(
                    ((ready["parameters"] as? [String: Any])?["proof"] as? [String: Any])?["generation"] as? Int == 1)
            }
        }

        @Test(.needsProgram("/usr/bin/prlimit")) func withoutDescriptorsItWaitsAndDoesNotTurn() throws {
            defer { overseen.end() }
            let overseer = try overseen.oversee()
            let folder = "/proc/\(overseer.processID)"
            let open = Set(try FileManager.default.contentsOfDirectory(atPath: "\(folder)/fd").compactMap { Int($0) })
            let free = (0...).first { !open.contains($0) } ?? 0
            let limit = try RunningProgram(
                "/usr/bin/prlimit", ["--pid", "\(overseer.processID)", "--nofile=\(free):4096"])
            #expect(try limit.exitCode() == 0)
            let caller = try ask("Get")
            try overseer.waitFor("somebody could not be connected (accept a connection: Too many open files)")
            // Each try reads the signal, and the timer, and that ten times a second: so many take a second and a half at
            // least. One that turns makes them at once.
            let (start, before) = (MonotonicClock.now(), try reads(folder))
            try waitUntil("tries", details: { overseer.text }) { try reads(folder) >= before + 60 }
            #expect(MonotonicClock.now() - start > 1_000_000_000)
            #expect(overseer.lines.filter { $0.contains("could not be connected") }.count == 1)
            let back = try RunningProgram("/usr/bin/prlimit", ["--pid", "\(overseer.processID)", "--nofile=1024:4096"])
            #expect(try back.exitCode() == 0)
            _ = try answer(of: caller)
        }

        @Test(.needsProgram("/usr/bin/systemd-socket-activate")) func aSocketOfTheServiceManagerIsTaken() throws {
            defer { overseen.end() }
            try overseen.hook("changed", "10-a", "env >\(overseen.file("variables"))")
            let options = ["--hooks-dir", overseen.hooks, "--overseer-dir", overseen.directory]
            let device = ["--device", overseen.device.path, "--runtime-dir", overseen.device.runtimeDirectory]
            let overseer = try RunningProgram(
                "/usr/bin/systemd-socket-activate",
                ["--listen=\(socket)", Built.path(of: "sysgenid-overseerd")] + options + device)
            try waitUntil("the socket", details: { overseer.text }) { access(socket, F_OK) == 0 }
            let status = try answer(of: ask("WaitReady"))
            #expect(
                ((status["parameters"] as? [String: Any])?["proof"] as? [String: Any])?["generation"] as? Int == 0)
            try overseen.device.trigger()
            _ = try answer(of: ask("WaitReady", #"{"generation": 1}"#))
            // What it was given is for no hook.
            #expect(overseen.lines("variables").filter { $0.hasPrefix("LISTEN_") } == [])
            #expect(overseen.lines("variables").contains { $0.hasPrefix("SYSGENID_GENERATION=1") })
        }

        /// How many reads a process has made. See proc_pid_io(5).
        private func reads(_ folder: String) throws -> Int {
            let text = try String(contentsOfFile: "\(folder)/io", encoding: .utf8)
            return try #require(text.firstMatch(of: /syscr: (\d+)/).flatMap { Int($0.output.1) })
        }
    }
}
