internal import Logging
internal import SysGenIDCore
internal import SysGenIDFrontends
internal import SysGenIDSystem

/// What outlives the daemon: the descriptors that the service manager keeps. It belongs to the main thread.
///
/// The memory says what the connections are. So it is kept before them, and one without it is worth nothing.
final class Takeover {
    /// What the service continues, and where it leaves what a successor needs; nil where nobody would keep it.
    private(set) var handover: Handover?
    private let manager: ServiceManager?
    private var passed: PassedDescriptors
    private let devicesPath: String
    /// The names of what the manager has.
    private var kept: Set<String>

    private static let pageName = "sysgenid-page"
    private static let memoryName = "sysgenid-watchers"
    /// The names of all that is kept.
    static let names = Set([pageName, memoryName] + FrontendKind.allCases.map(name))

    private static func name(of kind: FrontendKind) -> String {
        switch kind {
        case .characterDevice: "sysgenid-cuse"
        case .counterFile: "sysgenid-fuse"
        case .deviceDirectory: "sysgenid-devices"
        }
    }

    /// Reads what a predecessor has left. What cannot be continued is ended, so that its clients are free.
    init(
        _ passed: consuming PassedDescriptors, from manager: ServiceManager?, at places: Places, _ logger: Logger
    ) throws {
        let (configuration, namespace, devicePath) = (places.configuration, places.namespace, places.device)
        let containers = ContainerDevices.left(in: places.directory.path)
        devicesPath = places.devices
        self.manager = manager
        kept = passed.names
        self.passed = passed
        // Where the predecessor has served, as far as that can be read.
        var place = devicePath
        var found: Handover?
        do {
            found = try takeHandover()
            place = found?.inheritance?.device ?? place
            if place != devicePath { throw Obstacle(description: "it served \(place)") }
        } catch {
            found = nil
            logger.error("cannot take over from the predecessor: \(error); starting afresh")
        }
        let wanted: Set<FrontendKind> =
            found?.inheritance?.connected.filter {
                configuration.wants($0) && Self.isAgreed($0, found?.inheritance, logger)
                    && ($0 != .deviceDirectory || Self.areKept(containers, found?.inheritance, logger))
            } ?? []
        // The kernel takes a mount away with the node that it covers.
        let file = wanted.contains(.counterFile) ? CounterFile.hold(at: place, in: namespace) : nil
        try end(notIn: wanted, of: &found, at: place, isFormer: place != devicePath, in: namespace, logger)
        let served = try wanted.filter {
            try Self.isServed(
                $0, by: self.passed.number(of: Self.name(of: $0)), leftBy: found?.inheritance,
                at: $0 == .deviceDirectory ? devicesPath : place, in: namespace)
        }
        try end(notIn: served, of: &found, at: place, isFormer: place != devicePath, in: namespace, logger)
        _ = consume file
        if found != nil, served.subtracting([.deviceDirectory]).isEmpty {
            try end(notIn: [], of: &found, at: place, isFormer: place != devicePath, in: namespace, logger)
            found = nil
            logger.error("cannot take over from the predecessor: nothing that it served is left; starting afresh")
        }
        if let inheritance = found?.inheritance {
            logger.notice(
                "taking over at generation \(inheritance.record.generation), with \(inheritance.watcherCount) watchers")
        }
        if found == nil {
            kept.sorted().forEach { manager?.forget($0) }
            kept = []
            if manager != nil, configuration.frontend.isServed,
                let memory = try HandoverMemory(device: devicePath, limits: configuration.limits)
            {
                found = Handover(new: memory)
            }
        }
        handover = found
    }

    /// The limits that hold for this daemon: the memory of a predecessor has room for as many watchers as it asked for.
    func limits(_ wanted: Limits, _ logger: Logger) -> Limits {
        guard let capacity = handover?.memory.watcherCapacity, capacity < wanted.watchers else { return wanted }
        logger.warning("--max-watchers \(wanted.watchers) holds after the next stop; until then it is \(capacity)")
        return Limits(watchers: capacity)
    }

    /// What the predecessor of a frontend has left; nil where it has none.
    func inheritance(of kind: FrontendKind) -> Inheritance? {
        handover?.inheritance.flatMap { $0.connected.contains(kind) ? $0 : nil }
    }

    /// The connection of a frontend's predecessor, to be taken once.
    func takeConnection(of kind: FrontendKind) -> OwnedDescriptor? {
        passed.take(Self.name(of: kind))
    }

    /// A frontend that was to be continued could not be started: nothing of it goes on, now or later.
    func abandon(_ kind: FrontendKind, of service: GenerationService) {
        guard let inheritance = inheritance(of: kind) else { return }
        service.abandon(kind, leftBy: inheritance)
        forget(kind)
    }

    /// Leaves with the service manager what a successor needs.
    func keep(_ service: GenerationService, _ frontends: [any ServingFrontend], _ logger: Logger) {
        guard let handover else { return }
        do throws(SystemCallFailure) {
            try keep(service.page.file.rawValue, Self.pageName)
            try keep(handover.memory.memory.file.rawValue, Self.memoryName)
            for frontend in frontends { try keep(frontend.connection, Self.name(of: frontend.kind)) }
        } catch {
            // A part of it is worth nothing.
            release()
            logger.warning(
                """
                the service manager cannot be given what a successor needs (\(error)): a restart or a crash of the \
                daemon will end all that programs have open; look whether something listens at NOTIFY_SOCKET
                """)
        }
    }

    /// Takes it all back: there will be no successor.
    func release() {
        kept.sorted().forEach { manager?.forget($0) }
        kept = []
    }

    private func keep(_ descriptor: CInt, _ name: String) throws(SystemCallFailure) {
        guard !kept.contains(name) else { return }
        try manager?.keep(descriptor, named: name)
        kept.insert(name)
    }

    /// Whether this daemon would agree with the kernel on what its predecessor has agreed on, which holds for the life of
    /// the connection.
    private static func isAgreed(_ kind: FrontendKind, _ inheritance: Inheritance?, _ logger: Logger) -> Bool {
        let differences = inheritance?.disagreements(of: kind) ?? []
        guard !differences.isEmpty else { return true }
        logger.warning(
            """
            the predecessor has agreed with the kernel on something else (\(differences.joined(separator: ", "))) than \
            this version does: \(name(of: kind)) is started afresh, and what is open ends with an error
            """)
        return false
    }

    /// Whether what clients have open in the directory of devices is known still. Else they would be told of generations
    /// that are not those of their devices.
    private static func areKept(
        _ containers: Set<DeviceID>?, _ inheritance: Inheritance?, _ logger: Logger
    ) -> Bool {
        // That the table cannot be read is told where it is begun anew.
        guard let containers else { return false }
        let missing = inheritance?.openContainers.subtracting(containers) ?? []
        guard !missing.isEmpty else { return true }
        logger.error(
            "\(missing.count) containers' devices that are open are not in their table: what is open ends with an error"
        )
        return false
    }

    /// Reads the memory, where there is a predecessor.
    private func takeHandover() throws -> Handover? {
        guard !passed.names.isEmpty else { return nil }
        guard let memory = passed.take(Self.memoryName), let page = passed.take(Self.pageName) else {
            throw Obstacle(description: "its page or its memory is missing")
        }
        return try Handover(
            continuing: try SharedMemory(adopting: memory, named: Self.memoryName), try CounterPage(adopting: page))
    }

    /// Whether clients can go on to reach what a predecessor serves over the connection.
    private static func isServed(
        _ kind: FrontendKind, by connection: CInt?, leftBy inheritance: Inheritance?, at path: String,
        in namespace: MountNamespace
    ) throws(SystemCallFailure) -> Bool {
        guard let connection else { return false }
        return switch kind {
        case .characterDevice: CharacterDevice.isReachable(at: path)
        case .counterFile: try CounterFile.ensureMount(of: connection, leftBy: inheritance, at: path, in: namespace)
        case .deviceDirectory:
            try DeviceDirectory.ensureMount(of: connection, leftBy: inheritance, at: path, in: namespace)
        }
    }

    /// Ends what of a predecessor does not go on, and takes it away from the memory.
    private func end(
        notIn kinds: Set<FrontendKind>, of found: inout Handover?, at path: String, isFormer: Bool,
        in namespace: MountNamespace, _ logger: Logger
    ) throws {
        let inheritance = found?.inheritance
        found?.keepOnly(kinds)
        for kind in FrontendKind.allCases where !kinds.contains(kind) && kept.contains(Self.name(of: kind)) {
            forget(kind)
            let connection = passed.take(Self.name(of: kind))
            if connection != nil { logger.notice("the predecessor's \(Self.name(of: kind)) is not continued") }
            let place = kind == .deviceDirectory ? devicesPath : path
            try Self.end(kind, by: connection, leftBy: inheritance, at: place, isFormer: isFormer, in: namespace)
        }
    }

    private func forget(_ kind: FrontendKind) {
        if kept.remove(Self.name(of: kind)) != nil { manager?.forget(Self.name(of: kind)) }
    }

    /// Ends what a predecessor serves, which the manager may hold a moment longer.
    ///
    /// - Parameter isFormer: whether this daemon serves at another path, so that it is not in its way what others serve there.
    private static func end(
        _ kind: FrontendKind, by connection: consuming OwnedDescriptor?, leftBy inheritance: Inheritance?,
        at path: String, isFormer: Bool,
        in namespace: MountNamespace
    ) throws {
        switch kind {
        case .deviceDirectory:
            if let connection,
                try DeviceDirectory.ensureMount(of: connection.rawValue, leftBy: inheritance, at: path, in: namespace)
            {
                CounterFile.abandon(path, in: namespace)
            }
            _ = StaleMounts.clearFormer(path, in: namespace)
        case .counterFile:
            // Only what is this connection's, and no other daemon's.
            if let connection,
                try CounterFile.ensureMount(of: connection.rawValue, leftBy: inheritance, at: path, in: namespace)
            {
                CounterFile.abandon(path, in: namespace)
            }
            _ = isFormer ? StaleMounts.clearFormer(path, in: namespace) : try StaleMounts.clear(path, in: namespace)
        case .characterDevice:
            _ = consume connection
            for _ in 0..<500 where CharacterDevice.isRegistered(at: path) { MonotonicClock.sleep(milliseconds: 10) }
        }
    }

    private struct Obstacle: Error, CustomStringConvertible {
        var description: String
    }
}

extension Configuration {
    fileprivate func wants(_ kind: FrontendKind) -> Bool {
        guard kind != .deviceDirectory else { return servesContainers }
        return switch frontend {
        case .auto, .both: true
        case .cuse: kind == .characterDevice
        case .fuse: kind == .counterFile
        case .kernel: false
        }
    }
}
