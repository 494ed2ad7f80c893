import Glibc
import SysGenIDCore
import SysGenIDFuse
import SysGenIDSystem

@testable import SysGenIDFrontends

/// A daemon that continues with what another one has left, with a kernel that is played. It is made of what the daemon is
/// made of, from the session to the service; nothing of it is written for the test.
final class PlayedDaemon {
    enum Way: CaseIterable {
        case passthrough, pageCache, characterDevice

        var kind: FrontendKind { self == .characterDevice ? .characterDevice : .counterFile }
    }

    let way: Way
    let service: GenerationService
    let inheritance: Inheritance
    let memory: SharedMemory
    let page: CounterPage
    let journal: WatchedJournal
    private let session: Session
    private let publisher: CachePublisher
    private let operations: ObservedOperations
    private let socket: OwnedDescriptor
    private var log: StoreLog?

    /// - Parameters:
    ///   - access: who may open the device by the configuration.
    ///   - isWatched: whether each store is seen.
    ///   - messages: what the kernel delivers once more.
    init(
        continuing remains: Remains, by way: Way,
        configuredAs access: DeviceAccess = DeviceAccess(permissions: 0o644, groupID: 0), isWatched: Bool = false,
        delivering messages: (Inheritance) throws -> [[UInt8]] = { _ in [] }
    ) throws {
        try Self.wakeHandler.get()
        self.way = way
        let memory = try SharedMemory(named: "sysgenid-watchers", size: remains.memory.count)
        remains.memory.withUnsafeBytes { memory.store($0, at: 0) }
        self.memory = memory
        page = try CounterPage(generation: remains.page)
        journal = try WatchedJournal(remains.journal)
        let ends = try Self.sockets()
        socket = OwnedDescriptor(owning: ends[0])
        let connection = OwnedDescriptor(owning: ends[1])
        let files = [memory.file.rawValue, page.file.rawValue, journal.memory.file.rawValue]
        log = isWatched ? try StoreLog(of: files, and: socket.rawValue) : nil
        var handover = try Handover(continuing: memory, page)
        handover.keepOnly([way.kind])
        guard let inheritance = handover.inheritance, let predecessor = inheritance.session(of: way.kind) else {
            throw Violation(description: "nothing to continue")
        }
        self.inheritance = inheritance
        service = try GenerationService(
            continuing: inheritance.record, limits: Remains.limits, journal: journal, handover: handover
        ) { _ in }
        service.finishInheritedChange()
        publisher = try CachePublisher()
        operations = try ObservedOperations(Self.operations(way, service, access, publisher, inheritance))
        session =
            switch way {
            case .characterDevice:
                try Session(
                    characterDevice: operations, named: "sysgenid", connection: connection, continuing: predecessor)
            case .passthrough, .pageCache:
                try Session(
                    file: operations, backingFile: page.file, connection: connection, continuing: predecessor)
            }
        service.inheritPolls(inheritance.watchers, of: way.kind, connection: session.connection)
        for message in try messages(inheritance) { try send(message) }
        try session.start(named: "played", keeping: [])
        try wait(for: operations.hasCaughtUp)
        operations.hasServed.clear()
        if way == .pageCache, !isWatched { try publisher.start(for: session) }
        try settleCache()
    }

    /// The kernel's end, and the daemon's.
    private static func sockets() throws(Violation) -> [CInt] {
        var ends: [CInt] = [-1, -1]
        let type = CInt(SOCK_SEQPACKET.rawValue | SOCK_CLOEXEC.rawValue)
        try demand(socketpair(AF_UNIX, type, 0, &ends) == 0, "no sockets")
        return ends
    }

    private static func operations(
        _ way: Way, _ service: GenerationService, _ access: DeviceAccess, _ publisher: CachePublisher,
        _ inheritance: Inheritance
    ) -> FileOperations {
        guard way != .characterDevice else {
            return CharacterDeviceOperations(service, .characterDevice, continuing: inheritance)
        }
        return CounterFileOperations(
            service, access: access, time: 0, publisher: publisher, continuing: inheritance)
    }

    // MARK: What happens to it

    func perform(_ act: Move.Act) throws {
        switch act {
        case .message(let message):
            try send(message)
            try wait(for: operations.hasServed)
        case .identify(let identity): service.identified(identity, by: "test")
        case .remember(let identity): service.remembered(identity)
        case .passTime: service.handle { $0.deadlinePassed(now: Deadline(rawValue: .max)) }
        case .takeOver: break
        }
        try settleCache()
    }

    /// What it has done since the last call.
    func takeDeeds() throws -> [Deed] {
        if let log { return log.take() }
        var deeds: [Deed] = []
        while !waitUntilReadable([socket.rawValue], milliseconds: 0).isEmpty {
            deeds.append(.told(KernelReply(try socket.read(upTo: 4_096))))
        }
        return deeds
    }

    /// Ends it, and what the kernel has of it.
    func end() {
        log = nil
        service.shutDown()
        publisher.stop()
        session.stop()
    }

    private func send(_ message: [UInt8]) throws(Violation) {
        let count = Glibc.send(socket.rawValue, message, message.count, Int32(MSG_NOSIGNAL))
        try demand(count == message.count, "a message of \(message.count) bytes is not taken")
    }

    /// Waits for what comes after a change has been stored in the kernel's cache. Where stores are watched, only one
    /// thread may make them: the thread that stores in the cache never begins then, and this one does what follows.
    private func settleCache() throws {
        guard way == .pageCache else { return }
        guard log == nil else { return publisher.stop() }
        let marker = try Marker()
        publisher.store([(node: 1, .generation(service.current))]) { marker.isReached.raise() }
        try wait(for: marker.isReached)
    }

    private final class Marker: Sendable {
        let isReached: EventSignal

        init() throws(SystemCallFailure) { isReached = try EventSignal() }
    }

    private func wait(for signal: borrowing EventSignal) throws(Violation) {
        let ends = [signal.descriptor.rawValue] + (session.endDescriptor.map { [$0] } ?? [])
        let ready = waitUntilReadable(ends, milliseconds: 60_000)
        try demand(ready.contains(signal.descriptor.rawValue), ready.isEmpty ? "it hangs" : "its session has ended")
        signal.clear()
    }

    private static let wakeHandler = Result { try Thread.installWakeHandler() }
}
