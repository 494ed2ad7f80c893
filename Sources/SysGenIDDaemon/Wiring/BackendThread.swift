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

    init(_ backend: any Backend, service: GenerationService, logger: Logger) throws(SystemCallFailure) {
        stopSignal = try EventSignal()
        hasReported = try EventSignal()
        let started = try Thread(named: "backend") { [self] in
            backend.run(until: stopSignal) { [self] report in
                switch report {
                case .resume(let resume): service.resumed(resume)
                case .unreadable(let reason): logger.warning("backend \(backend.name): \(reason)")
                case .readable: logger.info("backend \(backend.name): its source can be read again")
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

    func stop() {
        stopSignal.raise()
        let running = thread.withLock { thread in
            defer { thread = nil }
            return thread
        }
        running?.join()
    }
}
