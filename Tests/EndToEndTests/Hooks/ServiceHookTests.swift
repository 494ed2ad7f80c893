import Foundation
import TestSupport
import Testing

extension EndToEnd {
    /// The hooks that have units do something. What systemd makes of it is tried in the laboratory.
    @Suite struct ServiceHooks {
        @Test func listedUnitsThatRunAreRestartedOrReloaded() throws {
            let system = try HookSystem()
            let list =
                "# a comment\n\nrestart a.service\n  reload b@1.service  \nrestart c\\x2dd.socket\nrestart e.service"
            try system.write("etc/sysgenid/restart-units", list)
            try system.write("run/loaded", "a.service\nb@1.service\nc\\x2dd.socket\ne.service\n")
            try system.write("run/active", "b@1.service\nc\\x2dd.socket\ne.service\n")
            let outcome = try system.run("60-restart-units")
            #expect(outcome.code == 0 && outcome.lines == [])
            #expect(
                system.calls == [
                    "systemctl reload -- b@1.service", "systemctl restart -- c\\x2dd.socket",
                    "systemctl restart -- e.service",
                ])
        }

        @Test(arguments: [
            ("start b.service", "'start' is neither restart nor reload"), ("restart", "it names no unit"),
            ("restart b.service c.service", "'c.service' is too much"),
            ("restart b", "'b' lacks its type, as in b.service"), ("restart --all", "'--all' is no name of a unit"),
            ("restart *.service", "'*.service' is no name of a unit"),
            ("restart unknown.service", "there is no unit unknown.service"),
        ])
        func aSlipInTheListIsFoundBeforeAnythingIsDone(_ line: String, _ expected: String) throws {
            let system = try HookSystem()
            try system.write("etc/sysgenid/restart-units", "restart a.service\n\(line)\n")
            try system.write("run/loaded", "a.service\nb.service\nc.service\n")
            try system.write("run/active", "a.service\nb.service\nc.service\n")
            let outcome = try system.run("60-restart-units")
            #expect(outcome.code == 1)
            #expect(outcome.lines == ["/etc/sysgenid/restart-units, line 2: \(expected)"])
            #expect(system.calls == [])
        }

        @Test func aUnitThatDoesNotComeBackIsNamed() throws {
            let system = try HookSystem()
            try system.write("etc/sysgenid/restart-units", "restart a.service\nrestart b.service\n")
            for name in ["run/loaded", "run/active"] { try system.write(name, "a.service\nb.service\n") }
            try system.write("run/failing", "a.service\n")
            let outcome = try system.run("60-restart-units")
            #expect(outcome.code == 1 && outcome.lines == ["a.service: restart has failed"])
            #expect(system.calls == ["systemctl restart -- a.service"])
        }

        @Test func withoutAListItFails() throws {
            let system = try HookSystem()
            for (hook, phase) in [("60-restart-units", "changed"), ("50-quiesce-units", "quiesce")] {
                #expect(try system.run(hook, phase: phase).code != 0)
            }
            #expect(system.calls == [])
        }

        @Test func whatWasStoppedRunsAgainAndNothingElse() throws {
            let system = try HookSystem()
            try system.write("etc/sysgenid/quiesce-units", "# who accepts\na.socket\nb.service\nc.target\n")
            try system.write("run/loaded", "a.socket\nb.service\nc.target\n")
            try system.write("run/active", "a.socket\nc.target\n")
            #expect(try system.run("50-quiesce-units", phase: "quiesce").code == 0)
            let stop = "systemctl stop -- a.socket b.service c.target"
            #expect(system.calls == [stop])
            // As after the hook was ended by a deadline, or by a change.
            try system.write("run/active", "")
            #expect(try system.run("50-quiesce-units", phase: "quiesce").code == 0)
            #expect(try system.run("50-quiesce-units", phase: "ready").code == 0)
            #expect(try system.run("50-quiesce-units", phase: "ready").code == 0)
            #expect(system.calls == [stop, stop, "systemctl start -- a.socket c.target"])
        }

        @Test func whatCannotBeStartedIsTriedAgain() throws {
            let system = try HookSystem()
            try system.write("etc/sysgenid/quiesce-units", "a.socket\n")
            for name in ["run/loaded", "run/active", "run/failing"] { try system.write(name, "a.socket\n") }
            #expect(try system.run("50-quiesce-units", phase: "quiesce").code != 0)
            #expect(try system.run("50-quiesce-units", phase: "ready").code != 0)
            try system.write("run/failing", "")
            #expect(try system.run("50-quiesce-units", phase: "ready").code == 0)
            #expect(system.calls.suffix(2) == Array(repeating: "systemctl start -- a.socket", count: 2))
        }

        @Test(arguments: ["unknown.service", "a.socket b.service", "-a.socket", "*"])
        func anUnknownUnitStopsNone(_ line: String) throws {
            let system = try HookSystem()
            try system.write("etc/sysgenid/quiesce-units", "a.socket\n\(line)\n")
            for name in ["run/loaded", "run/active"] { try system.write(name, "a.socket\nb.service\n") }
            let outcome = try system.run("50-quiesce-units", phase: "quiesce")
            #expect(outcome.code == 1)
            #expect(
                outcome.lines.count == 1 && outcome.lines[0].contains(line.split(separator: " ")[0]), "\(outcome.lines)"
            )
            #expect(system.calls == [])
        }

        @Test func allIsWrittenBeforeASnapshot() throws {
            let system = try HookSystem()
            for program in ["sync", "journalctl"] { try system.trace(program) }
            #expect(try system.run("90-sync", phase: "quiesce").code == 0)
            #expect(system.calls == ["sync "])
        }

        /// As the agent's own script calls it.
        @Test func theAgentOfQEMUQuiescesAndWaits() throws {
            let system = try HookSystem()
            try system.trace("sysgenidctl")
            try FileManager.default.createDirectory(
                atPath: system.path("run/sysgenid"), withIntermediateDirectories: false)
            try system.write("run/sysgenid/generation", "7\n")
            let quiesced = ["sysgenidctl quiesce"]
            #expect(try system.run("fsfreeze-hook", arguments: "freeze").code == 0)
            #expect(system.calls == quiesced)
            #expect(try system.run("fsfreeze-hook", arguments: "thaw").code == 0)
            let resumed = quiesced + ["sysgenidctl trigger", "sysgenidctl ready"]
            #expect(system.calls == resumed)
            // A clone, of which the hypervisor has told already.
            #expect(try system.run("fsfreeze-hook", arguments: "freeze").code == 0)
            try system.write("run/sysgenid/generation", "9\n")
            #expect(try system.run("fsfreeze-hook", arguments: "thaw").code == 0)
            #expect(system.calls == resumed + quiesced + ["sysgenidctl ready"])
            #expect(system.names(in: "run").filter { $0.hasPrefix("sysgenid-") } == [])
        }
    }
}
