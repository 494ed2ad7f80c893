internal import Logging
internal import SysGenIDCore
internal import SysGenIDFrontends
internal import SysGenIDSystem

/// Keeps the published attributes as things are. It belongs to the main thread, which asks it whenever something may
/// have changed, and at each tick: what is published is put together only where something has changed.
struct AttributePublisher {
    private let directory: RuntimeDirectory
    private let service: GenerationService
    private let history: ChangeHistory
    private let device: String
    private let frontends: [String]
    private let logger: Logger
    private var outdated = OutdatedProcesses()
    private var published: Grounds?

    /// What the attributes are made of that can change.
    private struct Grounds: Equatable {
        var generation: Generation
        var census: Census
        var backend: BackendThread.Status
        var outdatedProcesses: [String]
        var changeCount: UInt64
    }

    init(
        in directory: RuntimeDirectory, of service: GenerationService, _ history: ChangeHistory, device: String,
        frontends: [String], _ logger: Logger
    ) {
        self.directory = directory
        self.service = service
        self.history = history
        self.device = device
        self.frontends = frontends
        self.logger = logger
    }

    /// Publishes the generation, and leaves the rest to the next time.
    func publishGeneration(_ backend: BackendThread.Status) {
        let (generation, census) = service.snapshot
        report(directory.publish(attributes(generation, census, backend), onlyUrgent: true))
    }

    /// Publishes what has changed.
    ///
    /// - Returns: whether anything had.
    mutating func publish(_ backend: BackendThread.Status) -> Bool {
        let (generation, census) = service.snapshot
        let grounds = Grounds(
            generation: generation, census: census, backend: backend,
            outdatedProcesses: outdated.lines(of: service, generation, census), changeCount: history.count)
        guard grounds != published || directory.isFailing else { return false }
        var attributes = attributes(generation, census, backend)
        attributes.outdatedProcesses = grounds.outdatedProcesses
        attributes.changes = history.summary
        report(directory.publish(attributes))
        published = grounds
        return true
    }

    private func attributes(_ generation: Generation, _ census: Census, _ backend: BackendThread.Status) -> Attributes {
        var attributes = Attributes(
            generation: generation, pageOffset: CounterPage.generationOffset, census: census, backend: backend.name,
            backendReason: backend.reason, frontends: frontends, processID: OwnProcess.id, device: device)
        attributes.reseed = history.lastReseed
        attributes.isBackendFailing = backend.isFailing
        return attributes
    }

    private func report(_ news: RuntimeDirectory.PublicationNews?) {
        switch news {
        case .failing(let failure)?: logger.error("the attributes cannot be published: \(failure)")
        case .working?: logger.notice("the attributes can be published again")
        case nil: break
        }
    }
}
