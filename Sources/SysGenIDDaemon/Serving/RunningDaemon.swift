internal import Logging
internal import SysGenIDBackends
internal import SysGenIDCore
internal import SysGenIDFrontends
internal import SysGenIDFuse
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
        var configuration = configuration
        let limit = MemoryLimits().narrowest(beforeStacks: WatcherRoom.threads)
        let room = WatcherRoom.limits(configuration.limits, under: limit)
        if let remark = room.remark { logger.warning("\(remark)") }
        configuration.limits = room.limits
        let namespace = try MountNamespace(configuration.mountNamespace)
        devicePath = try configuration.devicePath(in: namespace)
        configuration.frontend = try configuration.frontend.settled(
            at: devicePath, in: namespace, systemRoot: configuration.systemRoot)
        let access = try DeviceAccess(configuration, logger)
        directory = try RuntimeDirectory(path: configuration.runtimeDirectory)
        let state = try StateFile(in: directory, bootID: try BootID.current())
        if case .damaged(let reason, let record) = state.loaded {
            logger.error(
                "\(directory.path(of: "state")) is damaged (\(reason)): going on with generation \(record.generation)")
        }
        let devicesPath = try configuration.devicesPath(in: namespace)
        let vmclockPath = try configuration.vmclockPath(in: namespace)
        takeover = try Takeover(
            passed, from: manager, configuration, devicePath: devicePath, devicesPath: devicesPath,
            containers: ContainerDevices.left(in: directory.path), in: namespace, logger)
        if let former = directory.predecessorDevice, former != devicePath {
            Self.tell(cleared: StaleMounts.clearFormer(former, in: namespace), at: former, logger)
        }
        let record = takeover.handover?.inheritance?.record ?? state.loaded.record
        let pages = try ServedPages(in: directory, continuing: takeover.handover?.page, record.generation, logger)
        let forged = ForgedFile(in: directory)
        let events = EventLog(logger)
        // A record of another boot is void, and so is what was published in it.
        let history = ChangeHistory(continuing: state.loaded == .fresh ? nil : directory.predecessorReseed)
        self.events = events
        LibraryLog.redirect { message in events.report(message) }
        hostEntropy = try configuration.hasBackend ? HostEntropyReader(HostEntropy(configuration)) : nil
        service = try GenerationService(
            continuing: record, limits: takeover.limits(configuration.limits, logger),
            journal: Publication(state: state, page: pages.copy, forged: forged), page: pages.counterPage,
            mayPageBeWritten: pages.wasThereBefore,
            forged: forged.continued(at: record.generation, pageShowed: pages.found, logger),
            handover: takeover.handover,
            containers: Self.containers(configuration, in: directory, continuing: takeover, record.generation, logger),
            reseeder: Reseeder(hostEntropy),
            report: { event in
                events.report(event)
                history.note(event, at: WallClock.now())
            })
        service.finishInheritedChange()
        if configuration.frontend.isServed {
            driven = nil
        } else {
            Self.tell(cleared: StaleMounts.uncover(devicePath, in: namespace), at: devicePath, logger)
            driven = try KernelDevice(
                service: service, path: devicePath, in: namespace, systemRoot: configuration.systemRoot)
        }

        let choice = try BackendCatalogue(configuration).choice(for: configuration)
        choice.remarks.forEach { remark in logger.notice("\(remark)") }
        backendThread = try BackendThread(
            choice, reason: Self.reason(for: choice, configuration), service: service, logger: logger)
        if configuration.hasBackend { backendThread.waitForFirstLook(milliseconds: 1_000) }

        do {
            if let driven {
                selection = try FrontendSelection(driving: driven)
            } else {
                if takeover.inheritance(of: .counterFile) == nil {
                    Self.tell(cleared: try StaleMounts.clear(devicePath, in: namespace), at: devicePath, logger)
                }
                selection = try FrontendSelection(
                    configuration.frontend, service: service, path: devicePath, in: namespace, access: access,
                    time: WallClock.now(), continuing: takeover)
            }
            // Before the kernel can have anything of it in its cache.
            if vmclockPath != nil { service.raiseClock() }
            if configuration.servesContainers, driven == nil, service.hasContainers {
                selection.addDirectory(
                    of: service, at: devicesPath, in: namespace, access: access, time: WallClock.now(),
                    continuing: takeover)
            } else if takeover.inheritance(of: .deviceDirectory) != nil {
                // Nobody serves what is open there: its connection ends here.
                _ = takeover.takeConnection(of: .deviceDirectory)
                takeover.abandon(.deviceDirectory, of: service)
            }
            if let vmclockPath {
                selection.add(
                    ClockMount(of: service, at: vmclockPath, in: namespace, mayCover: configuration.coversVMClock),
                    from: devicesPath)
            }
            guard selection.isReachable else {
                selection.stop()
                throw FrontendFailure(
                    "\(devicePath) leads elsewhere, see 'findmnt \(devicePath)': what has covered it?")
            }
        } catch {
            backendThread.stop()
            hostEntropy?.stop()
            takeover.release()
            throw error
        }
        takeover.keep(service, selection.serving, logger)
        selection.remarks.forEach { remark in logger.notice("\(remark)") }
        if let obstacle = configuration.containerObstacle, obstacle.reason == .takesFuse {
            logger.notice("containers have no devices of their own: \(obstacle.words)")
        } else if let directory = selection.directory {
            logger.notice(
                """
                containers have their devices below \(devicesPath)\(directory.mapping.remark), \
                \(service.containerCount) of at most \(configuration.maxContainers)
                """)
        }
        if let vmclockPath, selection.clock != nil {
            logger.notice("programs find the generation in the layout of a vmclock at \(vmclockPath)")
        }
        if driven == nil, !selection.isMappable {
            logger.warning(
                """
                the device cannot be mapped: programs that map it will be slow or fail; \
                load the kernel's module with 'modprobe fuse', or preload libsysgenid-preload.so
                """)
        }
        publisher = AttributePublisher(
            in: directory, of: service, driving: driven, history, device: devicePath,
            devicesDirectory: selection.directory == nil ? nil : devicesPath,
            frontends: selection.frontends.map(\.name), logger)
        _ = publisher.publish(backendThread.current)
        Confinement.complete(namespace, isDriving: driven != nil, logger)
        events.tellChanges()
        logger.notice("\(summary)")
    }

    /// What is served or driven, in one line.
    var summary: String {
        let mapping = selection.frontends.map { "\($0.name)\($0.mapping.remark)" }.joined(separator: " and ")
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

    /// The devices of containers that a predecessor has left; nil where there can be none.
    private static func containers(
        _ configuration: Configuration, in directory: RuntimeDirectory, continuing takeover: Takeover,
        _ generation: Generation, _ logger: Logger
    ) -> ContainerDevices? {
        guard configuration.servesContainers else { return nil }
        do {
            let devices = try ContainerDevices(
                in: directory.path, limit: configuration.maxContainers, system: generation,
                last: takeover.handover?.inheritance?.lastContainerChange,
                isContinued: takeover.inheritance(of: .deviceDirectory) != nil)
            if let defect = devices.defect {
                logger.error(
                    """
                    \(directory.path(of: "device-table")) is damaged (\(defect)): containers have lost their devices, \
                    which have to be made again
                    """)
            }
            return devices
        } catch {
            logger.warning("containers have no devices of their own: \(error)")
            return nil
        }
    }

    /// - Parameter cleared: how many mounts were taken away.
    private static func tell(cleared: Int, at path: String, _ logger: Logger) {
        if cleared > 0 { logger.notice("took away the mount at \(path) that a killed daemon had left") }
    }

    /// Why it is this backend, in one line.
    private static func reason(for choice: BackendCatalogue.Choice, _ configuration: Configuration) -> String {
        let isAutomatic = configuration.backend == .auto
        let start =
            isAutomatic ? "the best that this machine has" : "asked for by --backend \(configuration.backend.rawValue)"
        return ([start] + choice.remarks).joined(separator: "; ")
    }
}

extension Mapping {
    fileprivate var remark: String {
        switch self {
        case .native: " (native mmap)"
        case .readOnlyDescriptors: " (mmap of read-only descriptors)"
        case .none: " (no mmap)"
        }
    }
}
