import SysGenIDJSON

@testable import SysGenIDVarlink

extension FuzzTarget {
    /// The bytes of a connection, in any pieces: the same calls come of them, and each is answered by one message that its
    /// caller understands. The first byte says how many lengths of pieces follow it, the rest is what is sent.
    static let varlink = FuzzTarget(name: "varlink") { bytes in
        guard let count = bytes.first else { return false }
        let lengths = bytes.dropFirst().prefix(Int(count)).map { Int($0) + 1 }
        let sent = Array(bytes.dropFirst(1 + Int(count)))
        let whole = try VarlinkRun(sent, inPiecesOf: [max(1, sent.count)])
        for pieces in [lengths, [1]] where !pieces.isEmpty {
            let cut = try VarlinkRun(sent, inPiecesOf: pieces)
            try demand(cut == whole, "\(cut) in pieces of \(pieces), \(whole) in one")
        }
        return !whole.calls.isEmpty
    }
}

/// What becomes of bytes that are sent over a connection.
private struct VarlinkRun: Equatable {
    private(set) var calls: [CallMessage] = []
    private(set) var breach: BrokenMessage?

    private static let limit = 512
    private static let service = ServiceInterface(
        information: ServiceInformation(vendor: "", product: "", version: "", url: ""), interfaces: [])

    init(_ bytes: [UInt8], inPiecesOf lengths: [Int]) throws {
        var conversation = Conversation(messageLimit: Self.limit)
        var (rest, turn, unanswered) = (bytes[...], 0, 0)
        while !rest.isEmpty {
            try demand(conversation.wantsInput, "a connection that takes nothing, and has no call")
            let piece = rest.prefix(lengths[turn % lengths.count])
            rest = rest.dropFirst(piece.count)
            turn += 1
            unanswered += piece.count
            conversation.received(Array(piece))
            do {
                while case .call(let call) = try conversation.next() {
                    try answer(call, in: &conversation)
                    unanswered = 0
                }
            } catch let error as BrokenMessage {
                breach = error
                return
            }
            try demand(unanswered <= Self.limit + piece.count, "\(unanswered) bytes are kept")
        }
        conversation.end()
        try demand(try conversation.next() == .over, "a connection that has ended, and goes on")
    }

    private mutating func answer(_ call: CallMessage, in conversation: inout Conversation) throws {
        try demand(call.bytes.count <= Self.limit && !call.bytes.contains(0), "a message of \(call.bytes.count) bytes")
        try demand(!conversation.wantsInput, "two calls in hand")
        let parameters = Result { () throws(VarlinkRefusal) in try call.parameters(as: Parameters.self) }
        let reply: VarlinkReply =
            switch (Self.service.answer(call), parameters) {
            case (let reply?, _): reply
            case (nil, .success(let parameters)): .result(.object(["identity": .string(parameters.identity)]))
            case (nil, .failure(let refusal)): .refusal(refusal)
            }
        conversation.answer(reply, isLast: true)
        let message = conversation.outgoing.next
        try demand(message.isEmpty == call.isOneway, "an answer of \(message.count) bytes")
        if !message.isEmpty {
            try demand(message.firstIndex(of: 0) == message.endIndex - 1, "no one message: \(Array(message))")
            do {
                _ = try VarlinkAnswer(Array(message.dropLast()))
            } catch {
                throw Violation(
                    description: "an answer that nobody understands: \(String(decoding: message, as: UTF8.self))")
            }
        }
        conversation.sent(message.count)
        calls.append(call)
    }

    /// Of each kind.
    private struct Parameters: Decodable {
        var identity: String
        var entropy: String?
        var minimum: Int?
        var deadline: UInt32?
        var flags: [Bool]?
        var inner: [String: Double]?
    }
}
