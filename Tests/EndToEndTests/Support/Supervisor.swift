import Foundation
import TestSupport
import Testing

/// A daemon under a supervisor that restarts it, and that keeps descriptors for it as systemd does.
final class Supervisor {
    private let device: TestDevice
    let program: RunningProgram

    /// Starts both, and waits until the daemon serves.
    convenience init(_ device: TestDevice, _ options: String..., kernel: Kernel = .own) throws {
        try self.init(device, options, kernel: kernel)
    }

    /// - Parameter daemon: the program that is the first daemon, after those that run it.
    init(
        _ device: TestDevice, _ options: [String], kernel: Kernel = .own,
        daemon: [String] = [Built.path(of: "sysgenidd")]
    ) throws {
        self.device = device
        var arguments = [
            "supervise", device.folder + "/notify", "/bin/sh", "-c",
            "exec \"$(cat \(device.folder)/daemon 2>/dev/null || echo \"$0\")\" \"$@\" "
                + "$(cat \(device.folder)/more-options 2>/dev/null)",
        ]
        arguments += daemon + ["--device", device.path, "--runtime-dir", device.runtimeDirectory]
        if !options.contains("--frontend") { arguments += ["--frontend", "fuse"] }
        if !options.contains("--backend") { arguments += ["--backend", "manual"] }
        program = try device.run("TestClient", arguments + options, environment: kernel.environment)
        try program.waitFor("ready\n")
    }

    var text: String { program.text }

    /// Waits until one of the daemons has told something. It does so on a thread of its own, which may be later than what
    /// it tells of.
    func waitFor(_ text: String) throws { try program.waitFor(text) }

    /// Ends the supervisor, and the daemon with it.
    func end() {
        program.end()
    }

    /// The process id of the daemon that runs, or ran last.
    var daemon: pid_t {
        let started = program.lines.last { $0.hasPrefix("started ") }
        return started.flatMap { pid_t($0.dropFirst("started ".count)) } ?? 0
    }

    /// Gives the daemons the priority that the unit gives them.
    func prefer() throws {
        for process in [program.processID, daemon] { try device.prefer(process) }
    }

    /// How many daemons have come to serve.
    var served: Int { program.lines.filter { $0 == "ready" }.count }

    /// Sends the daemon a signal, and waits until its successor serves.
    func replace(by signal: Int32 = SIGKILL) throws {
        let before = served
        kill(daemon, signal)
        try waitForSuccessor { served > before }
    }

    /// Kills the daemon, and waits until its successor has been started, but not until it serves.
    func replaceEarly() throws {
        let gone = daemon
        kill(gone, SIGKILL)
        try waitForSuccessor { daemon != gone }
    }

    private func waitForSuccessor(_ condition: () -> Bool) throws {
        try waitUntil("a successor", progress: { text.count }, details: { text }, condition)
    }

    /// Kills the daemon, does something while there is none, and lets a successor come.
    func whileGone(_ body: () throws -> Void) throws {
        let before = served
        let gone = daemon
        let gaps = program.lines.count { $0 == "gap" }
        program.signal(SIGUSR2)
        try waitUntil("the gap") { program.lines.count { $0 == "gap" } > gaps }
        kill(gone, SIGKILL)
        try waitUntil("the end of the daemon") { kill(gone, 0) != 0 }
        try body()
        program.signal(SIGUSR2)
        try waitForSuccessor { served > before }
    }

    /// Gives the daemons from the next one on these options besides, of which the last one of a name counts.
    func setOptions(_ options: String...) throws {
        let text = options.joined(separator: " ")
        try text.write(toFile: "\(device.folder)/more-options", atomically: true, encoding: .utf8)
    }

    /// Has the daemons from the next one on be this program.
    func setDaemon(_ path: String) throws {
        try path.write(toFile: "\(device.folder)/daemon", atomically: true, encoding: .utf8)
    }

    /// Writes a word into the memory that is kept for the next daemon.
    func damageMemory(at offset: Int, _ word: UInt32) throws {
        try memory().write(word: word, at: offset)
    }

    /// The memory that is kept for the next daemon.
    func memory() throws -> HandedMemory {
        let folder = "/proc/\(program.processID)/fd"
        let name = try FileManager.default.contentsOfDirectory(atPath: folder).first { name in
            let target = try? FileManager.default.destinationOfSymbolicLink(atPath: "\(folder)/\(name)")
            return target?.contains("memfd:sysgenid-watchers") ?? false
        }
        let file = open("\(folder)/\(try #require(name))", O_RDWR)
        try #require(file >= 0)
        return HandedMemory(descriptor: file)
    }

    /// Asks the service to stop, and waits for its end; says how many descriptors were kept then.
    func stop() throws -> (exitCode: Int32, kept: String?) {
        program.signal(SIGTERM)
        let code = try program.exitCode()
        return (code, program.lines.last { $0.hasSuffix(" kept") })
    }
}
