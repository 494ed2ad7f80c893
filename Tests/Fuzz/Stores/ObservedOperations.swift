import SysGenIDFuse
import SysGenIDSystem

/// Passes everything on to the operations of a frontend, and says when a message was served.
// Sendable: all that it has never changes, and is Sendable.
final class ObservedOperations: FileOperations, @unchecked Sendable {
    private let inner: FileOperations
    let hasServed: EventSignal
    let hasCaughtUp: EventSignal

    init(_ inner: FileOperations) throws(SystemCallFailure) {
        self.inner = inner
        hasServed = try EventSignal()
        hasCaughtUp = try EventSignal()
    }

    override func served(whileCatchingUp isCatchingUp: Bool) {
        inner.served(whileCatchingUp: isCatchingUp)
        hasServed.raise()
    }

    override func caughtUp() {
        inner.caughtUp()
        hasCaughtUp.raise()
    }

    override func connected(by agreement: Agreement) { inner.connected(by: agreement) }
    override func serving(_ message: UnsafeRawBufferPointer) { inner.serving(message) }

    override func dropped(opcode: UInt32, thread: Int32, userID: UInt32) {
        inner.dropped(opcode: opcode, thread: thread, userID: userID)
    }

    override func open(_ request: consuming Request, flags: AccessFlags) { inner.open(request, flags: flags) }

    override func read(
        _ request: consuming Request, of handle: UInt64, count: Int, offset: Int64, flags: AccessFlags
    ) {
        inner.read(request, of: handle, count: count, offset: offset, flags: flags)
    }

    override func write(_ request: consuming Request, of handle: UInt64, bytes: UnsafeRawBufferPointer) {
        inner.write(request, of: handle, bytes: bytes)
    }

    override func fill(_ request: consuming Request, of handle: UInt64) { inner.fill(request, of: handle) }

    override func poll(
        _ request: consuming Request, of handle: UInt64, for asked: PollEvents, pollHandle: PollHandle?
    ) {
        inner.poll(request, of: handle, for: asked, pollHandle: pollHandle)
    }

    override func control(_ request: consuming Request, of handle: UInt64, command: UInt32, word: UInt) {
        inner.control(request, of: handle, command: command, word: word)
    }

    override func release(_ request: consuming Request, of handle: UInt64) { inner.release(request, of: handle) }

    override func attributes(_ request: consuming Request, through handle: UInt64?) {
        inner.attributes(request, through: handle)
    }

    override func setAttributes(_ request: consuming Request, _ change: AttributeChange) {
        inner.setAttributes(request, change)
    }

    override func interrupted(_ token: UInt64) { inner.interrupted(token) }
}
