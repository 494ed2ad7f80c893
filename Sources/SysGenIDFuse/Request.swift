internal import CFuse3
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
    consuming func answer(_ body: (fuse_req_t) -> CInt) -> Bool {
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

    /// Answers what wants no answer.
    public consuming func replyNone() {
        let raw = raw
        discard self
        fuse_reply_none(raw)
    }
}
