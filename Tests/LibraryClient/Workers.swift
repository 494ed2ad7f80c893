import Glibc
import SysGenID

/// A process with workers, each of them a fork(2), and one watcher that was opened before; the same as in
/// Tests/Header/header.c.
///
/// A line of the input is a number and a word: 0 is this process, which makes the next worker at "fork", 1 the first
/// worker.
struct Workers {
    private let watcher: GenerationWatcher
    private var pipes: [CInt] = []

    init(_ watcher: GenerationWatcher) {
        self.watcher = watcher
    }

    mutating func run() throws {
        LibraryClient.say("ready")
        while let line = readLine() {
            let words = line.split(separator: " ").map(String.init)
            guard words.count == 2, let number = Int(words[0]) else { continue }
            if number > 0, number <= pipes.count {
                // Each word with an end to it: the worker reads one at a time.
                write(pipes[number - 1], words[1] + "\n", words[1].utf8.count + 1)
            } else if words[1] == "fork" {
                start(pipes.count + 1)
            } else {
                obey(0, words[1])
            }
        }
    }

    private mutating func start(_ number: Int) {
        var ends: [CInt] = [-1, -1]
        guard pipe(&ends) == 0 else { exit(EXIT_FAILURE) }
        guard Self.fork() != 0 else {
            for pipe in pipes + [ends[1]] { close(pipe) }
            // The descriptor that the parent's lines come from is not this process's.
            dup2(ends[0], 0)
            var word: [UInt8] = []
            var byte: UInt8 = 0
            while read(0, &byte, 1) == 1 {
                guard byte == UInt8(ascii: "\n") else {
                    word.append(byte)
                    continue
                }
                obey(number, String(decoding: word, as: UTF8.self))
                word = []
            }
            _exit(0)
        }
        close(ends[0])
        pipes.append(ends[1])
        LibraryClient.say("0: fork: \(number)")
    }

    private func obey(_ number: Int, _ word: String) {
        do {
            var answer = 0
            switch word {
            case "wait": answer = try watcher.nextChange() == nil ? 0 : 1
            case "acknowledge": answer = try watcher.generation.map { try watcher.acknowledge($0) } == true ? 1 : 0
            case "drop": answer = setgid(65534) == 0 && setuid(65534) == 0 ? 0 : -1
            case "poll":
                var entry = pollfd(fd: watcher.descriptor, events: Int16(POLLIN), revents: 0)
                answer = Int(Glibc.poll(&entry, 1, 0))
            default: exit(EXIT_FAILURE)
            }
            let generation = watcher.generation?.rawValue ?? 0
            LibraryClient.say("\(number): \(word): \(answer), generation \(generation)")
        } catch {
            LibraryClient.say("\(number): \(word): \(error)")
        }
    }

    /// Swift has it not, since threads and a fork do not go together. This process has none.
    private static let fork = {
        unsafeBitCast(dlsym(nil, "fork"), to: (@convention(c) () -> pid_t).self)
    }()
}
