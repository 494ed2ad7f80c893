internal import CFuse3
internal import CSysGenID
internal import Glibc
internal import SysGenIDSystem

/// What the callbacks of one session need. libfuse hands it through as user data.
///
/// It is the address of its state and no object: those are counted and checked at each use, which would cost a request
/// more than everything else that is done for it here. All that changes is touched only by the thread of the session.
struct SessionContext {
    private let state: UnsafeMutablePointer<State>

    private struct State: ~Copyable {
        let operations: Unmanaged<FileOperations>
        let connected: EventSignal
        let connection: CInt
        let backingFile: CInt?
        /// What this session continues; the handshake in it is replayed, and its reply is kept from the kernel.
        let predecessor: HandedSession?
        var message = UnsafeRawBufferPointer(start: nil, count: 0)
        var isReplaying = false
        var handshake: Handshake? = Handshake()
        var catchingUp: CatchingUp?
    }

    /// - Parameters:
    ///   - connection: the descriptor that the session will own.
    ///   - backingFile: the descriptor to register for passthrough opens; it must stay open until the handshake is
    ///     over.
    init(
        serving operations: FileOperations, connection: CInt, backingFile: CInt?, continuing predecessor: HandedSession?
    ) throws(SystemCallFailure) {
        let initial = State(
            operations: .passRetained(operations), connected: try EventSignal(), connection: connection,
            backingFile: backingFile,
            predecessor: predecessor,
            catchingUp: predecessor.map { CatchingUp(replaying: [$0.handshake], until: .max) })
        state = .allocate(capacity: 1)
        state.initialize(to: initial)
    }

    /// Gives the memory back. To be called once, when no callback can come any more.
    func deallocate() {
        state.pointee.operations.release()
        state.deinitialize(count: 1)
        state.deallocate()
    }

    /// As libfuse hands it through.
    var userData: UnsafeMutableRawPointer { UnsafeMutableRawPointer(state) }

    static func of(_ request: fuse_req_t) -> SessionContext {
        of(fuse_req_userdata(request))
    }

    static func of(_ userData: UnsafeMutableRawPointer?) -> SessionContext {
        SessionContext(state: userData!.assumingMemoryBound(to: State.self))
    }

    private init(state: UnsafeMutablePointer<State>) {
        self.state = state
    }

    /// Calls the body with what serves the file or device.
    func serve(_ body: (FileOperations) -> Void) {
        state.pointee.operations._withUnsafeGuaranteedRef(body)
    }

    var connection: CInt { state.pointee.connection }
    /// Readable when the handshake is over and requests are served.
    var connectedDescriptor: CInt { state.pointee.connected.descriptor.rawValue }
    /// The message that is being served.
    var message: UnsafeRawBufferPointer { state.pointee.message }
    /// Whether the message comes from the predecessor, and not from the kernel.
    var isReplaying: Bool { state.pointee.isReplaying }
    private var isConnected: Bool { state.pointee.handshake == nil }

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
        transport.read = { _, buffer, capacity, userData in SessionContext.of(userData).receive(into: buffer, capacity)
        }
        transport.writev = { _, vectors, count, userData in SessionContext.of(userData).send(vectors, count) }
        return transport
    }()

    private func receive(into buffer: UnsafeMutableRawPointer?, _ capacity: Int) -> Int {
        let replayed = state.pointee.catchingUp?.next(into: buffer, capacity)
        state.pointee.isReplaying = replayed != nil
        let count = replayed ?? Connection.receive(from: connection, into: buffer, capacity)
        if count > 0 { received(UnsafeRawBufferPointer(start: buffer, count: count)) }
        return count
    }

    private func received(_ message: UnsafeRawBufferPointer) {
        state.pointee.message = message
        guard isConnected else { return state.pointee.handshake!.received(message) }
        if message.count >= MemoryLayout<csysgenid_fuse_in_header>.size { serve { $0.serving(message) } }
    }

    private func send(_ vectors: UnsafeMutablePointer<iovec>?, _ count: CInt) -> Int {
        guard let handshake = state.pointee.handshake, let vectors, handshake.isAnswered(by: vectors, count) else {
            return Connection.send(to: connection, vectors, count)
        }
        return finish(handshake, vectors, count)
    }

    /// The message was served.
    func served() {
        if isConnected { serve { $0.served() } }
    }

    /// To be called before the next message is received: tells the operations when all that the predecessor had not
    /// answered was served.
    func lookWhetherCaughtUp() {
        guard let catchingUp = state.pointee.catchingUp, isConnected else { return }
        let isQueueEmpty = waitUntilReadable([connection], milliseconds: 0).isEmpty
        guard catchingUp.isOver(now: MonotonicClock.now(), isQueueEmpty: isQueueEmpty) else { return }
        state.pointee.catchingUp = nil
        serve { $0.caughtUp() }
    }

    // MARK: The handshake

    private func finish(_ handshake: Handshake, _ vectors: UnsafeMutablePointer<iovec>, _ count: CInt) -> Int {
        let sent: Int
        let backing: BackingID?
        if let predecessor = state.pointee.predecessor {
            sent = (0..<Int(count)).reduce(0) { $0 + vectors[$1].iov_len }
            backing = predecessor.backing
        } else {
            let isPassthrough = state.pointee.backingFile != nil && handshake.amendReply(vectors[1])
            sent = Connection.send(to: connection, vectors, count)
            guard sent >= 0 else { return sent }
            backing =
                isPassthrough ? Connection.registerBacking(file: state.pointee.backingFile!, at: connection) : nil
        }
        state.pointee.handshake = nil
        handshake.message.withUnsafeBytes { message in serve { $0.connected(by: message, backing: backing) } }
        if let predecessor = state.pointee.predecessor {
            let isResent = Notification.resend(over: connection)
            state.pointee.catchingUp = CatchingUp(
                replaying: isResent ? [] : predecessor.unanswered, until: MonotonicClock.now() + Self.patience)
        }
        state.pointee.connected.raise()
        return sent
    }

    /// For how many nanoseconds the queue may be full of new requests.
    private static let patience: UInt64 = 1_000_000_000
}
