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
    /// The names of what the manager has.
    private var kept: Set<String>
    /// The counter file, while the node below it may go.
    private var heldFile: OwnedDescriptor?

    private static let pageName = "sysgenid-page"
    private static let memoryName = "sysgenid-watchers"
    /// The names of all that is kept.
    static let names = Set([pageName, memoryName] + FrontendKind.allCases.map(\.keptName))

    /// Reads what a predecessor has left. What cannot be continued is ended, so that its clients are free.
    init(
        _ passed: consuming PassedDescriptors, from manager: ServiceManager?, at places: Places, _ logger: Logger
    ) throws {
        self.manager = manager
        kept = passed.names
        self.passed = passed
        let containers = ContainerDevices.left(in: places.directory.path)
        let plan = TakeoverPlan(
            TakeoverFindings(
                memory: readMemory(), connections: Set(FrontendKind.allCases.filter { kept.contains($0.keptName) }),
                device: places.device, wanted: places.configuration.wantedKinds, containers: containers))
        if !plan.isMemoryOfUse { handover = nil }
        let predecessor = Predecessor(
            inheritance: handover?.inheritance, device: plan.path, devices: places.devices,
            isElsewhere: plan.path != places.device, namespace: places.namespace)
        for action in plan.actionsBeforeLook { try perform(action, on: predecessor, at: places, logger) }
        let reachable = try FrontendKind.allCases.filter { kind in
            guard plan.candidates.contains(kind), let connection = self.passed.number(of: kind.keptName) else {
                return false
            }
            return try predecessor.isServed(kind, over: connection)
        }
        for action in plan.actions(afterSeeing: Set(reachable)) {
            try perform(action, on: predecessor, at: places, logger)
        }
    }

    /// Reads the memory, where there is a predecessor.
    private func readMemory() -> TakeoverFindings.Memory {
        guard !passed.names.isEmpty else { return .none }
        guard let memory = passed.take(Self.memoryName), let page = passed.take(Self.pageName) else {
            return .unreadable("its page or its memory is missing")
        }
        do {
            let left = try Handover(
                continuing: try SharedMemory(adopting: memory, named: Self.memoryName), try CounterPage(adopting: page))
            handover = left
            return left.inheritance.map { .read(TakeoverFindings.Contents($0)) } ?? .none
        } catch {
            return .unreadable("\(error)")
        }
    }

    private func perform(
        _ action: TakeoverPlan.Action, on predecessor: Predecessor, at places: Places, _ logger: Logger
    ) throws {
        switch action {
        case .tell(let news): logger.log(level: news.level, "\(news)")
        case .keepOnly(let kinds): handover?.keepOnly(kinds)
        case .holdFile: heldFile = predecessor.holdFile()
        case .letGoOfFile: heldFile = nil
        case .end(let kind):
            forget(kind)
            logger.notice("the predecessor's \(kind.keptName) is not continued")
            try predecessor.end(kind, over: passed.take(kind.keptName))
        case .takeOver:
            guard let inheritance = handover?.inheritance else { return }
            let generation = inheritance.record.generation
            logger.notice("taking over at generation \(generation), with \(inheritance.watcherCount) watchers")
        case .startAfresh:
            handover = nil
            release()
            guard manager != nil, places.configuration.frontend.isServed else { return }
            let memory = try HandoverMemory(device: places.device, limits: places.configuration.limits)
            handover = memory.map(Handover.init(new:))
        }
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
        passed.take(kind.keptName)
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
            for frontend in frontends { try keep(frontend.connection, frontend.kind.keptName) }
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

    private func forget(_ kind: FrontendKind) {
        if kept.remove(kind.keptName) != nil { manager?.forget(kind.keptName) }
    }
}

extension TakeoverFindings.Contents {
    fileprivate init(_ inheritance: Inheritance) {
        self.init(
            device: inheritance.device, connected: inheritance.connected, openContainers: inheritance.openContainers,
            disagreements: inheritance.disagreements)
    }
}

extension Configuration {
    fileprivate var wantedKinds: Set<FrontendKind> {
        let ofDevice: Set<FrontendKind> =
            switch frontend {
            case .auto, .both: [.characterDevice, .counterFile]
            case .cuse: [.characterDevice]
            case .fuse: [.counterFile]
            case .kernel: []
            }
        return servesContainers ? ofDevice.union([.deviceDirectory]) : ofDevice
    }
}
