public import Foundation
import Glibc
import SysGenIDSystem

/// A program that a test runs. It is ended with its owner, by its own process id.
public final class RunningProgram: Sendable {
    public let processID: pid_t
    private let input: FileHandle
    private let transcript: URL
    private let keepsTranscript: Bool
    private let status = Lock<Int32?>(nil)

    /// Starts the program at a path.
    ///
    /// Foundation's Process is not used: it takes a process for running as long as one that was started later
    /// runs.
    ///
    /// - Parameters:
    ///   - output: the file that takes both streams, and is kept; without it they go to one that is not.
    ///   - inheritsSignals: the program starts with the signals blocked that are blocked here: all of them, in
    ///     the threads of the test runner.
    public init(
        _ path: String, _ arguments: [String], environment: [String: String] = [:], output: String? = nil,
        inheritsSignals: Bool = false
    ) throws {
        keepsTranscript = output != nil
        transcript =
            output.map { URL(filePath: $0) }
            ?? FileManager.default.temporaryDirectory.appending(path: "sysgenid-\(UUID().uuidString).log")
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        // Close-on-exec from the start, as pipe(2) cannot make it: another thread may start a program meanwhile.
        var ends: [Int32] = [-1, -1]
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
        guard socketpair(AF_UNIX, kind, 0, &ends) == 0 else { throw NotStarted(path: path, errno: errno) }
        let standardInput = FileHandle(fileDescriptor: ends[0], closeOnDealloc: true)
        input = FileHandle(fileDescriptor: ends[1], closeOnDealloc: true)
        posix_spawn_file_actions_adddup2(&actions, standardInput.fileDescriptor, 0)
        posix_spawn_file_actions_addopen(&actions, 1, transcript.path, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        posix_spawn_file_actions_adddup2(&actions, 1, 2)

        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var noSignals = sigset_t()
        sigemptyset(&noSignals)
        posix_spawnattr_setsigmask(&attributes, &noSignals)
        posix_spawnattr_setflags(&attributes, inheritsSignals ? 0 : Int16(POSIX_SPAWN_SETSIGMASK))

        let variables = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        var words = ([path] + arguments).map { strdup($0) } + [nil]
        var assignments = variables.map { strdup("\($0)=\($1)") } + [nil]
        defer { (words + assignments).forEach { free($0) } }
        var processID = pid_t()
        let result = posix_spawn(&processID, path, &actions, &attributes, &words, &assignments)
        guard result == 0 else { throw NotStarted(path: path, errno: result) }
        self.processID = processID
    }

    deinit {
        end()
        if !keepsTranscript { try? FileManager.default.removeItem(at: transcript) }
    }

    /// Ends it at once, where it still runs. One that does not end, since what it has asked of a file system has no answer,
    /// is told of and left: a test that waits for ever has no name.
    public func end() {
        guard isRunning else { return }
        kill()
        do {
            try waitUntil("the end of a program that was killed") { !isRunning }
        } catch {
            StandardStream.error.write("\(error)\n")
        }
    }

    /// Kills it, where it still runs, and does not wait for its end.
    public func kill() {
        signal(SIGKILL)
        signal(SIGCONT)
    }

    /// What it has written so far, to both streams.
    public var text: String { (try? String(contentsOf: transcript, encoding: .utf8)) ?? "" }
    public var lines: [String] { text.split(separator: "\n").map(String.init) }

    /// What it has written after so many bytes, to both streams.
    public func output(after offset: UInt64) -> Data {
        guard let file = try? FileHandle(forReadingFrom: transcript) else { return Data() }
        defer { try? file.close() }
        return (try? file.seek(toOffset: offset)).flatMap { try? file.readToEnd() } ?? Data()
    }

    /// Writes a line to its standard input. One that has ended is a failure of the test, and no SIGPIPE, which would end all
    /// tests.
    public func send(_ line: String) throws {
        var rest = Array("\(line)\n".utf8)
        while !rest.isEmpty {
            let count = Glibc.send(input.fileDescriptor, rest, rest.count, Int32(MSG_NOSIGNAL))
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { throw NotSent(line: line, errno: errno, output: text) }
            rest.removeFirst(count)
        }
    }

    /// Writes a line to its standard input, and waits for the line that it says next.
    public func answer(_ line: String) throws -> String? {
        let before = lines.count
        try send(line)
        try waitUntil("the answer to \(line)", details: { text }) { lines.count > before }
        return lines.last
    }

    public func signal(_ number: Int32) {
        guard isRunning else { return }
        Glibc.kill(processID, number)
    }

    /// Waits until it has written a text; fails where it ends before, or where nothing moves any longer.
    public func waitFor(_ text: String) throws {
        try waitUntil("'\(text)' in the output", progress: { self.text.count }, details: { self.text }) {
            let isOver = !isRunning
            if self.text.contains(text) { return true }
            return isOver ? nil : false
        }
    }

    /// Waits for its end and returns the exit code; the negative number of the signal that ended it.
    public func exitCode(patience: Patience = Patience()) throws -> Int32 {
        try waitUntil(
            "the end of process \(processID)", patience: patience, progress: { text.count }, details: { text }
        ) { !isRunning }
        let status = status.withLock { $0 } ?? 0
        return status & 0x7f == 0 ? (status >> 8) & 0xff : -(status & 0x7f)
    }

    /// Whether it has not ended yet.
    public var isRunning: Bool {
        status.withLock { known in
            guard known == nil else { return false }
            var status: Int32 = 0
            guard waitpid(processID, &status, WNOHANG) == processID else { return true }
            known = status
            return false
        }
    }
}

/// A program could not be started.
public struct NotStarted: Error, CustomStringConvertible {
    public var path: String
    public var errno: Int32

    public var description: String { "cannot start \(path): \(String(cString: strerror(errno)))" }
}

/// A program did not take a line, since it has ended.
public struct NotSent: Error, CustomStringConvertible {
    public var line: String
    public var errno: Int32
    /// What it had written until then.
    public var output: String

    public var description: String { "cannot send \(line): \(String(cString: strerror(errno))); it wrote: \(output)" }
}
