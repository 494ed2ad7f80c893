internal import CFuse3
internal import CSysGenID
internal import Glibc
internal import Synchronization
public import SysGenIDSystem

/// A connection to the kernel over which one file or one character device is served, on a thread of its
/// own. See fuse(4).
// Sendable: libfuse locks what several threads use of a session; it is destroyed after its thread ended.
public final class Session: @unchecked Sendable {
    /// The descriptor of the connection, for mounting; it is open as long as the session is.
    public let connection: CInt

    private let raw: OpaquePointer
    private let context: SessionContext
    private let isStopping = Atomic(false)
    private let thread = Lock<Thread?>(nil)

    /// Prepares to serve a file, to be mounted with `connection` before the session runs.
    ///
    /// - Parameters:
    ///   - connection: an open /dev/fuse.
    ///   - backingFile: what mappings of the file are to show, where the kernel can do that.
    ///   - predecessor: the session that this one continues, over the same connection; its file is mounted.
    public convenience init(
        file operations: FileOperations, backingFile: borrowing OwnedDescriptor,
        connection: consuming OwnedDescriptor, continuing predecessor: HandedSession? = nil
    ) throws(SessionFailure) {
        let context = try Self.makeContext(
            operations, connection.rawValue, backingFile: backingFile.rawValue, predecessor)
        try self.init(RawSession.ofFile(context.userData), context, connection)
    }

    /// Prepares to serve a character device. The kernel makes the node when the session runs.
    ///
    /// - Parameters:
    ///   - name: the name below /dev.
    ///   - connection: an open /dev/cuse.
    ///   - predecessor: the session that this one continues, over the same connection; its device is registered.
    public convenience init(
        characterDevice operations: FileOperations, named name: String, connection: consuming OwnedDescriptor,
        continuing predecessor: HandedSession? = nil
    ) throws(SessionFailure) {
        let context = try Self.makeContext(operations, connection.rawValue, backingFile: nil, predecessor)
        try self.init(RawSession.ofDevice(named: name, context.userData), context, connection)
    }

    private init(
        _ raw: OpaquePointer?, _ context: SessionContext, _ connection: consuming OwnedDescriptor
    ) throws(SessionFailure) {
        guard let raw else {
            context.deallocate()
            throw .refusedByLibrary
        }
        var transport = SessionContext.transport
        self.connection = connection.rawValue
        guard fuse_session_custom_io(raw, &transport, connection.release()) == 0 else {
            fuse_session_destroy(raw)
            context.deallocate()
            throw .refusedByLibrary
        }
        self.raw = raw
        self.context = context
    }

    deinit {
        fuse_session_destroy(raw)
        context.deallocate()
    }

    /// Starts the thread that serves requests.
    ///
    /// - Parameter capabilities: what it keeps until the handshake is over; the operations may give up more then.
    public func start(named name: String, keeping capabilities: Capabilities) throws(SystemCallFailure) {
        let started = try Thread(named: name, keeping: capabilities) { [self] in serve() }
        thread.withLock { $0 = started }
    }

    /// Waits until requests are served; false where the kernel ended the connection before, or did not
    /// answer within the time.
    public func waitUntilConnected(milliseconds: CInt) -> Bool {
        let connected = context.connectedDescriptor
        guard let end = endDescriptor else { return false }
        return waitUntilReadable([connected, end], milliseconds: milliseconds).contains(connected)
    }

    /// The thread that serves requests, while there is one.
    public var servingThread: Thread? { thread.withLock(\.self) }

    /// Readable when the session has ended, by `stop` or by the kernel; nil before `start`.
    public var endDescriptor: CInt? { servingThread?.endDescriptor }

    /// Ends the session's thread and waits for it. The connection stays until the session is released.
    public func stop() {
        isStopping.store(true, ordering: .releasing)
        let running = thread.withLock { thread in
            defer { thread = nil }
            return thread
        }
        running?.join(interrupting: true)
    }

    /// Changes what the kernel has cached of the file's contents, and so what a mapping of them shows.
    ///
    /// It waits for reads of the same page that the kernel has under way, so it must never be called from
    /// the session's own thread.
    public func storeInCache(word: UInt32) {
        var word = word
        withUnsafeMutableBytes(of: &word) { bytes in
            var vector = fuse_bufvec()
            vector.count = 1
            vector.buf.size = bytes.count
            vector.buf.mem = bytes.baseAddress
            fuse_lowlevel_notify_store(raw, fuse_ino_t(FUSE_ROOT_ID), 0, &vector, fuse_buf_copy_flags(rawValue: 0))
        }
    }

    private func serve() {
        var buffer = fuse_buf()
        while !isStopping.load(ordering: .acquiring), fuse_session_exited(raw) == 0 {
            context.lookWhetherCaughtUp()
            let count = fuse_session_receive_buf(raw, &buffer)
            if count == -EINTR { continue }
            guard count > 0 else { break }
            fuse_session_process_buf(raw, &buffer)
            context.served()
        }
        free(buffer.mem)
    }

    private static func makeContext(
        _ operations: FileOperations, _ connection: CInt, backingFile: CInt?, _ predecessor: HandedSession?
    ) throws(SessionFailure) -> SessionContext {
        do {
            return try SessionContext(
                serving: operations, connection: connection, backingFile: backingFile, continuing: predecessor)
        } catch {
            throw .system(error)
        }
    }
}

/// Why there is no session.
public enum SessionFailure: Error, Hashable, Sendable, CustomStringConvertible {
    case system(SystemCallFailure)
    /// libfuse would not make one; it has told why on standard error.
    case refusedByLibrary

    public var description: String {
        switch self {
        case .system(let failure): failure.description
        case .refusedByLibrary: "libfuse refused to make a session"
        }
    }
}
