internal import Logging
internal import SysGenIDCore
internal import SysGenIDFrontends
internal import SysGenIDSystem

/// Where the daemon serves and keeps its state, and what it is asked for as far as that can be had there.
struct Places {
    /// With the limits that there is memory for, and with the frontend that the choice comes to.
    let configuration: Configuration
    let namespace: MountNamespace
    /// The path of the device.
    let device: String
    let access: DeviceAccess
    let directory: RuntimeDirectory
    let state: StateFile
    /// The path of the directory of devices.
    let devices: String
    /// The path of the page in the layout of a vmclock; nil where it is at none.
    let vmclock: String?

    init(_ asked: Configuration, _ logger: Logger) throws {
        var configuration = asked
        configuration.maxWatchers = Self.affordable(asked.limits, logger).watchers
        namespace = try MountNamespace(configuration.mountNamespace)
        device = try configuration.devicePath(in: namespace)
        configuration.frontend = try configuration.frontend.settled(
            at: device, in: namespace, systemRoot: configuration.systemRoot)
        access = try DeviceAccess(configuration, logger)
        directory = try RuntimeDirectory(path: configuration.runtimeDirectory)
        state = try StateFile(in: directory, bootID: try BootID.current())
        if case .damaged(let reason, let record) = state.loaded {
            logger.error(
                "\(directory.path(of: "state")) is damaged (\(reason)): going on with generation \(record.generation)")
        }
        devices = try configuration.devicesPath(in: namespace)
        vmclock = try configuration.vmclockPath(in: namespace)
        self.configuration = configuration
    }

    private static func affordable(_ limits: Limits, _ logger: Logger) -> Limits {
        let room = WatcherRoom.limits(limits, under: MemoryLimits().narrowest(beforeStacks: WatcherRoom.threads))
        if let remark = room.remark { logger.warning("\(remark)") }
        return room.limits
    }

    /// Takes away what a killed daemon has left at another path.
    func clearFormer(_ logger: Logger) {
        guard let former = directory.predecessorDevice, former != device else { return }
        logger.tell(cleared: StaleMounts.clearFormer(former, in: namespace), at: former)
    }

    /// Opens the device of somebody else that is driven; nil where the daemon serves one itself.
    func openDriven(for service: GenerationService, _ logger: Logger) throws -> KernelDevice? {
        guard !configuration.frontend.isServed else { return nil }
        logger.tell(cleared: StaleMounts.uncover(device, in: namespace), at: device)
        return try KernelDevice(
            service: service, path: device, in: namespace, systemRoot: configuration.systemRoot)
    }
}

extension Logger {
    /// - Parameter count: how many mounts were taken away.
    func tell(cleared count: Int, at path: String) {
        if count > 0 { notice("took away the mount at \(path) that a killed daemon had left") }
    }
}
