import Foundation
import TestSupport
import Testing

extension EndToEnd {
    /// The script of docs/snapshot-safety.md for systems without an overseer, as it stands there.
    @Suite struct SnapshotSafety {
        @Test func theSystemIsResumedWhenTheLastTrackedProgramHasReadjusted() throws {
            let overseer = try Overseer()
            defer { overseer.device.end() }
            let untracked = try overseer.device.client("poll")
            let tracked = try overseer.device.client("track")
            let running = try overseer.start(deadline: Int(Patience.capMilliseconds))
            try tracked.waitFor("1\n")
            try untracked.waitFor("POLLIN")
            usleep(100_000)
            #expect(overseer.steps == ["quiesced", "snapshot"])
            try tracked.send("go on")
            #expect(try running.exitCode() == 0, "\(running.text)")
            #expect(running.lines == ["overseer: in service again at generation 1"])
            #expect(overseer.steps == ["quiesced", "snapshot", "resumed"])
            #expect(try tracked.exitCode() == 0)
        }

        /// As systemd calls it, see systemd-sleep(8).
        @Test(arguments: [
            ("post hibernate", "SYSGENID_TRIGGER_AFTER_HIBERNATION=yes", 1),
            ("post hybrid-sleep", "SYSGENID_TRIGGER_AFTER_HIBERNATION=\"yes\"", 1),
            ("post suspend-then-hibernate", "SYSGENID_TRIGGER_AFTER_HIBERNATION=yes", 1),
            ("pre hibernate", "SYSGENID_TRIGGER_AFTER_HIBERNATION=yes", 0),
            ("post suspend", "SYSGENID_TRIGGER_AFTER_HIBERNATION=yes", 0),
            ("post hibernate", "SYSGENID_TRIGGER_AFTER_HIBERNATION=no", 0),
            ("post hibernate", "# SYSGENID_TRIGGER_AFTER_HIBERNATION=yes", 0), ("post hibernate", nil, 0),
        ])
        func aReturnFromADiskIsAChangeWhereThatIsAskedFor(_ call: String, _ line: String?, _ expected: UInt32) throws {
            let device = try TestDevice()
            defer { device.end() }
            try device.serve()
            let source = try String(
                contentsOf: Built.project.appending(path: "systemd/system-sleep/sysgenid"), encoding: .utf8)
            let shipped = try String(
                contentsOf: Built.project.appending(path: "systemd/default/sysgenidd"), encoding: .utf8)
            #expect(source.contains("/usr/bin/sysgenidctl "))
            let (hook, settings) = (device.folder + "/hook", device.folder + "/settings")
            try source.replacing("/usr/bin/sysgenidctl", with: Built.path(of: "sysgenidctl"))
                .write(toFile: hook, atomically: true, encoding: .utf8)
            // Without a line of its own: as it is shipped, which is off.
            try (line.map { "SYSGENIDD_OPTIONS=\"\"\n\($0)\n" } ?? shipped)
                .write(toFile: settings, atomically: true, encoding: .utf8)
            let run = try device.run(
                "/bin/sh", [hook] + call.split(separator: " ").map(String.init),
                environment: ["SYSGENID_SETTINGS": settings, "SYSGENID_DEVICE": device.path])
            #expect(try run.exitCode() == 0, "\(run.text)")
            #expect(try device.mapped() == expected)
        }

        @Test func theSystemStaysQuietWhereAProgramIsTooLate() throws {
            let overseer = try Overseer()
            defer { overseer.device.end() }
            let tracked = try overseer.device.client("track")
            let running = try overseer.start(deadline: 300)
            #expect(try running.exitCode() == 3)
            #expect(running.text.contains("not everybody has readjusted to 1; the system stays quiet"))
            #expect(overseer.steps == ["quiesced", "snapshot"])
            #expect(tracked.lines == ["ready", "1"])

            let second = try overseer.start(deadline: 100)
            #expect(try second.exitCode() == 3)
            #expect(second.text.contains("not ready for a snapshot"))
            #expect(overseer.steps == ["quiesced", "snapshot"])
        }

        @Test func nothingHappensWithoutTheDeviceOrThePrivilege() throws {
            let overseer = try Overseer()
            defer { overseer.device.end() }
            let outsider = try overseer.start(deadline: 1_000, as: 65_534)
            #expect(try outsider.exitCode() == 4)
            #expect(outsider.text.contains("the generation could not be changed; the system stays quiet"))
            #expect(overseer.steps == ["quiesced", "snapshot"])
            #expect(overseer.device.attribute("generation") == "0")

            let nothing = try overseer.start(deadline: 1_000, device: "/nonexistent")
            #expect(try nothing.exitCode() == 1)
            #expect(overseer.steps == ["quiesced", "snapshot"])
        }
    }
}

/// The script, with a daemon of its own and hooks that leave a trace.
private struct Overseer {
    let device: TestDevice
    private let script: String
    private let trace: String

    init() throws {
        device = try TestDevice()
        try device.serve()
        script = device.folder + "/overseer"
        trace = device.folder + "/trace"
        let page = try String(contentsOf: Built.project.appending(path: "docs/snapshot-safety.md"), encoding: .utf8)
        let text = try #require(page.firstMatch(of: /```sh\n((?:.|\n)*?)```/)?.output.1)
        try String(text).write(toFile: script, atomically: true, encoding: .utf8)
        try Data().write(to: URL(filePath: trace))
        for path in [script, trace] {
            try FileManager.default.setAttributes([.posixPermissions: 0o777], ofItemAtPath: path)
        }
    }

    func start(deadline: Int, as user: Int = 0, device path: String? = nil) throws -> RunningProgram {
        try device.run(
            "/usr/bin/setpriv",
            ["--reuid", "\(user)", "--clear-groups", "/bin/sh", script]
                + ["quiesced", "snapshot", "resumed"].map { "echo \($0) >> \(trace)" },
            environment: [
                "SYSGENID_DEVICE": path ?? device.path, "SYSGENID_DEADLINE_MS": "\(deadline)",
                "PATH": "\(Built.folder.path):/usr/sbin:/usr/bin:/sbin:/bin",
            ])
    }

    var steps: [String] {
        ((try? String(contentsOfFile: trace, encoding: .utf8)) ?? "").split(separator: "\n").map(String.init)
    }
}
