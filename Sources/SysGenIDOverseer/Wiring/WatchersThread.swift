import SysGenID
import SysGenIDSystem

/// A thread that waits for the tracked watchers, since the device's ioctl blocks.
final class WatchersThread: Sendable {
    enum News: Hashable, Sendable {
        case upToDate(Generation, WatcherCount)
        case outdated(Generation, processes: [String])
    }

    /// Readable when there is something new.
    let signal: EventSignal
    private let wish: EventSignal
    private let state = Lock(State())
    private let path: String
    private let runtimeDirectory: String

    private struct State {
        /// Whose acknowledgements are waited for; nil is nobody's.
        var generation: Generation?
        var news: News?
    }

    /// How long a look takes at most that finds watchers outdated, in milliseconds.
    private static let part: UInt32 = 50
    /// How long to wait where the device cannot be asked, in milliseconds.
    private static let pause: CInt = 250

    init(path: String, runtimeDirectory: String) throws(SystemCallFailure) {
        signal = try EventSignal()
        wish = try EventSignal()
        (self.path, self.runtimeDirectory) = (path, runtimeDirectory)
        _ = try Thread(named: "watchers") { [self] in run() }
    }

    /// Waits for the watchers of this generation from now on, or for nobody.
    func wait(for generation: Generation?) {
        state.withLock { $0 = State(generation: generation) }
        wish.raise()
    }

    /// Takes what is new; nil where there is nothing.
    func take() -> News? {
        state.withLock { state in
            defer { state.news = nil }
            return state.news
        }
    }

    private func run() {
        while true {
            wish.clear()
            guard let generation = state.withLock({ $0.generation }) else {
                _ = waitUntilReadable([wish.descriptor.rawValue])
                continue
            }
            do throws(DeviceFailure) {
                try Overseer(path: path).waitForWatchers(timeoutMilliseconds: Self.part)
                let published = PublishedAttributes(in: runtimeDirectory)
                let count = WatcherCount(
                    all: published.watchers ?? 0, tracked: published.tracked ?? 0, outdated: published.outdated ?? 0)
                tell(.upToDate(generation, count), of: generation)
            } catch  where error.reason == .timedOut {
                let processes = PublishedAttributes(in: runtimeDirectory).outdatedProcesses ?? []
                tell(.outdated(generation, processes: processes), of: generation)
            } catch {
                _ = waitUntilReadable([wish.descriptor.rawValue], milliseconds: Self.pause)
            }
        }
    }

    /// Tells it, unless something else is wanted by now.
    private func tell(_ news: News, of generation: Generation) {
        let isWanted = state.withLock { state in
            guard state.generation == generation else { return false }
            if case .upToDate = news { state.generation = nil }
            state.news = news
            return true
        }
        if isWanted { signal.raise() }
    }
}
