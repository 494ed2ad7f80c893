import Foundation
import TestSupport
import Testing

extension EndToEnd {
    /// The hooks that make new secrets.
    @Suite(.needsProgram("/usr/bin/ssh-keygen")) struct KeyHooks {
        private static let kinds = [("rsa", "2048"), ("ecdsa", "384"), ("ed25519", "256")]

        @Test func eachHostKeyIsReplacedByOneOfItsKind() throws {
            let system = try system()
            try system.write("run/active", "ssh.service\n")
            // Some systems let a group read them.
            try setAccess(0o640, group: 13, "etc/ssh/ssh_host_rsa_key", of: system)
            // As a run leaves it that was ended.
            try FileManager.default.createDirectory(
                atPath: system.path("etc/ssh/.sysgenid"), withIntermediateDirectories: false)
            try system.write("etc/ssh/.sysgenid/ssh_host_rsa_key", "half a key")
            try system.write("etc/ssh/ssh_host_rsa_key-cert.pub", "a certificate")
            let (names, before) = (system.names(in: "etc/ssh"), try descriptions(of: system))

            let outcome = try system.run("30-ssh-host-keys")
            #expect(outcome.code == 0)
            #expect(outcome.lines.count == 1 && outcome.lines[0].contains("ssh_host_rsa_key-cert.pub"))
            #expect(system.names(in: "etc/ssh") == names.filter { $0 != ".sysgenid" })
            let after = try descriptions(of: system)
            for (old, new) in zip(before, after) {
                #expect(old.first == new.first && old.last == new.last, "\(old) became \(new)")
                #expect(old[1] != new[1])
            }
            #expect(try access(of: "etc/ssh/ssh_host_rsa_key", in: system) == [0o640, 13])
            // Which ssh-keygen wants of whom it shows a key.
            try setAccess(0o600, group: 0, "etc/ssh/ssh_host_rsa_key", of: system)
            for (kind, _) in Self.kinds {
                let name = "etc/ssh/ssh_host_\(kind)_key"
                let derived = try RunningProgram("/usr/bin/ssh-keygen", ["-y", "-f", system.path(name)])
                #expect(try derived.exitCode() == 0)
                let words = (system.read("\(name).pub") ?? "").split(separator: " ").prefix(2)
                #expect(derived.text.split(whereSeparator: \.isWhitespace).prefix(2).elementsEqual(words))
            }
            #expect(try access(of: "etc/ssh/ssh_host_ed25519_key", in: system) == [0o600, 0])
            #expect(try access(of: "etc/ssh/ssh_host_ed25519_key.pub", in: system) == [0o644, 0])
            #expect(system.calls == ["systemctl reload ssh.service"])
        }

        @Test func aServerThatDoesNotRunIsNotReloaded() throws {
            let system = try system()
            #expect(try system.run("30-ssh-host-keys").code == 0)
            #expect(system.calls == [])
        }

        @Test func noKeyAtAllIsAFailure() throws {
            let system = try HookSystem()
            let outcome = try system.run("30-ssh-host-keys")
            #expect(outcome.code == 1 && outcome.lines == ["there is no host key in /etc/ssh"])
        }

        @Test func aKeyThatCannotBeMadeLeavesAll() throws {
            let system = try system()
            let before = try descriptions(of: system)
            try system.write("etc/ssh/ssh_host_zzz_key", "no key")
            #expect(try system.run("30-ssh-host-keys").code != 0)
            #expect(try descriptions(of: system) == before)
        }

        @Test(.needsProgram("/usr/lib/systemd/systemd-random-seed")) func theSeedIsAnotherOne() throws {
            let system = try HookSystem()
            let old = Data(repeating: 7, count: 512)
            try old.write(to: URL(filePath: system.path("lib/systemd/random-seed")))
            try system.replace(
                "bootctl", by: "case $1 in --print-esp-path) echo /run/esp ;; *) echo bootctl $* >>/run/trace ;; esac")
            #expect(try system.run("10-random-seed").code == 0)
            let new = try Data(contentsOf: URL(filePath: system.path("lib/systemd/random-seed")))
            #expect(new.count == 512 && new != old)
            #expect(system.calls == [])
            // A boot loader that has one gets another one, too.
            try FileManager.default.createDirectory(
                atPath: system.path("run/esp/loader"), withIntermediateDirectories: true)
            try system.write("run/esp/loader/random-seed", "old")
            #expect(try system.run("10-random-seed").code == 0)
            #expect(system.calls == ["bootctl random-seed"])
        }

        private func system() throws -> HookSystem {
            let system = try HookSystem()
            for (kind, bits) in Self.kinds {
                let key = system.path("etc/ssh/ssh_host_\(kind)_key")
                let made = try RunningProgram(
                    "/usr/bin/ssh-keygen", ["-q", "-t", kind, "-b", bits, "-N", "", "-f", key])
                #expect(try made.exitCode() == 0, "\(made.text)")
            }
            return system
        }

        /// The words of `ssh-keygen -l`: bits, fingerprint, comment, type.
        private func descriptions(of system: HookSystem) throws -> [[String]] {
            try Self.kinds.map { kind, _ in
                let list = try RunningProgram(
                    "/usr/bin/ssh-keygen", ["-l", "-f", system.path("etc/ssh/ssh_host_\(kind)_key")])
                #expect(try list.exitCode() == 0, "\(list.text)")
                return list.text.split(whereSeparator: \.isWhitespace).map(String.init)
            }
        }

        private func setAccess(_ mode: Int, group: Int, _ name: String, of system: HookSystem) throws {
            try FileManager.default.setAttributes(
                [.posixPermissions: mode, .groupOwnerAccountID: group], ofItemAtPath: system.path(name))
        }

        private func access(of name: String, in system: HookSystem) throws -> [Int] {
            let attributes = try FileManager.default.attributesOfItem(atPath: system.path(name))
            return [attributes[.posixPermissions], attributes[.groupOwnerAccountID]].compactMap { $0 as? Int }
        }
    }
}
