import Foundation
import TestSupport
import Testing

extension EndToEnd {
    /// What every hook that comes with the overseer has in common.
    @Suite struct HookTexts {
        private static let folder = Built.project.appending(path: "hooks")
        private static let names = Scratch.names(in: folder.path).sorted()

        @Test(.needsProgram("/usr/bin/shellcheck")) func shellcheckHasNothingToSay() throws {
            #expect(Self.names.count > 10)
            let check = try RunningProgram(
                "/usr/bin/shellcheck", ["--shell=sh"] + Self.names.map { Self.folder.appending(path: $0).path })
            #expect(try check.exitCode() == 0, "\(check.text)")
        }

        /// It says for whom it is, stops at the first failure, and the document has it in its table.
        @Test(arguments: names) func itIsIntroduced(_ name: String) throws {
            let text = try String(contentsOf: Self.folder.appending(path: name), encoding: .utf8)
            let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
            #expect(lines[0] == "#!/bin/sh")
            #expect(lines[1].hasPrefix("# ") && lines[2].hasPrefix("# "))
            #expect(lines[3...].first { !$0.hasPrefix("#") } == "set -eu")
            let document = try String(
                contentsOf: Built.project.appending(path: "docs/snapshot-safety.md"), encoding: .utf8)
            #expect(document.contains("`\(name)`") || document.contains("/\(name)"))
            let access = try FileManager.default.attributesOfItem(atPath: Self.folder.appending(path: name).path)
            #expect((access[.posixPermissions] as? Int ?? 0) & 0o111 == 0o111)
        }

        /// The original that runs on after a snapshot, where a trigger makes the change, is known as before.
        @Test(arguments: ["20-machine-id", "25-hostname", "30-ssh-host-keys", "40-networkd"])
        func aTriggerLeavesTheSystemWhoItIs(_ name: String) throws {
            let system = try HookSystem()
            let outcome = try system.run(name, cause: "trigger", then: "uname -n >/run/name")
            #expect(outcome.code == 0 && outcome.lines == [])
            #expect(system.calls == [])
            #expect(system.read("etc/machine-id") == HookSystem.oldID + "\n")
            let name = try RunningProgram("/bin/uname", ["-n"])
            #expect(try name.exitCode() == 0 && system.read("run/name") == name.text)
        }
    }
}
