internal import CFuse3
internal import CSysGenID
internal import Glibc
internal import SysGenIDSystem

/// What the callbacks of one session need. libfuse hands it through as user data.
// Sendable: all that changes is touched only by the thread of the session.
final class SessionContext: @unchecked Sendable {
    let operations: FileOperations
    /// Raised when the handshake is over and requests are served.
    let connected: EventSignal
    let connection: CInt
    /// The message that is being served.
    private(set) var message = UnsafeRawBufferPointer(start: nil, count: 0)
    /// Whether the message comes from the predecessor, and not from the kernel.
    private(set) var isReplaying = false
    private let backingFile: CInt?
    private var handshake: Handshake? = Handshake()
    /// What this session continues; the handshake in it is replayed, and its reply is kept from the kernel.
    private let predecessor: HandedSession?
    private var catchingUp: CatchingUp?

    /// - Parameters:
    ///   - connection: the descriptor that the session will own.
    ///   - backingFile: the descriptor to register for passthrough opens; it must stay open until the handshake is
    ///     over.
    init(
        serving operations: FileOperations, connection: CInt, backingFile: CInt?, continuing predecessor: HandedSession?
    ) throws(SystemCallFailure) {
        self.operations = operations
        self.connection = connection
        self.backingFile = backingFile
        self.predecessor = predecessor
        connected = try EventSignal()
        catchingUp = predecessor.map { CatchingUp(replaying: [$0.handshake], until: .max) }
    }

    static func of(_ request: fuse_req_t) -> SessionContext {
        of(fuse_req_userdata(request))
    }

    static func of(_ userData: UnsafeMutableRawPointer?) -> SessionContext {
        Unmanaged.fromOpaque(userData!).takeUnretainedValue()
    }

    // MARK: Messages

    /// The header of the message that is being served.
    var header: csysgenid_fuse_in_header { message.loadUnaligned(as: csysgenid_fuse_in_header.self) }

    /// The number by which the kernel knows the poll that is being served; nil where it is none.
    var pollNumber: UInt64? {
        let size = MemoryLayout<csysgenid_fuse_in_header>.size
        guard message.count >= size + MemoryLayout<csysgenid_fuse_poll_in>.size,
            header.opcode == UInt32(CSYSGENID_FUSE_POLL)
        else { return nil }
        return message.loadUnaligned(fromByteOffset: size, as: csysgenid_fuse_poll_in.self).kh
    }

    /// How libfuse reads requests and writes replies: as it would itself, but for the handshake, which
    /// libfuse 3.14 cannot do up to passthrough, and for what a predecessor has left.
    static let transport = {
        var transport = fuse_custom_io()
        transport.read = { descriptor, buffer, capacity, userData in
            let context = SessionContext.of(userData)
            let replayed = context.catchingUp?.next(into: buffer, capacity)
            context.isReplaying = replayed != nil
            let count = replayed ?? Connection.receive(from: descriptor, into: buffer, capacity)
            if count > 0 { context.received(UnsafeRawBufferPointer(start: buffer, count: count)) }
            return count
        }
        transport.writev = { descriptor, vectors, count, userData in
            let context = SessionContext.of(userData)
            guard let handshake = context.handshake, let vectors, handshake.isAnswered(by: vectors, count) else {
                return Connection.send(to: descriptor, vectors, count)
            }
            return context.finish(handshake, vectors, count)
        }
        return transport
    }()

    private func received(_ message: UnsafeRawBufferPointer) {
        self.message = message
        handshake?.received(message)
        if handshake == nil, message.count >= MemoryLayout<csysgenid_fuse_in_header>.size {
            operations.serving(message)
        }
    }

    /// The message was served.
    func served() {
        if handshake == nil { operations.served() }
    }

    /// To be called before the next message is received: tells the operations when all that the predecessor had not
    /// answered was served.
    func lookWhetherCaughtUp() {
        guard let catchingUp, handshake == nil else { return }
        let isQueueEmpty = waitUntilReadable([connection], milliseconds: 0).isEmpty
        guard catchingUp.isOver(now: MonotonicClock.now(), isQueueEmpty: isQueueEmpty) else { return }
        self.catchingUp = nil
        operations.caughtUp()
    }

    // MARK: The handshake

    private func finish(_ handshake: Handshake, _ vectors: UnsafeMutablePointer<iovec>, _ count: CInt) -> Int {
        if let predecessor {
            self.handshake = nil
            handshake.message.withUnsafeBytes { operations.connected(by: $0, backing: predecessor.backing) }
            let isResent = Notification.resend(over: connection)
            catchingUp = CatchingUp(
                replaying: isResent ? [] : predecessor.unanswered, until: MonotonicClock.now() + Self.patience)
            connected.raise()
            return (0..<Int(count)).reduce(0) { $0 + vectors[$1].iov_len }
        }
        let isPassthrough = backingFile != nil && handshake.amendReply(vectors[1])
        let sent = Connection.send(to: connection, vectors, count)
        guard sent >= 0 else { return sent }
        self.handshake = nil
        let backing = isPassthrough ? Connection.registerBacking(file: backingFile!, at: connection) : nil
        handshake.message.withUnsafeBytes { operations.connected(by: $0, backing: backing) }
        connected.raise()
        return sent
    }

    /// For how many nanoseconds the queue may be full of new requests.
    private static let patience: UInt64 = 1_000_000_000
}
