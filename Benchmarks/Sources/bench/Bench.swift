import Foundation

/// What all measurements share: the programs, the processors, and a folder for the devices.
final class Bench {
    let options: Options
    let folder: String
    /// In memory, for the runtime directories, as /run is.
    private let memoryFolder: String

    init(_ options: Options) throws {
        self.options = options
        folder = "/tmp/sysgenid-bench-\(getpid())"
        memoryFolder = "/dev/shm/sysgenid-bench-\(getpid())"
        for path in [folder, memoryFolder] {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        }
    }

    func end() {
        for path in [folder, memoryFolder] { try? FileManager.default.removeItem(atPath: path) }
    }

    /// Says how far it is, on standard error.
    func tell(_ progress: String) {
        FileHandle.standardError.write(Data("bench: \(progress)\n".utf8))
    }

    /// The runtime directory of a daemon that serves at the path.
    func runtimeDirectory(for path: String) -> String {
        "\(memoryFolder)/\(URL(filePath: path).lastPathComponent)"
    }

    /// The path of a program or library in C.
    func path(of tool: String) -> String { URL(filePath: options.tools).appending(path: tool).path }

    /// Starts one measurement.
    ///
    /// - Parameter processors: where its client runs; who answers it runs on the daemon's.
    func start(_ processors: Processors, _ arguments: [String]) throws -> Program {
        let client = processors == .one ? options.daemonProcessor : options.otherProcessor
        return try Program(path(of: "measure"), ["\(client)", "\(options.daemonProcessor)"] + arguments)
    }

    /// Makes one measurement and returns its value.
    func measure(_ processors: Processors, _ arguments: [String]) throws -> Double {
        let program = try start(processors, arguments)
        let line = try program.line()
        try program.finish()
        guard let value = Double(line) else { throw Failure("'\(line)' is no value of \(arguments)") }
        return value
    }

    /// Starts a daemon, pinned to its processor.
    ///
    /// - Parameters:
    ///   - name: of its device; nil is that of the daemon.
    ///   - priority: the real-time priority that it has; 0 is none.
    ///   - options: added to its command.
    ///   - environment: added to its environment.
    func serve(
        by server: Server, named name: String? = nil, priority: Int = 0, options: [String] = [],
        environment: [String: String] = [:]
    ) throws -> ServedDevice {
        try ServedDevice(
            server, in: self, name: name ?? server.rawValue, priority: priority, options: options,
            environment: environment)
    }
}

/// Where the processes of a measurement run.
enum Processors: String, Codable {
    /// All on one.
    case one
    /// The clients on another one than the daemon.
    case two
}

/// Who serves.
enum Server: String {
    case sysgenidd
    case cDaemon = "c-daemon"
    /// The device of the machine that a daemon looks at, and not one of ours.
    case playedClock = "played-clock"

    /// The program and its arguments, to serve at a path.
    func command(in bench: Bench, at path: String) -> [String] {
        switch self {
        case .sysgenidd:
            [bench.options.daemon, "--frontend", "fuse", "--device", path, "--runtime-dir"]
                + [bench.runtimeDirectory(for: path)]
        case .cDaemon, .playedClock: [bench.path(of: rawValue), path]
        }
    }
}

/// A device that a daemon serves.
final class ServedDevice {
    let path: String
    private let runtimeDirectory: String
    /// Where sysgenidd has the devices of containers.
    var devicesDirectory: String { runtimeDirectory + "/devices" }
    let daemon: Program
    private let log: String

    fileprivate init(
        _ server: Server, in bench: Bench, name: String, priority: Int, options: [String],
        environment: [String: String]
    ) throws {
        path = "\(bench.folder)/\(name)"
        runtimeDirectory = bench.runtimeDirectory(for: path)
        log = path + ".log"
        let ready = try ReadySocket(path + ".ready")
        let processor = "\(bench.options.daemonProcessor)"
        daemon = try Program(
            bench.path(of: "measure"),
            [processor, processor, "run", "\(priority)"] + server.command(in: bench, at: path) + options,
            environment: environment.merging(["NOTIFY_SOCKET": ready.path]) { $1 }, outputPath: log)
        if ready.waitUntilReady() { return }
        daemon.terminate()
        throw Failure("\(server.rawValue) does not serve: \((try? String(contentsOfFile: log, encoding: .utf8)) ?? "")")
    }

    func end() {
        daemon.terminate()
        for path in [path, devicesDirectory] { umount2(path, Int32(MNT_DETACH)) }
        // The devices of containers would outlive the daemon, and be measured with the next one.
        try? FileManager.default.removeItem(atPath: runtimeDirectory)
    }

    /// Kilobytes of memory that the daemon has, shared libraries included. See proc(5), VmRSS.
    var residentKilobytes: Double {
        get throws {
            let status = try String(contentsOfFile: "/proc/\(daemon.processID)/status", encoding: .utf8)
            let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
            guard let kilobytes = line?.split(separator: " ").dropFirst().first.flatMap({ Double($0) }) else {
                throw Failure("no VmRSS of process \(daemon.processID)")
            }
            return kilobytes
        }
    }

    /// The same of one that was just started, once it has done what it puts off until clients are served.
    var residentKilobytesAtRest: Double {
        get throws {
            usleep(1_000_000)
            return try residentKilobytes
        }
    }
}
