/// What is said over one connection: its calls, one after the other, each after the answer of the one before was sent.
///
/// So whoever does not read his answers asks nothing more, and one connection has one call in hand, whatever it sends.
struct Conversation {
    /// The call that has no last answer yet.
    struct Current {
        /// Counts the calls of the connection.
        var number: UInt64
        var interface: String
        var wantsMore: Bool
        var isOneway: Bool
    }

    enum Turn: Hashable {
        case call(CallMessage)
        /// For what the far end sends, or reads, or for an answer.
        case wait
        /// Nothing more comes, and nothing more is to be said.
        case over
    }

    private var incoming: IncomingBytes
    private(set) var outgoing = OutgoingBytes()
    private(set) var current: Current?
    private var count: UInt64 = 0
    private var hasEnded = false

    /// - Parameter messageLimit: the greatest size of a message, in bytes.
    init(messageLimit: Int) {
        incoming = IncomingBytes(limit: messageLimit)
    }

    /// Whether there is room for what comes. What comes meanwhile stays with the kernel, whose buffer is limited.
    var wantsInput: Bool { !hasEnded && current == nil && outgoing.isEmpty && !incoming.hasMessage }

    /// Whether the next turn is no wait.
    var hasTurn: Bool { current == nil && outgoing.isEmpty && (incoming.hasMessage || hasEnded) }

    mutating func received(_ bytes: [UInt8]) {
        incoming.add(bytes)
    }

    /// Nothing more comes.
    mutating func end() {
        hasEnded = true
    }

    mutating func next() throws(BrokenMessage) -> Turn {
        guard current == nil, outgoing.isEmpty else { return .wait }
        guard let bytes = try incoming.next() else { return hasEnded ? .over : .wait }
        let call = try CallMessage(bytes)
        count += 1
        current = Current(
            number: count, interface: call.interface, wantsMore: call.wantsMore, isOneway: call.isOneway)
        return .call(call)
    }

    /// Answers the current call. Who takes one answer, gets the first alone.
    mutating func answer(_ reply: VarlinkReply, isLast: Bool) {
        guard let call = current else { return }
        let isOver = isLast || !call.wantsMore
        if !call.isOneway { outgoing.put(reply.message(in: call.interface, continues: !isOver)) }
        if isOver { current = nil }
    }

    mutating func sent(_ count: Int) {
        outgoing.sent(count)
    }
}
