internal import Logging
internal import Synchronization
internal import SysGenIDBackends
internal import SysGenIDFrontends
internal import SysGenIDSystem

/// Runs a backend on a thread of its own and hands what it reports to the service.
final class BackendThread: Sendable {
    private let stopSignal: EventSignal
    private let hasReported: EventSignal
    private let thread = Mutex<Thread?>(nil)
    private let name: Mutex<String>

    /// The name of the source that resumes are noticed by at present.
    var decidingName: String { name.withLock(\.self) }

    init(_ backend: any Backend, service: GenerationService, logger: Logger) throws(SystemCallFailure) {
        name = Mutex(backend.name)
        stopSignal = try EventSignal()
        hasReported = try EventSignal()
        let started = try Thread(named: "backend") { [self] in
            backend.run(until: stopSignal) { [self] report in
                switch report {
                case .identity(let identity): service.identified(identity)
                case .reserve(let identity): service.remembered(identity)
                case .deciding(let name): take(name, logger)
                case .unreadable(let reason): logger.warning("backend \(reason)")
                case .readable(let name): logger.notice("backend \(name): it can be read again")
                }
                hasReported.raise()
            }
        }
        thread.withLock { $0 = started }
    }

    /// Waits until the backend has reported what it sees at its start, so that a change which was missed
    /// while no daemon ran is there before the first client.
    func waitForFirstReport(milliseconds: CInt) {
        _ = waitUntilReadable([hasReported.descriptor.rawValue], milliseconds: milliseconds)
    }

    private func take(_ name: String, _ logger: Logger) {
        let former = self.name.withLock { current in
            defer { current = name }
            return current
        }
        if former != name { logger.notice("from now on resumes are noticed by the backend \(name)") }
    }

    func stop() {
        stopSignal.raise()
        let running = thread.withLock { thread in
            defer { thread = nil }
            return thread
        }
        running?.join()
    }
}
