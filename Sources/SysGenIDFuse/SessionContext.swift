internal import CFuse3
internal import SysGenIDSystem

/// What the callbacks of one session need. libfuse hands it through as user data.
///
/// It is the address of its state and no object: those are counted and checked at each use, which would cost a request
/// more than everything else that is done for it here. All that changes is touched only by the thread of the session.
struct SessionContext {
    let state: UnsafeMutablePointer<State>

    struct State: ~Copyable {
        let operations: Unmanaged<FileOperations>
        let connected: EventSignal
        let connection: CInt
        /// What this session continues.
        let predecessor: HandedSession?
        var bytes = UnsafeRawBufferPointer(start: nil, count: 0)
        var catchingUp = CatchingUp.over
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
    var isReplaying: Bool { state.pointee.catchingUp.isReplaying }

    /// What this session continues.
    var predecessor: HandedSession? { state.pointee.predecessor }
}
