/// How far a session has caught up with what its predecessor had not answered: a state machine that receives and serves
/// nothing itself.
enum CatchingUp: Hashable {
    /// libfuse is given messages as if the kernel sent them. These are left, the next one last.
    case replaying([[UInt8]], isResent: Bool)
    /// Messages come from the kernel. Where it delivers again what was read and not answered (6.9), it does so before all
    /// that is new, and with a mark.
    case receiving(isResent: Bool)
    /// All that was left has been served, or nothing was.
    case over

    /// - Parameters:
    ///   - messages: in their order.
    ///   - isResent: whether the kernel delivers again what was read and not answered.
    init(replaying messages: [[UInt8]], isResent: Bool) {
        self = .replaying(messages.reversed(), isResent: isResent)
    }

    var isOver: Bool {
        if case .over = self { true } else { false }
    }

    /// Whether the message that is served is one of the predecessor's, and not the kernel's.
    var isReplaying: Bool {
        if case .replaying = self { true } else { false }
    }

    /// Takes the next message to be replayed, of those that have room; nil where the next one is the kernel's.
    mutating func next(upTo capacity: Int) -> [UInt8]? {
        guard case .replaying(var messages, let isResent) = self else { return nil }
        // Held here alone, they are not copied for each that is taken.
        self = .receiving(isResent: isResent)
        while let message = messages.popLast() {
            guard message.count <= capacity else { continue }
            self = .replaying(messages, isResent: isResent)
            return message
        }
        return nil
    }

    /// A message comes, and is served next. The first new request of the kernel says that all that was left has been
    /// served, however many follow it.
    ///
    /// - Returns: whether it is over by this.
    mutating func received(_ message: KernelMessage) -> Bool {
        guard case .receiving = self, message.isRequest, !message.isResent else { return false }
        self = .over
        return true
    }

    /// A message was served, or the first one is awaited, and the kernel has or has not sent another one.
    ///
    /// - Returns: whether it is over by this.
    mutating func looked(isQueueEmpty: Bool) -> Bool {
        switch self {
        case .replaying([], let isResent), .receiving(let isResent):
            guard isQueueEmpty || !isResent else { return false }
            self = .over
            return true
        case .replaying, .over: return false
        }
    }
}
