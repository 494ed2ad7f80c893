// A cached secret that is looked after in line: one load before it is used, and one after, without a system call. This is
// for code that runs often, as a random generator or a TLS record.
//
//     swift run cached-secret [DEVICE [RUNTIME-DIR]]     each line of the input is a request; "slow" takes a while

import Glibc
import SysGenID

struct Secret {
    let generation: Generation
    let number: Int
    private var random = SystemRandomNumberGenerator()
    private let key: UInt64

    init(for generation: Generation, number: Int) {
        self.generation = generation
        self.number = number
        key = random.next()
    }

    /// What is made of the secret and the request: it must not leave the program if another system could make the same.
    func answer(_ request: String) -> UInt64 {
        if request == "slow" { usleep(500_000) }
        return request.utf8.reduce(key) { $0 &* 31 &+ UInt64($1) }
    }
}

@main
struct CachedSecret {
    static func main() throws {
        let arguments = CommandLine.arguments.dropFirst()
        let watcher = try GenerationWatcher(
            path: arguments.first ?? SystemGenerationDevice.defaultPath,
            runtimeDirectory: arguments.dropFirst().first ?? PublishedAttributes.defaultDirectory)
        guard let probe = watcher.probe else { fatalError("the device cannot be mapped, and no page is published") }
        // Keeps the page the right one when the daemon is replaced; it has nothing else to do.
        let following = try watcher.follow { change in
            guard case .failure(let failure) = change else { return }
            fatalError("\(failure)")
        }

        var secret = Secret(for: probe.load(), number: 1)
        while let request = readLine() {
            while true {
                let generation = probe.load()
                if generation != secret.generation { secret = Secret(for: generation, number: secret.number + 1) }
                _ = secret.answer(request)
                if probe.load() == generation { break }
                // The system was cloned in the middle: each clone has this result.
                print("thrown away what was made with secret \(secret.number)")
            }
            print("answered with secret \(secret.number) of generation \(secret.generation)")
            fflush(nil)
        }
        following.end()
    }
}
