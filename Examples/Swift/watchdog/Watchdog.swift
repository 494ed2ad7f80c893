// A watchdog: a thread that sleeps until the system was resumed or cloned, and then renews the secret that the rest of
// the program works with.
//
//     swift run watchdog [DEVICE [RUNTIME-DIR]]      each line of the input is a piece of work

import Glibc
import Synchronization
import SysGenID

/// Stands for a secret: a real one is taken from the system's random generator.
final class Secret: Sendable {
    private let generation: Mutex<Generation?>

    init(for generation: Generation?) {
        self.generation = Mutex(nil)
        renew(for: generation)
    }

    func renew(for generation: Generation?) {
        self.generation.withLock { $0 = generation }
        say("renewed the secret for generation \(generation?.description ?? "unknown")")
    }

    func work() {
        let generation = generation.withLock { $0 }
        say("worked with the secret of generation \(generation?.description ?? "unknown")")
    }
}

@main
struct Watchdog {
    static func main() throws {
        let arguments = CommandLine.arguments.dropFirst()
        let watcher = try GenerationWatcher(
            path: arguments.first ?? SystemGenerationDevice.defaultPath,
            runtimeDirectory: arguments.dropFirst().first ?? PublishedAttributes.defaultDirectory,
            isTracked: true)
        let secret = Secret(for: watcher.generation)

        // The thread goes on when the daemon is replaced, and gets no change for that.
        let watchdog = try watcher.follow { change in
            do {
                let generation = try change.get()
                secret.renew(for: generation)
                // Only now, so that an overseer waits until the secret is a new one.
                try watcher.acknowledge(generation)
            } catch {
                // Nobody would tell of the next clone: better no service than one that hands out duplicates.
                fatalError("\(error)")
            }
        }
        while readLine() != nil { secret.work() }
        watchdog.end()
    }
}

/// Prints a line at once: standard output would keep it, and flushing all streams waits for the one that is read.
func say(_ line: String) {
    let bytes = Array("\(line)\n".utf8)
    write(STDOUT_FILENO, bytes, bytes.count)
}
