internal import CSysGenID
internal import Glibc

/// What a session needs to continue over the connection of one that is gone.
public struct HandedSession: Sendable {
    /// What was agreed on with the kernel. All opens of a file name the same backing file, while any is open.
    public var agreement: Agreement
    /// The requests that may be without an answer, in the kernel's words, for a kernel that does not deliver them
    /// again (before 6.9).
    public var unanswered: [[UInt8]]
    /// What the kernel tells once and does not deliver again: it wants no answer.
    var untold: [[UInt8]] {
        unanswered.filter { bytes in
            bytes.withUnsafeBytes { KernelMessage(checking: $0).map { !$0.isRequest } ?? false }
        }
    }
    /// The kernel's number of a request, without the mark of one that is delivered again, over which daemons have ended:
    /// it is answered with EIO, and not served.
    public var condemned: UInt64?

    public init(
        continuing agreement: Agreement, unanswered: [[UInt8]], condemned: UInt64? = nil
    ) {
        self.agreement = agreement
        self.unanswered = unanswered
        self.condemned = condemned
    }
}

/// How far a session has caught up with what its predecessor had not answered.
struct CatchingUp {
    /// Messages that libfuse is given as if the kernel sent them, the next one last.
    private var messages: [[UInt8]] = []
    /// Whether the kernel delivers again what was read and not answered (6.9): before all that is new, and marked.
    private let isResent: Bool

    init(replaying messages: [[UInt8]], isResent: Bool) {
        self.messages = messages.reversed()
        self.isResent = isResent
    }

    /// Copies the next message into the buffer; nil where there is none left.
    mutating func next(into buffer: UnsafeMutableRawPointer?, _ capacity: Int) -> Int? {
        while let message = messages.popLast() {
            guard let buffer, message.count <= capacity else { continue }
            message.withUnsafeBytes { buffer.copyMemory(from: $0.baseAddress!, byteCount: $0.count) }
            return message.count
        }
        return nil
    }

    /// Whether all that was left has been served when this message of the kernel comes: it is the first new request,
    /// however many follow it.
    func isOver(before message: KernelMessage) -> Bool {
        messages.isEmpty && message.isRequest && !message.isResent
    }

    /// Whether all that was left has been served when no further message has come.
    func isOver(isQueueEmpty: Bool) -> Bool {
        messages.isEmpty && (isQueueEmpty || !isResent)
    }
}
