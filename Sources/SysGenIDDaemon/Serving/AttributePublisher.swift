internal import Logging
internal import SysGenIDCore
internal import SysGenIDFrontends
internal import SysGenIDSystem

/// Keeps the published attributes as things are. It belongs to the main thread, which asks it whenever something may
/// have changed, and at each tick: what is published is put together only where something has changed.
struct AttributePublisher {
    private let directory: RuntimeDirectory
    private let service: GenerationService
    private let driven: KernelDevice?
    private let history: ChangeHistory
    private let device: String
    private let devicesDirectory: String?
    private let frontends: [String]
    private let logger: Logger
    private var outdated = OutdatedProcesses()
    private var published: Grounds?
    private var containers = (version: ContainerFiguresVersion?.none, nextLook: UInt64(0))

    /// What the attributes are made of that can change.
    private struct Grounds: Equatable {
        var generation: Generation
        var watchers: WatcherFigures
        var backend: BackendThread.Status
        var outdatedProcesses: [String]?
        var changeCount: UInt64
        var containers: Int
        var clock: ClockFigures?
    }

    /// - Parameters:
    ///   - driven: the device of somebody else whose watchers there are; nil where they are the service's.
    ///   - devicesDirectory: where the devices of containers are; nil where there can be none.
    init(
        in directory: RuntimeDirectory, of service: GenerationService, driving driven: KernelDevice?,
        _ history: ChangeHistory, device: String, devicesDirectory: String?, frontends: [String], _ logger: Logger
    ) {
        self.directory = directory
        self.service = service
        self.driven = driven
        self.history = history
        self.device = device
        self.devicesDirectory = devicesDirectory
        self.frontends = frontends
        self.logger = logger
        if service.containerFiguresVersion == nil { report(directory.publishContainers(nil)) }
    }

    /// Publishes the generation, and leaves the rest to the next time.
    func publishGeneration(_ backend: BackendThread.Status) {
        let attributes = attributes(service.current, WatcherFigures(), backend)
        report(directory.publish(attributes, onlyUrgent: true))
    }

    /// Publishes what has changed.
    ///
    /// - Returns: whether anything had.
    mutating func publish(_ backend: BackendThread.Status) -> Bool {
        publishContainers()
        let (generation, census) = service.snapshot
        let watchers = driven.map { WatcherFigures(outdated: $0.outdatedCount) } ?? WatcherFigures(census)
        let grounds = Grounds(
            generation: generation, watchers: watchers, backend: backend,
            outdatedProcesses: driven == nil ? outdated.lines(of: service, generation, census) : nil,
            changeCount: history.count, containers: service.containerCount, clock: service.clockFigures)
        guard grounds != published || directory.isFailing else { return false }
        var attributes = attributes(generation, watchers, backend)
        attributes.outdatedProcesses = grounds.outdatedProcesses
        attributes.changes = history.summary
        attributes.containers = grounds.containers
        attributes.clock = grounds.clock
        report(directory.publish(attributes))
        published = grounds
        return true
    }

    /// How long the figures of containers stay as they are at least, in nanoseconds: there may be megabytes of them.
    private static let containerInterval: UInt64 = 1_000_000_000

    private mutating func publishContainers() {
        guard let version = service.containerFiguresVersion, version != containers.version else { return }
        let now = MonotonicClock.now()
        guard now >= containers.nextLook else { return }
        containers.nextLook = now + Self.containerInterval
        report(directory.publishContainers(ContainerMetrics(service.containerFigures).bytes))
        // What could not be written is tried again.
        if !directory.areContainersFailing { containers.version = version }
    }

    private func attributes(
        _ generation: Generation, _ watchers: WatcherFigures, _ backend: BackendThread.Status
    ) -> Attributes {
        var attributes = Attributes(
            generation: generation, pageOffset: CounterPage.generationOffset, watchers: watchers, backend: backend.name,
            backendReason: backend.reason, frontends: frontends, processID: OwnProcess.id, device: device)
        attributes.reseed = history.lastReseed
        attributes.isBackendFailing = backend.isFailing
        attributes.devicesDirectory = devicesDirectory
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
