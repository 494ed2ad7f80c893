internal import CSysGenID
internal import Glibc
internal import SysGenIDSystem

// What the thread of a session does with messages before and after libfuse gets them.

extension SessionContext {
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

    /// The next message to serve, in the buffer; nil where there is none any more.
    ///
    /// - Parameter goesOn: asked whenever a signal has come.
    func receive(
        into buffer: UnsafeMutableRawBufferPointer, while goesOn: () -> Bool
    ) throws(SystemCallFailure) -> UnsafeRawBufferPointer? {
        while let count = try next(into: buffer, while: goesOn),
            let message = KernelMessage(checking: UnsafeRawBufferPointer(rebasing: buffer[..<count]))
        {
            state.pointee.bytes = message.bytes
            guard isDropped(message) else {
                serve { $0.serving(message.bytes) }
                return message.bytes
            }
            lookWhetherCaughtUp()
        }
        return nil
    }

    /// - Returns: the length of the next message, the predecessor's or the kernel's.
    private func next(
        into buffer: UnsafeMutableRawBufferPointer, while goesOn: () -> Bool
    ) throws(SystemCallFailure) -> Int? {
        guard let replayed = state.pointee.catchingUp.next(upTo: buffer.count) else {
            return try Connection.receive(from: connection, into: buffer, while: goesOn)
        }
        buffer.copyBytes(from: replayed)
        return replayed.count
    }

    /// Takes note of a message before libfuse gets it.
    ///
    /// - Returns: whether libfuse must not get it, since daemons have ended over it; then it is answered.
    private func isDropped(_ message: KernelMessage) -> Bool {
        guard !state.pointee.catchingUp.isOver else { return false }
        if state.pointee.catchingUp.received(message) { serve { $0.caughtUp() } }
        guard message.number == predecessor?.condemned else { return false }
        drop(message)
        return true
    }

    private func drop(_ message: KernelMessage) {
        let header = message.header
        if message.isRequest { Notification.answer(header.unique, errno: EIO, over: connection) }
        serve { $0.dropped(opcode: header.opcode, thread: Int32(bitPattern: header.pid), userID: header.uid) }
    }

    /// The message was served.
    func served() {
        let isCatchingUp = !state.pointee.catchingUp.isOver
        serve { $0.served(whileCatchingUp: isCatchingUp) }
    }

    /// To be called before the next message is received: tells the operations when all that the predecessor had not
    /// answered was served, where nothing new comes after it.
    func lookWhetherCaughtUp() {
        guard !state.pointee.catchingUp.isOver else { return }
        let isQueueEmpty = waitUntilReadable([connection], milliseconds: 0).isEmpty
        if state.pointee.catchingUp.looked(isQueueEmpty: isQueueEmpty) { serve { $0.caughtUp() } }
    }
}
