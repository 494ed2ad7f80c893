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
        var bytes = UnsafeRawBufferPointer(start: nil, count: 0)
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
            catchingUp: predecessor.map { CatchingUp(replaying: [$0.agreement.handshake], isResent: false) })
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
    /// The message that is being served. Only requests are, which have a whole header.
    var message: KernelMessage { KernelMessage(state.pointee.bytes) }
    /// The same as it came.
    var bytes: UnsafeRawBufferPointer { state.pointee.bytes }
    /// Whether the message comes from the predecessor, and not from the kernel.
    var isReplaying: Bool { state.pointee.isReplaying }
    private var isConnected: Bool { state.pointee.handshake == nil }

    // MARK: Messages

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
        while true {
            let replayed = state.pointee.catchingUp?.next(into: buffer, capacity)
            state.pointee.isReplaying = replayed != nil
            let count = replayed ?? Connection.receive(from: connection, into: buffer, capacity)
            guard count > 0, isDropped(UnsafeRawBufferPointer(start: buffer, count: count)) else { return count }
        }
    }

    /// Takes note of a message before libfuse gets it.
    ///
    /// - Returns: whether libfuse must not get it, since daemons have ended over it; then it is answered.
    private func isDropped(_ bytes: UnsafeRawBufferPointer) -> Bool {
        state.pointee.bytes = bytes
        guard isConnected else {
            state.pointee.handshake!.received(bytes)
            return false
        }
        guard let message = KernelMessage(checking: bytes) else { return false }
        if state.pointee.catchingUp != nil {
            if !isReplaying, state.pointee.catchingUp!.isOver(before: message) { haveCaughtUp() }
            if message.number == state.pointee.predecessor?.condemned {
                drop(message)
                return true
            }
        }
        serve { $0.serving(bytes) }
        return false
    }

    private func drop(_ message: KernelMessage) {
        let header = message.header
        if message.isRequest { Notification.answer(header.unique, errno: EIO, over: connection) }
        serve { $0.dropped(opcode: header.opcode, thread: Int32(bitPattern: header.pid), userID: header.uid) }
    }

    private func send(_ vectors: UnsafeMutablePointer<iovec>?, _ count: CInt) -> Int {
        guard let handshake = state.pointee.handshake, let vectors, handshake.isAnswered(by: vectors, count) else {
            return Connection.send(to: connection, vectors, count)
        }
        return finish(handshake, vectors, count)
    }

    /// The message was served.
    func served() {
        guard isConnected else { return }
        let isCatchingUp = state.pointee.catchingUp != nil
        serve { $0.served(whileCatchingUp: isCatchingUp) }
    }

    /// To be called before the next message is received: tells the operations when all that the predecessor had not
    /// answered was served, where nothing new comes after it.
    func lookWhetherCaughtUp() {
        guard state.pointee.catchingUp != nil, isConnected else { return }
        let isQueueEmpty = waitUntilReadable([connection], milliseconds: 0).isEmpty
        if state.pointee.catchingUp!.isOver(isQueueEmpty: isQueueEmpty) { haveCaughtUp() }
    }

    private func haveCaughtUp() {
        state.pointee.catchingUp = nil
        serve { $0.caughtUp() }
    }

    // MARK: The handshake

    private func finish(_ handshake: Handshake, _ vectors: UnsafeMutablePointer<iovec>, _ count: CInt) -> Int {
        let sent: Int
        let agreement: Agreement
        if let predecessor = state.pointee.predecessor {
            sent = (0..<Int(count)).reduce(0) { $0 + vectors[$1].iov_len }
            agreement = predecessor.agreement
        } else {
            let offer = handshake.amendReply(vectors[1])
            sent = Connection.send(to: connection, vectors, count)
            guard sent >= 0 else { return sent }
            agreement = Agreement(
                handshake: handshake.message, reply: Handshake.bytes(of: vectors[1]),
                backing: offer.isPassthrough ? registerBacking() : nil, requestTimeout: offer.requestTimeout)
        }
        state.pointee.handshake = nil
        serve { $0.connected(by: agreement) }
        if let predecessor = state.pointee.predecessor {
            let isResent = Notification.resend(over: connection)
            state.pointee.catchingUp = CatchingUp(
                replaying: isResent ? [] : predecessor.unanswered, isResent: isResent)
        }
        state.pointee.connected.raise()
        return sent
    }

    private func registerBacking() -> BackingID? {
        state.pointee.backingFile.flatMap { Connection.registerBacking(file: $0, at: connection) }
    }
}
