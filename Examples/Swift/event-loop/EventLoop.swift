// An event loop of the program's own, in which the watcher is one descriptor among others: here with poll(2), and in the
// same way with epoll(7) or in the loop of a framework. The descriptor stays the same when the daemon is replaced.
//
//     swift run event-loop [DEVICE [RUNTIME-DIR]]    each line of the input is a piece of work

import Glibc
import SysGenID

/// Stands for a secret: a real one is taken from the system's random generator.
struct Secret {
    private var generation: Generation?

    mutating func renew(for generation: Generation?) {
        self.generation = generation
        say("renewed the secret for generation \(generation?.description ?? "unknown")")
    }

    func work() {
        say("worked with the secret of generation \(generation?.description ?? "unknown")")
    }
}

@main
struct EventLoop {
    static func main() throws {
        let arguments = CommandLine.arguments.dropFirst()
        let watcher = try GenerationWatcher(
            path: arguments.first ?? SystemGenerationDevice.defaultPath,
            runtimeDirectory: arguments.dropFirst().first ?? PublishedAttributes.defaultDirectory,
            isTracked: true)
        var secret = Secret()
        secret.renew(for: watcher.generation)

        var entries = [STDIN_FILENO, watcher.descriptor].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        while true {
            guard poll(&entries, nfds_t(entries.count), -1) > 0 else { continue }
            // The change first: what is asked for meanwhile gets the new secret.
            if entries[1].revents != 0, let generation = try watcher.nextChange() {
                secret.renew(for: generation)
                try watcher.acknowledge(generation)
            }
            if entries[0].revents != 0 {
                var input = [UInt8](repeating: 0, count: 256)
                let count = read(STDIN_FILENO, &input, input.count)
                guard count > 0 else { return }
                for byte in input.prefix(count) where byte == UInt8(ascii: "\n") { secret.work() }
            }
        }
    }
}

func say(_ line: String) {
    print(line)
    fflush(nil)
}
