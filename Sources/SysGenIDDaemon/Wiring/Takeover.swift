internal import Logging
internal import SysGenIDCore
internal import SysGenIDFrontends
internal import SysGenIDSystem

/// What outlives the daemon: the descriptors that the service manager keeps. It belongs to the main thread.
///
/// The memory says what the connections are. So it is kept before them, and one without it is worth nothing.
final class Takeover {
    /// What the service continues, and where it leaves what a successor needs; nil where nobody would keep it.
    let handover: Handover?
    private let manager: ServiceManager?
    private var passed: PassedDescriptors
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
        }
    }

    /// Reads what a predecessor has left. What cannot be continued is ended, so that its clients are free.
    ///
    /// - Parameter devicePath: where this daemon will serve.
    init(
        _ passed: consuming PassedDescriptors, from manager: ServiceManager?, _ configuration: Configuration,
        devicePath: String, in namespace: MountNamespace, _ logger: Logger
    ) throws {
        self.manager = manager
        var left = passed
        kept = left.names
        var found: Handover?
        do {
            found = try Self.continued(&left, configuration, devicePath, in: namespace)
        } catch {
            logger.error("cannot take over from the predecessor: \(error); starting afresh")
        }
        let inheritance = found?.inheritance
        if let inheritance {
            logger.notice(
                "taking over at generation \(inheritance.record.generation), with \(inheritance.watcherCount) watchers")
        }
        let continued = inheritance?.connected ?? []
        for kind in FrontendKind.allCases where !continued.contains(kind) && kept.contains(Self.name(of: kind)) {
            manager?.forget(Self.name(of: kind))
            kept.remove(Self.name(of: kind))
            if left.take(Self.name(of: kind)) != nil {
                logger.notice("the predecessor's \(Self.name(of: kind)) is not continued")
            }
            try Self.end(kind, at: inheritance?.device ?? devicePath, in: namespace)
        }
        if found == nil {
            kept.sorted().forEach { manager?.forget($0) }
            kept = []
            if manager != nil, let memory = try HandoverMemory(device: devicePath, limits: configuration.limits) {
                found = Handover(new: memory)
            }
        }
        handover = found
        self.passed = left
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

    /// Leaves with the service manager what a successor needs.
    func keep(_ service: GenerationService, _ frontends: [any Frontend], _ logger: Logger) {
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

    /// Reads the memory, where there is a predecessor, and keeps of it what can go on.
    private static func continued(
        _ left: inout PassedDescriptors, _ configuration: Configuration, _ devicePath: String,
        in namespace: MountNamespace
    ) throws -> Handover? {
        guard !left.names.isEmpty else { return nil }
        guard let memory = left.take(memoryName), let page = left.take(pageName) else {
            throw Obstacle(description: "its page or its memory is missing")
        }
        var handover = try Handover(
            continuing: try SharedMemory(adopting: memory, named: memoryName), try CounterPage(adopting: page))
        let device = handover.inheritance?.device ?? ""
        guard device == devicePath else {
            handover.inheritance?.keepOnly([])
            throw Obstacle(description: "it served \(device)")
        }
        let names = left.names
        let kinds = FrontendKind.allCases.filter { kind in
            names.contains(name(of: kind)) && configuration.frontend.wants(kind)
                && isServed(kind, at: device, in: namespace)
        }
        handover.inheritance?.keepOnly(Set(kinds))
        guard handover.inheritance?.connected.isEmpty == false else {
            throw Obstacle(description: "nothing that it served is left")
        }
        return handover
    }

    private static func isServed(_ kind: FrontendKind, at path: String, in namespace: MountNamespace) -> Bool {
        switch kind {
        case .characterDevice: CharacterDevice.isRegistered(at: path)
        case .counterFile: CounterFile.isMounted(at: path, in: namespace)
        }
    }

    /// Ends what a predecessor serves, which the manager may hold a moment longer.
    private static func end(_ kind: FrontendKind, at path: String, in namespace: MountNamespace) throws {
        switch kind {
        case .counterFile:
            CounterFile.abandon(path, in: namespace)
            _ = try StaleMounts.clear(path, in: namespace)
        case .characterDevice:
            for _ in 0..<500 where CharacterDevice.isRegistered(at: path) { MonotonicClock.sleep(milliseconds: 10) }
        }
    }

    private struct Obstacle: Error, CustomStringConvertible {
        var description: String
    }
}

extension FrontendChoice {
    fileprivate func wants(_ kind: FrontendKind) -> Bool {
        switch self {
        case .auto, .both: true
        case .cuse: kind == .characterDevice
        case .fuse: kind == .counterFile
        }
    }
}
