import Foundation
import TestSupport
import Testing

extension EndToEnd {
    /// What a daemon that serves may still do.
    @Suite struct Privileges {
        // Bits of capabilities(7).
        private static let readingAnyFile: UInt64 = 1 << 2
        private static let seeingAnyProcess: UInt64 = 1 << 19
        private static let administration: UInt64 = 1 << 21

        /// What each thread keeps: its name, and the set in the kernel's notation.
        private static func capabilities(_ kernel: Kernel, backend: UInt64, hasBackend: Bool) -> [String: String] {
            var sets = ["sysgenidd": administration, "counter-file": seeingAnyProcess, "backend": backend, "log": 0]
            // The kernel takes the pages of containers' devices from the administrator alone.
            sets["devices"] = seeingAnyProcess | (kernel == .beforePassthrough ? 0 : administration)
            if kernel == .beforePassthrough { (sets["page-cache"], sets["devices-cache"]) = (0, 0) }
            if hasBackend { sets["entropy"] = 0 }
            return sets.mapValues { String(format: "%016lx", $0) }
        }

        @Test(arguments: Kernel.allCases, ["manual", "file"])
        func eachThreadKeepsWhatItNeedsAndNoMore(_ kernel: Kernel, _ backend: String) throws {
            let device = try TestDevice()
            defer { device.end() }
            try device.setIdentity(1)
            let options = ["--backend", backend] + (backend == "file" ? ["--backend-file", device.identityFile] : [])
            let daemon = try device.start(options, environment: kernel.environment)
            try daemon.waitFor("serving \(device.path)")
            let backendSet = Self.administration | (backend == "file" ? Self.readingAnyFile : 0)
            let expected = Self.capabilities(kernel, backend: backendSet, hasBackend: backend == "file")
            let threads = try ThreadStatus.all(of: daemon)
            #expect(threads.map(\.name) == expected.keys.sorted())
            for thread in threads {
                #expect(thread["CapPrm"] == expected[thread.name], "\(thread.name)")
                #expect(thread["CapEff"] == expected[thread.name], "\(thread.name)")
                for set in ["CapInh", "CapBnd", "CapAmb"] {
                    #expect(thread[set] == "0000000000000000", "\(set) of \(thread.name)")
                }
                #expect(thread["NoNewPrivs"] == "1")
                #expect(thread["Seccomp"] == "2")
                #expect(thread["Groups"] == "")
            }
            #expect(!daemon.text.contains("kept"))
        }

        @Test func theThreadInAnotherMountNamespaceHasTheRightToUnmountInsteadOfTheMainThread() throws {
            let device = try TestDevice()
            defer { device.end() }
            let daemon = try device.serve("--mount-namespace", "/proc/\(getpid())/ns/mnt")
            let sets = try ThreadStatus.all(of: daemon).map { [$0.name, $0["CapPrm"] ?? "", $0["Seccomp"] ?? ""] }
            let administration = String(format: "%016lx", Self.administration)
            #expect(sets.contains(["mounts", administration, "2"]))
            #expect(sets.contains(["sysgenidd", "0000000000000000", "2"]))
            daemon.signal(SIGTERM)
            #expect(try daemon.exitCode() == 0)
            #expect(!device.exists)
        }

        @Test func aDaemonThatDrivesADeviceMayTriggerItAndUnmountNothing() throws {
            let device = try TestDevice()
            defer { device.end() }
            let daemon = try DrivingPair(device).drive()
            let expected: [String: UInt64] = [
                "backend": Self.administration | Self.readingAnyFile, "entropy": 0,
                "kernel-device": Self.administration, "log": 0, "sysgenidd": 0,
            ]
            let threads = try ThreadStatus.all(of: daemon)
            #expect(threads.map(\.name) == expected.keys.sorted())
            for thread in threads {
                let set = expected[thread.name].map { String(format: "%016lx", $0) }
                #expect(thread["CapPrm"] == set, "\(thread.name)")
                #expect(thread["Seccomp"] == "2")
            }
            #expect(!daemon.text.contains("kept"))
        }

        @Test func supplementaryGroupsAreGivenUp() throws {
            let device = try TestDevice()
            defer { device.end() }
            let daemon = try serve(device, by: "/usr/bin/setpriv", ["--groups", "12,13"])
            #expect(try ThreadStatus.all(of: daemon).map { $0["Groups"] } == ["", "", "", "", ""])
        }

        /// As in a container that was not given everything.
        @Test func whatCannotBeGivenUpIsToldAndDoesNotKeepItFromServing() throws {
            let device = try TestDevice()
            defer { device.end() }
            let daemon = try serve(
                device, by: "/usr/bin/setpriv", ["--groups", "12", "--bounding-set", "-setpcap,-setgid"])
            try daemon.waitFor("a privilege is kept: setgroups supplementary groups: Operation not permitted")
            try daemon.waitFor("a privilege is kept: prctl bounding set of capabilities: Operation not permitted")
            let threads = try ThreadStatus.all(of: daemon)
            #expect(threads.last?["CapPrm"] == String(format: "%016lx", Self.administration))
            #expect(threads.allSatisfy { $0["Seccomp"] == "2" })
            try device.trigger()
            #expect(try device.mapped() == 1)
        }

        @Test func itServesInAUserNamespaceOfItsOwn() throws {
            let device = try TestDevice()
            defer { device.end() }
            let daemon = try serve(
                device, by: "/usr/bin/unshare", ["--user", "--map-root-user", "--mount"])
            let threads = try ThreadStatus.all(of: daemon)
            #expect(threads.allSatisfy { $0["NoNewPrivs"] == "1" && $0["Seccomp"] == "2" })
            let client = try device.run(
                "/usr/bin/nsenter",
                ["--target", "\(daemon.processID)", "--user", "--mount", "--preserve-credentials"]
                    + [Built.path(of: "TestClient"), "trigger", device.path])
            #expect(try client.exitCode() == 0, "\(client.text)")
            daemon.signal(SIGTERM)
            #expect(try daemon.exitCode() == 0)
        }

        @Test func aFileOfSomebodyElseIsReadAndTheKernelReseeded() throws {
            let device = try TestDevice()
            defer { device.end() }
            try device.setIdentity(1)
            func giveAway() throws {
                try #require(chmod(device.identityFile, 0o600) == 0 && chown(device.identityFile, 65_534, 65_534) == 0)
            }
            try giveAway()
            let daemon = try device.serve("--backend", "file", "--backend-file", device.identityFile)
            let reader = try device.client("read")
            let file = try FileHandle(forWritingTo: URL(filePath: device.identityFile))
            try file.write(contentsOf: Data(repeating: 2, count: 16))
            #expect(try reader.exitCode() == 0)
            #expect(!daemon.text.contains("was not reseeded"))
            #expect(!daemon.text.contains("cannot read"))
        }

        @Test func theEnvironmentCanAskToKeepEverything() throws {
            let device = try TestDevice()
            defer { device.end() }
            let daemon = try device.serve(environment: ["SYSGENID_DISABLE_SANDBOX": "1"])
            try daemon.waitFor("SYSGENID_DISABLE_SANDBOX is set")
            let own = try ThreadStatus.all(of: daemon)
            let ours = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
            #expect(own.allSatisfy { $0["Seccomp"] == "0" && $0["NoNewPrivs"] == "0" })
            #expect(own.allSatisfy { ours.contains("CapPrm:\t\($0["CapPrm"] ?? "none")\n") })
        }

        /// A daemon that a tool starts and becomes.
        private func serve(_ device: TestDevice, by tool: String, _ options: [String]) throws -> RunningProgram {
            let daemon = try device.run(
                tool,
                options + [Built.path(of: "sysgenidd"), "--device", device.path]
                    + ["--runtime-dir", device.runtimeDirectory, "--frontend", "fuse", "--backend", "manual"])
            try daemon.waitFor("serving \(device.path)")
            return daemon
        }
    }
}
