// A cached secret that is looked after in line: a look before it is used, and one after, of a load or three, without a system
// call. This is for code that runs often, as a random generator or a TLS record.
//
// Where the hypervisor's own page can be mapped, no use after a resume is let out, not even one by the first instruction.
//
//     swift run cached-secret [DEVICE [RUNTIME-DIR]]     each line of the input is a request; "slow" takes a while

import Glibc
import SysGenID

struct Secret {
    let mark: GenerationProbe.Mark
    let generation: Generation
    let number: Int
    private var random = SystemRandomNumberGenerator()
    private let key: UInt64

    init(_ probe: GenerationProbe, number: Int) {
        // Before it is renewed, so that a change in the middle of that is another one.
        mark = probe.mark()
        generation = probe.load()
        self.number = number
        key = random.next()
    }

    /// The hypervisor shows a resume before the kernel's random generator has been reseeded, and the generation after that.
    /// Where nobody makes a new one, the secret is renewed all the same, and once more if it comes.
    func renewed(_ probe: GenerationProbe) -> Secret {
        for _ in 0..<1_000 where probe.mark().awaitsGeneration(since: mark) { usleep(1_000) }
        return Secret(probe, number: number + 1)
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
        // Not each machine has the hypervisor's page, and not each user may map it.
        guard let probe = watcher.probe?.withClock() else {
            fatalError("the device cannot be mapped, and no page is published")
        }
        // Keeps the page the right one when the daemon is replaced; it has nothing else to do.
        let following = try watcher.follow { change in
            guard case .failure(let failure) = change else { return }
            fatalError("\(failure)")
        }

        var secret = Secret(probe, number: 1)
        while let request = readLine() {
            while true {
                if probe.mark() != secret.mark { secret = secret.renewed(probe) }
                _ = secret.answer(request)
                if probe.mark() == secret.mark { break }
                // The system was cloned in the middle: each clone has this result.
                print("thrown away what was made with secret \(secret.number)")
            }
            print("answered with secret \(secret.number) of generation \(secret.generation)")
            fflush(nil)
        }
        following.end()
    }
}
