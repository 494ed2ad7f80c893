internal import Synchronization
public import SysGenIDSystem

/// A connection to the kernel over which a file, a directory or a character device is served, on a thread of its
/// own. See fuse(4).
// Sendable: libfuse locks what several threads use of a session; it is destroyed after its thread ended.
public final class Session: @unchecked Sendable {
    /// The descriptor of the connection, for mounting; it is open as long as the session is.
    public let connection: CInt

    private let ownConnection: OwnedDescriptor
    let raw: RawSession
    let context: SessionContext
    /// What mappings are to show; it must stay open until the handshake is over.
    let backingFile: CInt?
    let isStopping = Atomic(false)
    let failed = Lock<SessionFailure?>(nil)
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
        try self.init(.file, operations, backingFile.rawValue, connection, predecessor)
    }

    /// Prepares to serve a directory, to be mounted with `connection` before the session runs. Its files name their
    /// backing files by themselves, see `Connection.registerBacking(file:at:)`.
    public convenience init(
        directory operations: FileOperations, connection: consuming OwnedDescriptor,
        continuing predecessor: HandedSession? = nil
    ) throws(SessionFailure) {
        try self.init(.directory, operations, nil, connection, predecessor)
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
        try self.init(.device(named: name), operations, nil, connection, predecessor)
    }

    private init(
        _ kind: RawSession.Kind, _ operations: FileOperations, _ backingFile: CInt?,
        _ connection: consuming OwnedDescriptor, _ predecessor: HandedSession?
    ) throws(SessionFailure) {
        self.connection = connection.rawValue
        ownConnection = connection
        self.backingFile = backingFile
        do throws(SystemCallFailure) {
            context = try SessionContext(serving: operations, connection: self.connection, continuing: predecessor)
        } catch {
            throw .system(error)
        }
        do throws(SessionFailure) {
            raw = try RawSession(kind, context.userData)
        } catch {
            context.deallocate()
            throw error
        }
    }

    deinit {
        context.deallocate()
    }

    /// Starts the thread that serves requests.
    ///
    /// - Parameter capabilities: what it keeps until the handshake is over; the operations may give up more then.
    public func start(named name: String, keeping capabilities: Capabilities) throws(SystemCallFailure) {
        let started = try Thread(named: name, keeping: capabilities) { [self] in serveRequests() }
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

    /// What has ended the session; nil where it was the kernel, or `stop`. To be asked when it has ended.
    public var failure: SessionFailure? { failed.withLock(\.self) }

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
    ///
    /// - Parameter node: the file; 1 is what the mount shows.
    public func storeInCache(_ bytes: [UInt8], at offset: Int, of node: UInt64 = 1) {
        raw.storeInCache(bytes, at: offset, of: node)
    }
}
