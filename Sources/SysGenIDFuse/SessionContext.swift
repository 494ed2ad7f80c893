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
        /// What this session continues.
        let predecessor: HandedSession?
        var bytes = UnsafeRawBufferPointer(start: nil, count: 0)
        var isReplaying = false
        var catchingUp: CatchingUp?
    }

    /// - Parameter connection: the descriptor of the session.
    init(
        serving operations: FileOperations, connection: CInt, continuing predecessor: HandedSession?
    ) throws(SystemCallFailure) {
        let initial = State(
            operations: .passRetained(operations), connected: try EventSignal(), connection: connection,
            predecessor: predecessor)
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

    /// What this session continues.
    var predecessor: HandedSession? { state.pointee.predecessor }

    // MARK: Messages

    /// The next message to serve, in the buffer; nil where there is none any more.
    ///
    /// - Parameter goesOn: asked whenever a signal has come.
    func receive(
        into buffer: UnsafeMutableRawBufferPointer, while goesOn: () -> Bool
    ) throws(SystemCallFailure) -> UnsafeRawBufferPointer? {
        while true {
            let replayed = state.pointee.catchingUp?.next(into: buffer.baseAddress, buffer.count)
            state.pointee.isReplaying = replayed != nil
            let received =
                if let replayed { Int?(replayed) } else {
                    try Connection.receive(from: connection, into: buffer, while: goesOn)
                }
            guard let count = received,
                let message = KernelMessage(checking: UnsafeRawBufferPointer(rebasing: buffer[..<count]))
            else { return nil }
            state.pointee.bytes = message.bytes
            guard isDropped(message) else { return message.bytes }
        }
    }

    /// Takes note of a message before libfuse gets it.
    ///
    /// - Returns: whether libfuse must not get it, since daemons have ended over it; then it is answered.
    private func isDropped(_ message: KernelMessage) -> Bool {
        if state.pointee.catchingUp != nil {
            if !isReplaying, state.pointee.catchingUp!.isOver(before: message) { haveCaughtUp() }
            if message.number == predecessor?.condemned {
                drop(message)
                return true
            }
        }
        serve { $0.serving(message.bytes) }
        return false
    }

    private func drop(_ message: KernelMessage) {
        let header = message.header
        if message.isRequest { Notification.answer(header.unique, errno: EIO, over: connection) }
        serve { $0.dropped(opcode: header.opcode, thread: Int32(bitPattern: header.pid), userID: header.uid) }
    }

    /// The message was served.
    func served() {
        let isCatchingUp = state.pointee.catchingUp != nil
        serve { $0.served(whileCatchingUp: isCatchingUp) }
    }

    /// To be called before the next message is received: tells the operations when all that the predecessor had not
    /// answered was served, where nothing new comes after it.
    func lookWhetherCaughtUp() {
        guard state.pointee.catchingUp != nil else { return }
        let isQueueEmpty = waitUntilReadable([connection], milliseconds: 0).isEmpty
        if state.pointee.catchingUp!.isOver(isQueueEmpty: isQueueEmpty) { haveCaughtUp() }
    }

    private func haveCaughtUp() {
        state.pointee.catchingUp = nil
        serve { $0.caughtUp() }
    }

    // MARK: The handshake

    /// The kernel's part of the handshake, as it comes over the connection; nil where the connection has ended.
    func receiveHandshake(
        into buffer: UnsafeMutableRawBufferPointer, while goesOn: () -> Bool
    ) throws(SystemCallFailure) -> Handshake? {
        while let count = try Connection.receive(from: connection, into: buffer, while: goesOn),
            let message = KernelMessage(checking: UnsafeRawBufferPointer(rebasing: buffer[..<count]))
        {
            if let handshake = Handshake(Array(message.bytes)) { return handshake }
            if message.isRequest { Notification.answer(message.header.unique, errno: EIO, over: connection) }
        }
        return nil
    }

    /// The handshake is over, and requests come next; those first that the predecessor has not answered.
    func connected(by agreement: Agreement) {
        serve { $0.connected(by: agreement) }
        if let predecessor {
            let isResent = Notification.resend(over: connection)
            state.pointee.catchingUp = CatchingUp(
                replaying: isResent ? predecessor.untold : predecessor.unanswered, isResent: isResent)
        }
        state.pointee.connected.raise()
    }
}
