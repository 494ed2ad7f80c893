import Foundation
import SysGenID
import SysGenIDSystem
import TestSupport
import Testing

/// A device of a test's own: a folder for its path and its runtime directory, and the programs that use it.
/// Each test ends it, and nothing of it is left.
final class TestDevice: Sendable {
    let folder: String
    /// In memory, as /run/sysgenid is, unless a test wants it on a disk.
    let runtimeDirectory: String
    private let programs = Lock<[RunningProgram]>([])

    /// The time that programs are given for what has to come, in milliseconds: that nothing moves is found before.
    static let untilTheCap = "\(Patience.capMilliseconds)"

    var path: String { folder + "/sysgenid" }
    var identityFile: String { folder + "/identity" }

    init(keepsStateInMemory: Bool = true) throws {
        let name = "sysgenid-test-\(UUID().uuidString.prefix(8))"
        folder = "/tmp/\(name)"
        // /tmp is a disk here and memory there.
        runtimeDirectory = "\(keepsStateInMemory ? "/dev/shm" : "/var/tmp")/\(name)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }

    /// Ends all programs and removes everything. A program may wait for a daemon that does not answer, and cannot end
    /// before it has: so all are killed before one is waited for, and the connection of a daemon that goes on, as its
    /// debugger was killed, is taken from it.
    func end() {
        let programs = programs.withLock { $0 }.reversed()
        programs.forEach { $0.kill() }
        while let path = mountPoints.last,
            umount2(path, Int32(MNT_FORCE)) == 0 || umount2(path, Int32(MNT_DETACH)) == 0
        {}
        programs.forEach { $0.end() }
        for path in [folder, runtimeDirectory] { try? FileManager.default.removeItem(atPath: path) }
    }

    /// Starts a program that ends with the device.
    func run(
        _ program: String, _ arguments: [String], environment: [String: String] = [:], inheritsSignals: Bool = false
    ) throws -> RunningProgram {
        let running = try RunningProgram(
            Built.path(of: program), arguments, environment: environment, inheritsSignals: inheritsSignals)
        programs.withLock { $0.append(running) }
        return running
    }

    /// Starts a daemon, and waits until it serves.
    @discardableResult
    func serve(
        _ options: String..., kernel: Kernel = .own, environment: [String: String] = [:]
    ) throws -> RunningProgram {
        let daemon = try start(options, environment: environment.merging(kernel.environment) { $1 })
        try daemon.waitFor("serving \(path)")
        return daemon
    }

    /// Starts a daemon that may not come to serve.
    func start(_ options: [String], environment: [String: String] = [:]) throws -> RunningProgram {
        var arguments = ["--device", path, "--runtime-dir", runtimeDirectory]
        if !options.contains("--frontend") { arguments += ["--frontend", "fuse"] }
        if !options.contains("--backend") { arguments += ["--backend", "manual"] }
        return try run("sysgenidd", arguments + options, environment: environment)
    }

    /// Gives a daemon, or its supervisor and so those that it starts, the priority that the unit gives it: whoever keeps the
    /// processors busy does not matter then.
    func prefer(_ process: pid_t) throws {
        try #require(run("/usr/bin/chrt", ["--all-tasks", "--fifo", "--pid", "1", "\(process)"]).exitCode() == 0)
    }

    /// Starts a plain client and waits until it is about to block.
    func client(_ command: String, _ arguments: String...) throws -> RunningProgram {
        try client(command, arguments, at: path)
    }

    /// Starts a plain client of another file, and waits until it is about to block.
    ///
    /// - Parameter tool: what starts it, as another user, say, or in a view of the files of its own. It becomes the client.
    func client(
        _ command: String, _ arguments: [String] = [], at path: String, by tool: [String] = []
    ) throws -> RunningProgram {
        let words = [command, path] + arguments
        let client =
            try tool.isEmpty ? run("TestClient", words) : run("/usr/bin/env", tool + [clientForOthers()] + words)
        if ["read", "poll", "wait", "track", "map"].contains(command) {
            try client.waitFor("ready\n")
            // The client says so just before the call that blocks.
            try waitUntil("\(command) to block") {
                ProcessStates.isAsleep(client.processID) || !client.isRunning
            }
        }
        return client
    }

    /// The plain client where others than root can run it.
    private func clientForOthers() throws -> String {
        let client = folder + "/client"
        if access(client, X_OK) != 0 {
            try FileManager.default.copyItem(atPath: Built.path(of: "TestClient"), toPath: client)
        }
        return client
    }

    func control(_ arguments: String...) throws -> RunningProgram {
        try run(
            "sysgenidctl", ["--device", path] + arguments, environment: ["SYSGENID_RUNTIME_DIR": runtimeDirectory])
    }

    /// A watcher of the client library, in this process.
    func watcher(access: SystemGenerationDevice.Access? = nil, isTracked: Bool = false) throws -> GenerationWatcher {
        try GenerationWatcher(path: path, runtimeDirectory: runtimeDirectory, access: access, isTracked: isTracked)
    }

    func trigger() throws {
        #expect(try client("trigger").exitCode() == 0)
    }

    /// Makes the identity file another one, as a resume would.
    func setIdentity(_ byte: UInt8) throws {
        try Data(repeating: byte, count: 16).write(to: URL(filePath: identityFile), options: .atomic)
    }

    /// What a mapping of the page shows.
    func mapped() throws -> UInt32 {
        let probe = try control("probe")
        #expect(try probe.exitCode() == 0)
        return try #require(probe.lines.first.flatMap(UInt32.init))
    }

    func attribute(_ name: String) -> String? {
        (try? String(contentsOfFile: "\(runtimeDirectory)/\(name)", encoding: .utf8))
            .map { $0.trimmingCharacters(in: .newlines) }
    }

    var isMounted: Bool { mountPoints.contains(path) }

    /// What is mounted in its directories, in the order in which it was.
    var mountPoints: [String] {
        let mounts = (try? String(contentsOfFile: "/proc/self/mountinfo", encoding: .utf8)) ?? ""
        return mounts.split(separator: "\n").compactMap { $0.split(separator: " ").dropFirst(4).first }
            .map(String.init).filter { $0.hasPrefix(folder + "/") || $0.hasPrefix(runtimeDirectory + "/") }
    }

    /// Ends the connection of the mount as an administrator would. See "Aborting a filesystem connection" in the
    /// kernel's documentation of FUSE.
    func abortConnection() throws {
        let folder = self.folder + "/connections"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try #require(mount("fusectl", folder, "fusectl", 0, "") == 0)
        defer { umount2(folder, Int32(MNT_DETACH)) }
        var status = stat()
        try #require(stat(path, &status) == 0)
        // The connection's number is the minor number of the mount's device.
        let number = (status.st_dev & 0xff) | ((status.st_dev >> 12) & 0xfff00)
        try Data("1".utf8).write(to: URL(filePath: "\(folder)/\(number)/abort"))
    }

    /// Whether anything is at the path, be it dead.
    var exists: Bool { access(path, F_OK) == 0 || errno != ENOENT }
}

/// Which kernel's way of serving is tested.
enum Kernel: String, CaseIterable, CustomTestStringConvertible {
    /// What the running kernel has.
    case own = "passthrough"
    /// What kernels before 6.9 have, which newer ones have, too.
    case beforePassthrough = "page-cache"

    var environment: [String: String] { self == .own ? [:] : ["SYSGENID_DISABLE_PASSTHROUGH": "1"] }
    var testDescription: String { rawValue }
}

/// What the tests need of the machine.
enum Machine {
    /// Root and /dev/fuse. With SYSGENID_REQUIRE_ALL=1 the tests run without them, and fail.
    static var canServe: Bool {
        requiresAll || (getuid() == 0 && access("/dev/fuse", R_OK | W_OK) == 0)
    }

    /// Whether a program is in the path. With SYSGENID_REQUIRE_ALL=1 the tests run without it, and fail.
    static func has(_ program: String) -> Bool {
        let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
        return requiresAll || path.split(separator: ":").contains { access("\($0)/\(program)", X_OK) == 0 }
    }

    static var requiresAll: Bool { ProcessInfo.processInfo.environment["SYSGENID_REQUIRE_ALL"] == "1" }
}

extension Trait where Self == ConditionTrait {
    static var needsFuse: Self { .enabled(if: Machine.canServe, "needs root and /dev/fuse to serve a device") }

    /// A program of another package.
    static func needs(_ program: String) -> Self { .enabled(if: Machine.has(program), "needs \(program) in the path") }
}
