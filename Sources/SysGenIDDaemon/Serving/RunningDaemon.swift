internal import Logging
internal import SysGenIDFrontends
internal import SysGenIDSystem

/// A daemon that serves. It belongs to the main thread.
final class RunningDaemon {
    let logger: Logger
    let devicePath: String
    private let directory: RuntimeDirectory
    private let takeover: Takeover
    let service: GenerationService
    /// The device of somebody else that is driven; nil where the daemon serves one itself.
    private let driven: KernelDevice?
    let backendThread: BackendThread
    /// nil where nothing notices a resume.
    let hostEntropy: HostEntropyReader?
    let events: EventLog
    var publisher: AttributePublisher
    private(set) var selection: FrontendSelection

    /// Starts everything: the state first, then the backend, so that a change which was missed is there
    /// before the first client, and the frontends last.
    ///
    /// - Parameters:
    ///   - manager: whoever keeps descriptors for a successor.
    ///   - passed: what a predecessor has left there.
    init(
        _ configuration: Configuration, _ logger: Logger, _ manager: ServiceManager?,
        _ passed: consuming PassedDescriptors
    ) throws {
        self.logger = logger
        let places = try Places(configuration, logger)
        (devicePath, directory) = (places.device, places.directory)
        takeover = try Takeover(passed, from: manager, at: places, logger)
        places.clearFormer(logger)
        let prepared = try PreparedService(at: places, continuing: takeover, logger)
        (service, events, hostEntropy) = (prepared.service, prepared.events, prepared.hostEntropy)
        driven = try places.openDriven(for: service, logger)
        backendThread = try BackendThread(places.configuration, service: service, logger: logger)
        do {
            selection = try FrontendSelection(
                of: service, driving: driven, at: places, continuing: takeover, logger)
        } catch {
            backendThread.stop()
            hostEntropy?.stop()
            takeover.release()
            throw error
        }
        takeover.keep(service, selection.serving, logger)
        selection.tell(of: service, isDriving: driven != nil, at: places, logger)
        publisher = AttributePublisher(
            in: directory, of: service, driving: driven, prepared.history, device: devicePath,
            devicesDirectory: selection.directory == nil ? nil : places.devices,
            frontends: selection.frontends.map(\.name), logger)
        publisher.publishGeneration(backendThread.current)
        Confinement.complete(places.namespace, isDriving: driven != nil, logger)
        events.tellChanges()
    }

    /// What is served or driven, in one line.
    var summary: String {
        let mapping = selection.frontends.map { "\($0.name)\($0.mapping.remark)" }
            .text(separatedBy: " and ")
        let work =
            driven.map { "driving \(devicePath), \($0.phrase)\($0.mapping.remark)" }
            ?? "serving \(devicePath) by \(mapping)"
        return "\(work), backend \(backendThread.current.name), generation \(service.current)"
    }

    /// What is told of the daemon to whoever started it.
    var facts: StatusText.Facts {
        StatusText.Facts(summary: summary, watchers: driven == nil ? service.snapshot.census.watchers : nil)
    }

    /// Ends the process, and leaves everything as it is to a successor; returns where nobody keeps it.
    ///
    /// - Parameters:
    ///   - code: the exit code.
    ///   - finish: what is to be done last.
    func handOver(exitingWith code: Int32, finish: () -> Void) {
        guard takeover.handover != nil else { return }
        tellTheLast()
        logger.notice("handing over at generation \(service.current)")
        finish()
        OwnProcess.endAtOnce(code)
    }

    /// What has changed since the last look.
    private func tellTheLast() {
        service.recordAgain()
        publisher.publishGeneration(backendThread.current)
        events.tellChanges()
    }

    /// Stops everything, whatever can bring news first.
    func stop() {
        takeover.release()
        backendThread.stop()
        hostEntropy?.stop()
        service.shutDown()
        selection.stop()
        tellTheLast()
        if let failure = directory.removeAttributes() { logger.warning("\(failure)") }
        logger.notice("stopped at generation \(service.current)")
    }
}
