internal import Logging
internal import SysGenIDBackends
internal import SysGenIDCore
internal import SysGenIDFrontends
internal import SysGenIDSystem

/// Runs a backend on a thread of its own and hands what it reports to the service.
final class BackendThread: Sendable {
    private let logger: Logger
    /// Whether nothing takes over where the backend cannot read what it reads.
    private let isAlone: Bool
    private let hasPutOff: Bool
    private let stopSignal: EventSignal
    private let prompt: EventSignal
    private let hasLooked: EventSignal
    private let thread = Lock<Thread?>(nil)
    private let status: Lock<Status>

    /// By what resumes are noticed at present.
    struct Status: Equatable, Sendable {
        var name: String
        /// Why by this, in one line.
        var reason: String
        /// What it reads cannot be read at present, and there is nothing that takes over.
        var isFailing = false
        fileprivate var lastComplaint = ""
    }

    var current: Status { status.withLock(\.self) }

    init(
        _ choice: BackendCatalogue.Choice, reason: String, service: GenerationService, logger: Logger
    ) throws(SystemCallFailure) {
        let backend = choice.backend
        isAlone = backend is FileBackend
        hasPutOff = backend.hasPutOff
        self.logger = logger
        status = Lock(Status(name: backend.name, reason: reason))
        stopSignal = try EventSignal()
        prompt = try EventSignal()
        hasLooked = try EventSignal()
        let started = try Thread(named: "backend", keeping: Self.capabilities(for: backend)) { [self] in
            backend.run(until: stopSignal, lookingAgainAt: prompt) {
                service.rehearse($0)
            } report: { [self] in
                take($0, service)
            }
        }
        thread.withLock { $0 = started }
    }

    /// Opens the backend that is asked for, and lets it look for the first time.
    convenience init(_ configuration: Configuration, service: GenerationService, logger: Logger) throws {
        let choice = try BackendCatalogue(configuration).choice(for: configuration)
        choice.remarks.forEach { remark in logger.notice("\(remark)") }
        try self.init(choice, reason: choice.reason(configuration), service: service, logger: logger)
        if configuration.hasBackend { waitForFirstLook(milliseconds: 1_000) }
    }

    /// To reseed the kernel's random generator; and the file of somebody else may be for his eyes only.
    private static func capabilities(for backend: any Backend) -> Capabilities {
        backend is FileBackend ? [.systemAdministration, .readingAnyFile] : .systemAdministration
    }

    /// Waits until the backend has reported what it sees at its start, so that a change which was missed
    /// while no daemon ran is there before the first client.
    func waitForFirstLook(milliseconds: CInt) {
        _ = waitUntilReadable([hasLooked.descriptor.rawValue], milliseconds: milliseconds)
    }

    private func take(_ report: BackendReport, _ service: GenerationService) -> Recognition? {
        switch report {
        case .identity(let identity, let name): return service.identified(identity, by: name)
        case .reserve(let identity): service.remembered(identity)
        case .clock(let clock): service.hostClockSeen(clock)
        case .clockIsSettled: service.showHostClock()
        case .deciding(let name):
            note(deciding: name)
            service.censusSignal.raise()
        case .unreadable(let reason):
            status.withLock { status in
                status.lastComplaint = reason
                // Of several sources another one decides then.
                if isAlone { status.isFailing = true }
            }
            logger.warning("backend \(reason)")
            service.censusSignal.raise()
        case .readable(let name):
            if isAlone { status.withLock { $0.isFailing = false } }
            logger.notice("backend \(name): it can be read again")
            service.censusSignal.raise()
        case .hasLooked: hasLooked.raise()
        }
        return nil
    }

    private func note(deciding name: String) {
        let isNew = status.withLock { status in
            guard status.name != name else { return false }
            let complaint = status.lastComplaint
            status.name = name
            status.reason = complaint.isEmpty ? "it was found later" : "it took over: \(complaint)"
            return true
        }
        if isNew { logger.notice("from now on resumes are noticed by the backend \(name)") }
    }

    /// The thread, while there is one.
    var running: Thread? { thread.withLock(\.self) }

    /// Does what was put off until clients are served.
    func completeStart() {
        if hasPutOff { prompt.raise() }
    }

    /// Looks at all sources at once, also for those that were not there before.
    func lookAgain() {
        prompt.raise()
    }

    /// Ends the thread. One that hangs, as on a file whose server is gone, is left to end with the process.
    func stop() {
        stopSignal.raise()
        let running = thread.withLock { thread in
            defer { thread = nil }
            return thread
        }
        guard let running else { return }
        guard !waitUntilReadable([running.endDescriptor], milliseconds: 2_000).isEmpty else {
            return logger.warning("the backend hangs and is left behind")
        }
        running.join()
    }
}

extension BackendCatalogue.Choice {
    /// Why it is this backend, in one line.
    fileprivate func reason(_ configuration: Configuration) -> String {
        let isAutomatic = configuration.backend == .auto
        let start =
            isAutomatic ? "the best that this machine has" : "asked for by --backend \(configuration.backend.rawValue)"
        return ([start] + remarks).text(separatedBy: "; ")
    }
}
