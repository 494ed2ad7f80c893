// The changes of the generation as an asynchronous sequence, for programs with Swift's concurrency: the loop's body runs
// after each resume or clone of the system.
//
//     swift run async-sequence [DEVICE [RUNTIME-DIR]]

import Glibc
import SysGenID

/// Stands for what has to be unique, as keys or leases.
actor Secret {
    private var generation: Generation?

    func renew(for generation: Generation?) {
        self.generation = generation
        print("renewed the secret for generation \(generation?.description ?? "unknown")")
        fflush(nil)
    }
}

@main
struct AsyncLoop {
    static func main() async throws {
        let arguments = CommandLine.arguments.dropFirst()
        let watcher = try GenerationWatcher(
            path: arguments.first ?? SystemGenerationDevice.defaultPath,
            runtimeDirectory: arguments.dropFirst().first ?? PublishedAttributes.defaultDirectory,
            isTracked: true)
        let secret = Secret()
        await secret.renew(for: watcher.generation)

        // No thread of Swift's own blocks here. Cancel the task to end the loop.
        for try await generation in watcher {
            await secret.renew(for: generation)
            // An overseer waits for this.
            try watcher.acknowledge(generation)
        }
    }
}
