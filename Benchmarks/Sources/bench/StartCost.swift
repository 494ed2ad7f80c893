import Foundation

/// What a start costs until the daemon says that it serves, in system calls of its main thread: the dynamic linker's, the
/// library's and its own. No source is looked at (`--backend manual`), so that it does not depend on the machine's log.
struct StartCost {
    let callCount: Int

    /// Whoever makes a start dearer has to say so here.
    private static let limit = 412
    /// How many fewer let a step back go unnoticed.
    private static let tolerance = 25

    init(_ bench: Bench) throws {
        let path = bench.folder + "/start"
        let trace = path + ".calls"
        let ready = try ReadySocket(path + ".ready")
        let command = Server.sysgenidd.command(in: bench, at: path) + ["--backend", "manual"]
        let tracer = try Program(
            "/usr/bin/strace", ["-f", "-e", "signal=none", "-o", trace] + command,
            environment: ["NOTIFY_SOCKET": ready.path], outputPath: path + ".log")
        guard ready.waitUntilReady() else { throw Failure("the daemon does not serve under strace") }
        func lines() throws -> [Substring] { try String(contentsOfFile: trace, encoding: .utf8).split(separator: "\n") }
        guard let main = try lines().first?.split(separator: " ").first, let process = pid_t(main) else {
            throw Failure("strace has written nothing")
        }
        kill(process, SIGTERM)
        try tracer.finish()
        let start = try lines().prefix { !$0.contains("READY=1") }
        callCount = start.count { $0.hasPrefix("\(main) ") && !$0.contains(" resumed>") } + 1
    }

    var description: String { "start, from exec to READY: \(callCount) system calls of the main thread" }

    /// That it is dearer than it may be; nil where it is not.
    var excess: String? {
        callCount > Self.limit ? "a start makes \(callCount) system calls, and may make \(Self.limit)" : nil
    }

    /// That it has become cheaper than the limit says; nil where it has not.
    var remark: String? {
        callCount < Self.limit - Self.tolerance
            ? "a start makes only \(callCount) system calls: lower the limit of \(Self.limit)" : nil
    }
}
