internal import CFuse3
internal import CSysGenID
internal import Glibc

/// One request of the kernel, to be answered exactly once: each reply consumes it. One that is dropped
/// without a reply answers EIO, so that no client hangs, and traps in debug builds.
public struct Request: ~Copyable {
    let raw: fuse_req_t
    /// By what the kernel knows it; nil where it is the message that is being served, which says so.
    private let unique: UInt64?

    init(_ raw: fuse_req_t, unique: UInt64? = nil) {
        self.raw = raw
        self.unique = unique
    }

    deinit {
        assertionFailure("a request was dropped without a reply")
        fuse_reply_err(raw, EIO)
    }

    /// Who makes the request.
    public var caller: Caller {
        let context = fuse_req_ctx(raw)!.pointee
        return Caller(thread: context.pid, userID: context.uid)
    }

    /// The process behind a request.
    public struct Caller: Hashable, Sendable {
        /// The thread's id in the daemon's pid namespace; 0 where it cannot be seen from there.
        public let thread: Int32
        /// The user in the daemon's user namespace.
        public let userID: UInt32
    }

    /// The request as the kernel sent it. To be looked at only on the thread of the session, before the operation that
    /// was called with the request returns.
    public var message: UnsafeRawBufferPointer { SessionContext.of(raw).bytes }

    /// The number by which the kernel knows the request, be it delivered again or not. To be asked where `message` may
    /// be looked at.
    public var number: UInt64 { SessionContext.of(raw).message.number }

    /// What the request is about, by the number that the kernel was told. To be asked where `message` may be looked at.
    public var node: UInt64 { SessionContext.of(raw).message.header.nodeid }

    /// What is asked, which says whether the answer may come later. To be asked where `message` may be looked at.
    public var kind: RequestKind { SessionContext.of(raw).message.kind }

    /// Whether the request was kept by a predecessor, and not delivered by the kernel: it may have been answered then.
    public var isReplayed: Bool { SessionContext.of(raw).isReplaying }

    // MARK: Parking

    /// Leaves the request unanswered for now; the same handle was taken with `parkable` before.
    public consuming func park() {
        discard self
    }

    /// A handle by which this request can be answered later, from any thread, once it is parked.
    public var parkable: ParkedRequest { ParkedRequest(raw, SessionContext.of(raw).message.header.unique) }

    /// Asks that `interrupted(_:)` be called with the token when a signal interrupts the caller.
    ///
    /// To be called before the request can be answered by another thread. Interrupts come on the thread of
    /// the session; what was interrupted before this call is told by the result.
    ///
    /// - Returns: false where the caller was interrupted already.
    public func reportInterrupt(as token: UInt64) -> Bool {
        fuse_req_interrupt_func(
            raw,
            { raw, token in
                guard let raw else { return }
                SessionContext.of(raw).serve { $0.interrupted(UInt64(UInt(bitPattern: token))) }
            }, UnsafeMutableRawPointer(bitPattern: UInt(token)))
        return fuse_req_interrupted(raw) == 0
    }

    // MARK: Replies

    /// Lets libfuse answer. Where the kernel does not take the answer, the caller is told of a failure instead: he would
    /// wait for ever.
    ///
    /// - Returns: false where the caller did not get the answer.
    @discardableResult
    private consuming func answer(_ body: (fuse_req_t) -> CInt) -> Bool {
        // With the answer libfuse takes the request back.
        let (raw, unique, context) = (raw, unique, SessionContext.of(raw))
        discard self
        let result = body(raw)
        // Of one that nobody waits for any more the kernel knows nothing.
        if result != 0, result != -ENOENT {
            Notification.answer(unique ?? context.message.header.unique, errno: EIO, over: context.connection)
        }
        return result == 0
    }

    /// Answers with an error number of errno(3).
    public consuming func reply(errno: CInt) {
        answer { fuse_reply_err($0, errno) }
    }

    /// Answers that nothing went wrong, for requests that return nothing.
    public consuming func replyDone() {
        reply(errno: 0)
    }

    /// Answers a read with a word in native byte order.
    public consuming func reply(word: UInt32) {
        answer { raw in withUnsafeBytes(of: word) { fuse_reply_buf(raw, $0.baseAddress, $0.count) } }
    }

    /// Answers a write with the number of bytes taken.
    public consuming func reply(written count: Int) {
        answer { fuse_reply_write($0, count) }
    }

    /// Answers an ioctl with its result.
    public consuming func reply(controlResult result: CInt) {
        answer { fuse_reply_ioctl($0, result, nil, 0) }
    }

    /// Answers a poll with the events that are there.
    public consuming func reply(events: PollEvents) {
        answer { fuse_reply_poll($0, events.rawValue) }
    }

    /// Answers an open.
    ///
    /// - Returns: false where the caller did not wait for the answer, so that no release will follow.
    public consuming func reply(opened opening: Opening) -> Bool {
        // fuse_reply_open of libfuse 3.14 knows no backing id. The structure is the same on every connection.
        var reply = csysgenid_fuse_open_out(
            fh: opening.handle, open_flags: opening.mode.rawValue, backing_id: opening.backing ?? 0)
        return answer { raw in withUnsafeBytes(of: &reply) { fuse_reply_buf(raw, $0.baseAddress, $0.count) } }
    }

    /// Answers what wants no answer.
    public consuming func replyNone() {
        let raw = raw
        discard self
        fuse_reply_none(raw)
    }

    /// Answers a request for bytes.
    public consuming func reply(bytes: [UInt8]) {
        answer { raw in bytes.withUnsafeBytes { fuse_reply_buf(raw, $0.baseAddress, $0.count) } }
    }

    /// Answers a request for an extended attribute: with its length where there is no room for any, see getxattr(2).
    public consuming func reply(extendedAttribute value: [UInt8], count: Int) {
        guard count > 0 else {
            answer { fuse_reply_xattr($0, value.count) }
            return
        }
        guard value.count <= count else { return reply(errno: ERANGE) }
        reply(bytes: value)
    }

    /// Answers a request that looks for a name or makes one. The kernel remembers the name for an hour: nobody else than it
    /// changes names.
    ///
    /// - Parameter validity: for how many seconds the kernel may answer stat(2) by itself.
    /// - Returns: false where the caller did not get it, so that the kernel does not forget it again.
    @discardableResult
    public consuming func reply(entry attributes: FileAttributes, validity: Double) -> Bool {
        var entry = fuse_entry_param()
        entry.ino = attributes.node
        entry.attr = attributes.status
        (entry.attr_timeout, entry.entry_timeout) = (validity, 3600)
        return answer { fuse_reply_entry($0, &entry) }
    }

    /// Answers a request for the entries of a directory with as many as there is room for.
    ///
    /// - Parameter entries: in the order of their offsets, which name where the next one begins.
    public consuming func reply(entries: some Sequence<DirectoryEntry>, count: Int) {
        var bytes = [UInt8](repeating: 0, count: count)
        var used = 0
        for entry in entries {
            var status = stat()
            (status.st_ino, status.st_mode) = (ino_t(entry.node), entry.isDirectory ? S_IFDIR : S_IFREG)
            let size = bytes.withUnsafeMutableBytes { bytes in
                fuse_add_direntry(
                    raw, bytes.baseAddress?.assumingMemoryBound(to: CChar.self).advanced(by: used), count - used,
                    entry.name, &status, off_t(entry.offset))
            }
            guard size <= count - used else { break }
            used += size
        }
        reply(bytes: Array(bytes[..<used]))
    }

    /// Answers a request for attributes.
    ///
    /// - Parameter validity: for how many seconds the kernel may answer fstat(2) by itself.
    public consuming func reply(attributes: FileAttributes, validity: Double) {
        var status = attributes.status
        answer { fuse_reply_attr($0, &status, validity) }
    }
}

/// A name in a directory.
public struct DirectoryEntry: Sendable {
    public var name: String
    public var node: UInt64
    public var isDirectory: Bool
    /// Where the entry after it begins.
    public var offset: Int64

    public init(name: String, node: UInt64, isDirectory: Bool, offset: Int64) {
        self.name = name
        self.node = node
        self.isDirectory = isDirectory
        self.offset = offset
    }
}

/// A request that waits for its answer. It can be moved between threads; it is answered once.
public struct ParkedRequest: Hashable, Sendable {
    private let bits: UInt
    private let unique: UInt64

    init(_ raw: fuse_req_t, _ unique: UInt64) {
        bits = UInt(bitPattern: raw)
        self.unique = unique
    }

    /// The request again, to be answered now. To be called once.
    public func resume() -> Request {
        Request(fuse_req_t(bitPattern: bits)!, unique: unique)
    }
}

/// Bits of poll(2).
public struct PollEvents: OptionSet, Hashable, Sendable {
    public let rawValue: UInt32

    public init(rawValue: UInt32) {
        self.rawValue = rawValue
    }

    /// POLLIN and POLLRDNORM.
    public static let readable = PollEvents(rawValue: 0x041)
    /// POLLOUT and POLLWRNORM.
    public static let writable = PollEvents(rawValue: 0x104)
    /// POLLHUP and POLLNVAL: poll(2) and epoll(7) wait for the first in any case, and select(2) for the second.
    public static let ofEveryCall = PollEvents(rawValue: 0x030)
    /// POLLERR.
    public static let error = PollEvents(rawValue: 0x008)
}

/// The means to wake the sleeping polls of one open file. The kernel knows them by one number as long as the file is
/// open, whoever serves it.
public struct PollHandle: Hashable, Sendable {
    public let number: UInt64
    /// The descriptor of the session that serves the file.
    public let connection: CInt

    public init(number: UInt64, connection: CInt) {
        self.number = number
        self.connection = connection
    }

    /// Wakes the polls; they ask again. Where none sleeps, nothing happens.
    public func notify() {
        Notification.send(CSYSGENID_FUSE_NOTIFY_POLL, carrying: number, over: connection)
    }
}
