import Foundation
import TestSupport

/// A daemon under a supervisor that keeps descriptors for it, in a folder of its own, and clients of all kinds.
final class Stage {
    let folder: String
    let clients: RunningProgram
    let supervisor: RunningProgram
    private let daemonNews = DaemonNews()
    private let clientNews = ClientNews()
    private let transcripts: [Transcript]
    let log: DaemonLog
    /// The runtime directory, a small file system in memory of its own.
    let runtimeDirectory: String

    var path: String { folder + "/sysgenid" }
    var identityFile: String { folder + "/identity" }

    /// Starts everything, and waits until the clients use the device.
    init(clients count: Int) throws {
        let folder = "/tmp/sysgenid-soak-\(getpid())"
        self.folder = folder
        runtimeDirectory = folder + "/run"
        try FileManager.default.createDirectory(atPath: runtimeDirectory, withIntermediateDirectories: true)
        guard mount("tmpfs", runtimeDirectory, "tmpfs", 0, "size=1m,mode=755") == 0 else {
            throw Failure("cannot mount \(runtimeDirectory): run as root")
        }
        try Self.setIdentity(0, in: folder + "/identity")
        log = try DaemonLog(in: folder)
        let daemon = [
            Self.program("sysgenidd"), "--device", folder + "/sysgenid", "--runtime-dir", runtimeDirectory,
            "--frontend", "fuse", "--backend", "file", "--backend-file", folder + "/identity",
        ]
        let words = ["supervise", folder + "/notify", "/bin/sh", "-c", "exec \"$0\" \"$@\" 2>\(log.pipe)"]
        supervisor = try RunningProgram(Self.program("TestClient"), words + daemon)
        try supervisor.waitFor("ready\n")
        clients = try RunningProgram(Self.program("TestClient"), ["endure", folder + "/sysgenid", "\(count)"])
        transcripts = [Transcript(of: supervisor, daemonNews.take), Transcript(of: clients, clientNews.take)]
        try clients.waitFor("ready\n")
    }

    /// What the clients have said so far.
    var saidByClients: ClientNews {
        transcripts.forEach { $0.look() }
        return clientNews
    }

    private var saidOfDaemons: DaemonNews {
        transcripts.forEach { $0.look() }
        return daemonNews
    }

    /// Takes away whatever is left.
    func end() {
        clients.end()
        supervisor.end()
        while isMounted, umount2(path, Int32(MNT_DETACH)) == 0 {}
        umount2(runtimeDirectory, Int32(MNT_DETACH))
        log.close()
        try? FileManager.default.removeItem(atPath: folder)
    }

    /// A program that was built beside this one.
    static func program(_ name: String) -> String {
        URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent().appending(path: name).path
    }

    var isMounted: Bool {
        ((try? String(contentsOfFile: "/proc/self/mountinfo", encoding: .utf8)) ?? "").contains(" \(path) ")
    }

    // MARK: The daemon

    /// The process id of the daemon that runs, or ran last.
    var daemon: pid_t { saidOfDaemons.processID }

    /// How many daemons have come to serve.
    var served: Int { saidOfDaemons.served }

    /// Waits for something of the daemon's, however busy the machine is.
    func wait(for what: String, _ condition: () throws -> Bool) throws {
        try waitUntil(
            what, patience: Patience(for: supervisor.processID), details: { "\(self.clientNews.complaints)" }, condition
        )
    }

    /// Sends the daemon a signal that ends it, and waits until its successor serves.
    func replace(by signal: Int32) throws {
        let before = served
        kill(daemon, signal)
        try wait(for: "a successor") { served > before }
    }

    // MARK: What it shows

    /// What a mapping of the page shows.
    func mapped() throws -> UInt32? {
        let probe = try RunningProgram(Self.program("sysgenidctl"), ["--device", path, "probe"])
        guard try probe.exitCode() == 0 else { throw Failure("the page cannot be mapped: \(probe.text)") }
        return probe.lines.first.flatMap(UInt32.init)
    }

    func attribute(_ name: String) -> String? {
        (try? String(contentsOfFile: "\(runtimeDirectory)/\(name)", encoding: .utf8))
            .map { $0.trimmingCharacters(in: .newlines) }
    }

    static func setIdentity(_ number: Int, in file: String) throws {
        let bytes = withUnsafeBytes(of: (UInt64(1), UInt64(number))) { Data($0) }
        try bytes.write(to: URL(filePath: file), options: .atomic)
    }
}
