internal import CFuse3
internal import CSysGenID
internal import Glibc
internal import SysGenIDSystem

/// What the callbacks of one session need. libfuse hands it through as user data.
// Sendable: the handshake is touched only by the thread of the session, before anything else is served.
final class SessionContext: @unchecked Sendable {
    let operations: FileOperations
    /// Raised when the handshake is over and requests are served.
    let connected: EventSignal
    private let backingFile: CInt?
    private var handshake: Handshake?

    /// - Parameter backingFile: the descriptor to register for passthrough opens; it must stay open until
    ///   the handshake is over.
    init(serving operations: FileOperations, backingFile: CInt?) throws(SystemCallFailure) {
        self.operations = operations
        self.backingFile = backingFile
        connected = try EventSignal()
        handshake = backingFile == nil ? nil : Handshake()
    }

    static func of(_ request: fuse_req_t) -> SessionContext {
        of(fuse_req_userdata(request))
    }

    static func of(_ userData: UnsafeMutableRawPointer?) -> SessionContext {
        Unmanaged.fromOpaque(userData!).takeUnretainedValue()
    }

    /// The device is registered: the end of a CUSE handshake.
    func deviceRegistered() {
        operations.connected(backing: nil)
        connected.raise()
    }

    /// How libfuse reads requests and writes replies: as it would itself, but for the handshake, which
    /// libfuse 3.14 cannot do up to passthrough.
    static let transport = {
        var transport = fuse_custom_io()
        transport.read = { descriptor, buffer, capacity, userData in
            let count = Connection.receive(from: descriptor, into: buffer, capacity)
            let context = SessionContext.of(userData)
            if context.handshake != nil, count > 0 {
                context.handshake?.received(UnsafeRawBufferPointer(start: buffer, count: count))
            }
            return count
        }
        transport.writev = { descriptor, vectors, count, userData in
            let context = SessionContext.of(userData)
            guard let handshake = context.handshake, let vectors else {
                return Connection.send(to: descriptor, vectors, count)
            }
            return context.finish(handshake, descriptor, vectors, count)
        }
        return transport
    }()

    private func finish(
        _ handshake: Handshake, _ descriptor: CInt, _ vectors: UnsafeMutablePointer<iovec>, _ count: CInt
    ) -> Int {
        guard handshake.isAnswered(by: vectors, count) else { return Connection.send(to: descriptor, vectors, count) }
        let isPassthrough = handshake.amendReply(vectors[1])
        let sent = Connection.send(to: descriptor, vectors, count)
        guard sent >= 0 else { return sent }
        self.handshake = nil
        operations.connected(
            backing: isPassthrough ? Connection.registerBacking(file: backingFile!, at: descriptor) : nil)
        connected.raise()
        return sent
    }
}
