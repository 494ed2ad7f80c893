import SysGenID
import SysGenIDSystem

/// A thread that follows the device: whatever has to do with it may wait for a daemon that does not answer.
final class DeviceThread: Sendable {
    /// What is known of the device.
    struct News: Sendable {
        /// nil as long as nothing shows it.
        var generation: Generation?
        var isServed = false
        /// The mapped page, where the device can be mapped.
        var probe: GenerationProbe?
        /// Why it can be followed no longer.
        var failure: DeviceFailure?
    }

    /// Readable when there is something new.
    let signal: EventSignal
    private let state = Lock(News())

    /// Begins to follow the device, which may come later.
    init(path: String, runtimeDirectory: String) throws(SystemCallFailure) {
        signal = try EventSignal()
        _ = try Thread(named: "device") { [self] in follow(path, runtimeDirectory) }
    }

    var news: News { state.withLock { $0 } }

    private func follow(_ path: String, _ runtimeDirectory: String) {
        do throws(DeviceFailure) {
            let watcher = try GenerationWatcher(path: path, runtimeDirectory: runtimeDirectory, waitsForDevice: true)
            note(watcher)
            while true {
                if let generation = try watcher.nextChange() {
                    note(watcher)
                    // Nobody waits for the overseer's own watcher.
                    try watcher.acknowledge(generation)
                } else {
                    note(watcher)
                    _ = waitUntilReadable([watcher.descriptor])
                }
            }
        } catch {
            state.withLock { $0.failure = error }
            signal.raise()
        }
    }

    private func note(_ watcher: GenerationWatcher) {
        let (generation, isServed, probe) = (watcher.generation, watcher.isConnected, watcher.probe)
        let isNew = state.withLock { news in
            let isNew = news.generation != generation || news.isServed != isServed
            (news.generation, news.isServed, news.probe) = (generation, isServed, probe)
            return isNew
        }
        if isNew { signal.raise() }
    }
}
