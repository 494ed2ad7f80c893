import CSysGenID
import Glibc
import SysGenIDCore
import SysGenIDFuse
import SysGenIDSystem
import TestSupport

@testable import SysGenIDFrontends

/// The kernel's end of a session, over a socket that keeps the bounds of messages, and a service behind the session.
final class ScriptedKernel {
    /// How the session serves.
    enum Way: CaseIterable {
        case passthrough, pageCache, characterDevice
    }

    struct Reply {
        var unique: UInt64
        var error: CInt
        var body: [UInt8]
    }

    static let limits = Limits(watchers: 6, parkedPerWatcher: 4)

    let service: GenerationService
    let kind: FrontendKind
    let publisher: CachePublisher
    private let session: Session
    private let socket: OwnedDescriptor
    /// How often each number was sent and expects an answer, or may have one, and how often it was answered.
    private var expected: [UInt64: Int] = [:]
    private var allowed: [UInt64: Int] = [:]
    private var answered: [UInt64: Int] = [:]
    private var isStarted = false

    /// The service works on what a daemon would give it; only the kernel is another.
    init(serving way: Way) throws {
        try Self.wakeHandler.get()
        kind = way == .characterDevice ? .characterDevice : .counterFile
        let handover = try HandoverMemory(device: "/dev/sysgenid", limits: Self.limits).map(Handover.init(new:))
        service = try GenerationService(
            continuing: Record(generation: .fresh), limits: Self.limits, journal: Forgetful(), handover: handover
        ) { _ in }
        service.finishInheritedChange()
        var ends: [CInt] = [-1, -1]
        let type = CInt(SOCK_SEQPACKET.rawValue | SOCK_CLOEXEC.rawValue)
        try demand(socketpair(AF_UNIX, type, 0, &ends) == 0, "no sockets")
        socket = OwnedDescriptor(owning: ends[0])
        let connection = OwnedDescriptor(owning: ends[1])
        publisher = try CachePublisher()
        switch way {
        case .characterDevice:
            session = try Session(
                characterDevice: CharacterDeviceOperations(service, .characterDevice, continuing: nil),
                named: "sysgenid", connection: connection)
        case .passthrough, .pageCache:
            let operations = CounterFileOperations(
                service, access: DeviceAccess(permissions: 0o644, groupID: 0), time: 0, publisher: publisher,
                continuing: nil)
            // Only a predecessor can have got a backing file of a kernel that is none.
            let agreement = Agreement(
                handshake: MessageSource.handshake(unique: 1, of: .counterFile), reply: [], backing: 1)
            let predecessor = HandedSession(continuing: agreement, unanswered: [])
            session = try Session(
                file: operations, backingFile: service.page.file, connection: connection,
                continuing: way == .passthrough ? predecessor : nil)
        }
        try session.start(named: "fuzzed", keeping: [])
    }

    var isServed: Bool { isStarted && !hasEnded }
    var watcherCount: Int { service.snapshot.census.watchers }
    var parkedCount: Int { service.guarded.withLock { $0.registry.parkedCount } }

    var openWatchers: [WatcherID] {
        let slots = service.guarded.withLock { $0.registry.handedSlots }
        return slots.indices.filter { slots[$0].watcher != nil }.map { WatcherID(slot: $0, uses: slots[$0].uses) }
    }

    /// Whether the session's thread has given up, as it does on a message that is shorter than its header.
    private var hasEnded: Bool {
        session.endDescriptor.map { !waitUntilReadable([$0], milliseconds: 0).isEmpty } ?? true
    }

    /// Sends a message; false where the session is over.
    func send(_ message: [UInt8]) throws -> Bool {
        guard Glibc.send(socket.rawValue, message, message.count, Int32(MSG_NOSIGNAL)) == message.count else {
            throw Violation(description: "a message of \(message.count) bytes is not taken")
        }
        let headerSize = MemoryLayout<csysgenid_fuse_in_header>.size
        guard message.count >= headerSize else { return false }
        let header = message.withUnsafeBytes { $0.loadUnaligned(as: csysgenid_fuse_in_header.self) }
        allowed[header.unique, default: 0] += 1
        if MessageSource.isAnswered(header.opcode) { expected[header.unique, default: 0] += 1 }
        return true
    }

    /// Waits until all that was sent was looked at.
    func settle() throws {
        let last: UInt64 = 1 << 40
        guard try send(MessageSource.unknown(unique: last)) else { return }
        try receive { [self] in answered[last] != nil || hasEnded }
        guard !hasEnded, session.waitUntilConnected(milliseconds: 0) else { return }
        isStarted = true
        try publisher.start(for: session)
    }

    /// Sends a message and waits for its answer.
    func ask(_ message: [UInt8]) throws -> Reply {
        _ = try send(message)
        let unique = message.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: 8, as: UInt64.self) }
        var found: Reply?
        try receive(until: { found != nil }) { if $0.unique == unique { found = $0 } }
        return found!
    }

    /// The number of the request that a message is.
    static func number(of message: [UInt8]) -> UInt64 {
        message.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: 8, as: UInt64.self) }
    }

    /// Whether the answer to a message was taken.
    func hasAnswer(_ message: [UInt8]) -> Bool { answered[Self.number(of: message)] != nil }

    /// All that comes until a message that was sent has its answer, and that.
    func received(until message: [UInt8]) throws -> [Reply] {
        let unique = Self.number(of: message)
        var found: [Reply] = []
        try receive(until: { found.contains { $0.unique == unique } }) { found.append($0) }
        return found
    }

    /// Sends two messages, and waits for the answer to the second.
    ///
    /// - Returns: whether the first was answered before it.
    func isAnswered(_ message: [UInt8], before next: [UInt8]) throws -> Bool {
        let number = { (message: [UInt8]) in
            message.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: 8, as: UInt64.self) }
        }
        _ = try send(message)
        let before = answered[number(message), default: 0]
        _ = try ask(next)
        return answered[number(message), default: 0] > before
    }

    /// Ends the service, and looks whether each request has its answer.
    func end() throws {
        let wasServed = !hasEnded
        service.deadlinePassed()
        service.shutDown()
        if wasServed {
            try receive { [self] in expected.allSatisfy { answered[$0.key, default: 0] >= $0.value } }
        }
        publisher.stop()
        session.stop()
        try receive { true }
    }

    /// Takes replies until the condition holds and there is none left.
    private func receive(until isEnough: () -> Bool, _ body: (Reply) -> Void = { _ in }) throws {
        var patience = Patience()
        while true {
            let isOver = isEnough()
            let ready = waitUntilReadable([socket.rawValue], milliseconds: isOver ? 0 : 2)
            guard !ready.isEmpty else {
                if isOver { return }
                try demand(!patience.isOver(), "no answer, and nothing moves")
                continue
            }
            guard let reply = try take() else { return }
            body(reply)
        }
    }

    /// One message of the session; nil where it is over.
    private func take() throws -> Reply? {
        let message = try socket.read(upTo: 1 << 16)
        guard !message.isEmpty else { return nil }
        let size = MemoryLayout<csysgenid_fuse_out_header>.size
        try demand(message.count >= size, "a reply of \(message.count) bytes")
        let header = message.withUnsafeBytes { $0.loadUnaligned(as: csysgenid_fuse_out_header.self) }
        try demand(Int(header.len) == message.count, "\(header) on \(message.count) bytes")
        if header.unique == 0, header.error > 0 {
            try demand([1, 4, 7].contains(header.error), "a notification of kind \(header.error)")
        } else {
            try demand((-4095...0).contains(header.error), "the error \(header.error)")
            try demand(header.error == 0 || message.count == size, "an error with \(message.count) bytes")
            answered[header.unique, default: 0] += 1
            let count = answered[header.unique]!
            try demand(count <= allowed[header.unique, default: 0], "\(count) answers to \(header.unique)")
        }
        return Reply(unique: header.unique, error: header.error, body: Array(message.dropFirst(size)))
    }

    private static let wakeHandler = Result { try Thread.installWakeHandler() }
}

/// A journal of nothing: there is no successor.
struct Forgetful: Journal {
    func write(_ record: Record) throws(SystemCallFailure) {}
    func keep(_ forged: ForgedGenerations) throws(SystemCallFailure) {}
}
