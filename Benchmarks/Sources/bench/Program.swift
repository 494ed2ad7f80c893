import Foundation

/// A program that the runner has started. It is ended by its own process id, at the latest with its owner.
final class Program {
    let processID: pid_t
    private let output: Int32
    private let input: Int32
    private var isOver = false

    /// Starts the program at a path. Its input and output are pipes, unless the output goes to a file.
    init(_ path: String, _ arguments: [String], environment: [String: String] = [:], outputPath: String? = nil) throws {
        var (fromProgram, toProgram): ([Int32], [Int32]) = ([-1, -1], [-1, -1])
        guard pipe(&fromProgram) == 0, pipe(&toProgram) == 0 else {
            throw Failure("pipe: \(String(cString: strerror(errno)))")
        }
        // The runner has one thread, so that no other program starts in between.
        for end in fromProgram + toProgram { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, toProgram[0], 0)
        if let outputPath {
            posix_spawn_file_actions_addopen(&actions, 1, outputPath, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
            posix_spawn_file_actions_adddup2(&actions, 1, 2)
        } else {
            posix_spawn_file_actions_adddup2(&actions, fromProgram[1], 1)
        }
        let variables = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        var words = ([path] + arguments).map { strdup($0) } + [nil]
        var assignments = variables.map { strdup("\($0)=\($1)") } + [nil]
        defer { (words + assignments).forEach { free($0) } }
        var processID = pid_t()
        let result = posix_spawn(&processID, path, &actions, nil, &words, &assignments)
        close(fromProgram[1])
        close(toProgram[0])
        self.processID = processID
        (output, input) = (fromProgram[0], toProgram[1])
        guard result == 0 else {
            isOver = true
            throw Failure("cannot start \(path): \(String(cString: strerror(result)))")
        }
    }

    deinit {
        if !isOver {
            kill(processID, SIGKILL)
            waitpid(processID, nil, 0)
        }
        close(output)
        close(input)
    }

    /// The number of its thread of that name.
    func thread(named name: String) throws -> Int {
        let folder = "/proc/\(processID)/task"
        for thread in try FileManager.default.contentsOfDirectory(atPath: folder) {
            let found = try String(contentsOfFile: "\(folder)/\(thread)/comm", encoding: .utf8)
            if found == name + "\n", let number = Int(thread) { return number }
        }
        throw Failure("process \(processID) has no thread named \(name)")
    }

    /// Waits until it writes one line, or ends.
    func line() throws -> String {
        var bytes: [UInt8] = []
        var byte: UInt8 = 0
        while read(output, &byte, 1) == 1, byte != UInt8(ascii: "\n") { bytes.append(byte) }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Waits for its end, and fails where it did not end well.
    func finish() throws {
        var status: Int32 = 0
        waitpid(processID, &status, 0)
        isOver = true
        guard status == 0 else { throw Failure("process \(processID) ended with the status \(status)") }
    }

    /// Asks it to end, and waits for that.
    func terminate() {
        guard !isOver else { return }
        kill(processID, SIGTERM)
        waitpid(processID, nil, 0)
        isOver = true
    }
}
