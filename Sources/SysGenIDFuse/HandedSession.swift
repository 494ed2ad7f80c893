internal import CSysGenID
internal import Glibc

/// What a session needs to continue over the connection of one that is gone.
public struct HandedSession: Sendable {
    /// The kernel's part of the handshake, which it sends only once.
    public var handshake: [UInt8]
    /// The backing file of passthrough opens. All opens of a file name the same one, while any is open.
    public var backing: BackingID?
    /// The requests that may be without an answer, in the kernel's words, for a kernel that does not deliver them
    /// again (before 6.9).
    public var unanswered: [[UInt8]]

    public init(handshake: [UInt8], backing: BackingID?, unanswered: [[UInt8]]) {
        self.handshake = handshake
        self.backing = backing
        self.unanswered = unanswered
    }
}

/// How far a session has caught up with what its predecessor had not answered.
struct CatchingUp {
    /// Messages that libfuse is given as if the kernel sent them, the next one last.
    private var messages: [[UInt8]] = []
    /// When to give up waiting for the queue to be empty.
    private let end: UInt64

    init(replaying messages: [[UInt8]], until end: UInt64) {
        self.messages = messages.reversed()
        self.end = end
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

    /// Whether all was served: nothing is left here, and nothing in the kernel's queue, or new requests have come for
    /// so long that what was delivered again must be among those that were served.
    func isOver(now: UInt64, isQueueEmpty: Bool) -> Bool {
        messages.isEmpty && (isQueueEmpty || now >= end)
    }
}
