import Foundation
import TestSupport
import Testing

extension EndToEnd {
    /// The hooks that renew by what a system is known: each by itself, in a system of the test's own.
    @Suite struct IdentityHooks {
        @Test func theMachineGetsAnotherID() throws {
            let system = try HookSystem()
            #expect(try system.run("20-machine-id").code == 0)
            let id = try newID(of: system)
            #expect(system.read("lib/dbus/machine-id") == id)
            let attributes = try FileManager.default.attributesOfItem(atPath: system.path("etc/machine-id"))
            #expect(attributes[.posixPermissions] as? Int == 0o444)
            #expect(!system.names(in: "etc").contains { $0.contains("machine-id.") })
            #expect(system.calls == ["systemctl try-restart systemd-journald.service"])
            #expect(try system.run("20-machine-id").code == 0)
            #expect(system.read("etc/machine-id") != id)
        }

        @Test func aLinkOfTheBusIsLeft() throws {
            let system = try HookSystem()
            try FileManager.default.removeItem(atPath: system.path("lib/dbus/machine-id"))
            try FileManager.default.createSymbolicLink(
                atPath: system.path("lib/dbus/machine-id"), withDestinationPath: "/etc/machine-id")
            #expect(try system.run("20-machine-id").code == 0)
            _ = try newID(of: system)
            #expect(
                try FileManager.default.destinationOfSymbolicLink(atPath: system.path("lib/dbus/machine-id"))
                    == "/etc/machine-id")
        }

        @Test func aTransientIDIsRenewedWhereItLies() throws {
            var system = try HookSystem()
            try system.write("run/machine-id", HookSystem.oldID + "\n")
            system.preparation = "mount -o bind,ro /run/machine-id /etc/machine-id"
            let outcome = try system.run("20-machine-id", then: "mountpoint /etc/machine-id; cat /etc/machine-id")
            #expect(outcome.code == 0)
            let id = try #require(system.read("run/machine-id"))
            #expect(outcome.lines == ["/etc/machine-id is a mountpoint", String(id.dropLast())])
            #expect(isID(id) && id != HookSystem.oldID + "\n")
            #expect(system.read("etc/machine-id") == HookSystem.oldID + "\n")
        }

        @Test func itBecomesTransientWhereTheDiskCannotBeWritten() throws {
            var system = try HookSystem()
            try FileManager.default.removeItem(atPath: system.path("lib/dbus/machine-id"))
            system.preparation = "mount -o remount,bind,ro /etc"
            let outcome = try system.run("20-machine-id", then: "cat /etc/machine-id")
            #expect(outcome.code == 0)
            let id = try #require(system.read("run/machine-id"))
            #expect(isID(id) && outcome.lines == [String(id.dropLast())])
            #expect(system.read("etc/machine-id") == HookSystem.oldID + "\n")
        }

        @Test func whatIsMountedFromElsewhereIsLeft() throws {
            var system = try HookSystem()
            try system.write("run/elsewhere", HookSystem.oldID + "\n")
            system.preparation = "mount --bind /run/elsewhere /etc/machine-id"
            let outcome = try system.run("20-machine-id")
            #expect(outcome.code == 1)
            #expect(outcome.lines.count == 1 && outcome.lines[0].contains("it has to be renewed there"))
            #expect(system.read("run/elsewhere") == HookSystem.oldID + "\n")
            #expect(system.calls == [])
        }

        @Test(arguments: [
            ("web\n", "web-", ""), ("# the name\n\n web \n", "web-", ""), ("web.example.org\n", "web-", ".example.org"),
            ("localhost\n", "host-", ""), ("", "host-", ""), (nil, "host-", ""),
            (String(repeating: "a", count: 64), String(repeating: "a", count: 54) + "-", ""),
            ("web." + String(repeating: "b", count: 55), "web-", ""),
        ])
        func theNameIsItsOwn(_ file: String?, _ first: String, _ last: String) throws {
            let system = try HookSystem()
            if let file { try system.write("etc/hostname", file) }
            let names = try (1...2).map { _ in try name(of: system) }
            #expect(names[0] == names[1])
            #expect(names[0].hasPrefix(first) && names[0].hasSuffix(last), "\(names[0])")
            let digits = names[0].dropFirst(first.count).dropLast(last.count)
            #expect(digits.count == 8 && digits.allSatisfy(\.isHexDigit), "\(names[0])")
            #expect(!HookSystem.oldID.contains(digits))
            try system.write("etc/machine-id", String(HookSystem.oldID.reversed()) + "\n")
            #expect(try name(of: system) != names[0])
        }

        /// What the kernel calls the system after the hook, which this machine does not hear of.
        private func name(of system: HookSystem) throws -> String {
            let outcome = try system.run("25-hostname", then: "uname -n")
            #expect(outcome.code == 0 && outcome.lines.count == 1, "\(outcome.lines)")
            return try #require(outcome.lines.last)
        }

        private func newID(of system: HookSystem) throws -> String {
            let id = try #require(system.read("etc/machine-id"))
            #expect(isID(id) && id != HookSystem.oldID + "\n", "\(id)")
            return id
        }

        /// As machine-id(5) has it: of version 4.
        private func isID(_ text: String) -> Bool {
            text.wholeMatch(of: /[0-9a-f]{12}4[0-9a-f]{3}[89ab][0-9a-f]{15}\n/) != nil
        }
    }
}
