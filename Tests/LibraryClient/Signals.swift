import Glibc
import SysGenID

extension LibraryClient {
    /// Takes signals by sigwait(3), those that are for the process, while threads of the library follow the changes and
    /// wait for watchers. It blocks them when it has read a line, takes them when it has read another, and ends with the
    /// signal of interruption.
    static func takeSignals(following watcher: GenerationWatcher, overseeing overseer: Overseer) throws {
        let following = try watcher.follow { change in
            guard case .success(let generation) = change else { return }
            say("generation \(generation)")
        }
        // The watcher is outdated from here on, so that the wait goes on.
        _ = try Overseer(path: watcher.path).trigger()
        Task { try await overseer.watchersReadjust() }
        // The threads are there before the signals are blocked, which they would have from this one.
        _ = readLine()
        var signals = sigset_t()
        sigemptyset(&signals)
        for number in [SIGTERM, SIGUSR1, SIGALRM, SIGINT, firstRealTimeSignal, firstRealTimeSignal + 1] {
            sigaddset(&signals, number)
        }
        pthread_sigmask(SIG_BLOCK, &signals, nil)
        say("ready")
        // They come while nobody waits for them: one that is blocked everywhere is kept, and any other ends the program.
        _ = readLine()
        var number: CInt = 0
        repeat {
            sigwait(&signals, &number)
            say("signal \(number)")
        } while number != SIGINT
        following.end()
    }

    private static var firstRealTimeSignal: CInt { __libc_current_sigrtmin() }
}
