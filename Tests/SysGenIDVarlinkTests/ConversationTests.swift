import SysGenIDJSON
import Testing

@testable import SysGenIDVarlink

@Suite("What is said over one connection")
struct ConversationTests {
    private let limit = 100

    /// The methods that are called, each answered at once; "broken" at the end where it was.
    private func calls(_ pieces: [[UInt8]]) -> [String] {
        var conversation = Conversation(messageLimit: limit)
        var calls: [String] = []
        for piece in pieces {
            conversation.received(piece)
            do {
                while case .call(let call) = try conversation.next() {
                    calls.append(call.method)
                    conversation.answer(.result(.object([:])), isLast: true)
                    conversation.sent(conversation.outgoing.next.count)
                }
            } catch {
                return calls + ["broken"]
            }
        }
        return calls
    }

    @Test(arguments: [1, 2, 3, 7, 30, 1_000])
    func theCallsAreTheSameHoweverTheyAreCut(_ size: Int) {
        let names = ["A", "Bb", "Ccc"]
        let bytes = names.flatMap { [UInt8](message: #"{"method":"x.y.\#($0)"}"#) }
        let pieces = stride(from: 0, to: bytes.count, by: size).map { Array(bytes[$0..<min($0 + size, bytes.count)]) }
        #expect(calls(pieces) == names)
    }

    @Test(arguments: [1, 50, 1_000])
    func whatIsTooLongBreaksItWhateverComesBefore(_ size: Int) {
        let fitting = Array(#"{"method":"x.y.A"}"#.utf8)
        func padded(to count: Int) -> [UInt8] { fitting + [UInt8](repeating: 0x20, count: count - fitting.count) + [0] }
        for (bytes, expected) in [
            (padded(to: limit) + padded(to: limit + 1), ["A", "broken"]),
            (padded(to: limit) + padded(to: limit), ["A", "A"]),
            (padded(to: limit) + [UInt8](repeating: 0x20, count: limit + 1), ["A", "broken"]),
        ] {
            let pieces = stride(from: 0, to: bytes.count, by: size).map {
                Array(bytes[$0..<min($0 + size, bytes.count)])
            }
            #expect(calls(pieces) == expected)
        }
    }

    private func sent(_ conversation: Conversation) -> String {
        String(decoding: conversation.outgoing.next.dropLast(), as: UTF8.self)
    }

    private func begun(_ fields: String = "") throws -> Conversation {
        var conversation = Conversation(messageLimit: 1_000)
        conversation.received([UInt8](message: #"{"method":"x.y.Z"\#(fields)}"#))
        guard case .call = try conversation.next() else { throw BrokenMessage.malformed }
        return conversation
    }

    @Test func theNextCallIsTakenAfterTheAnswerWasSent() throws {
        var conversation = try begun()
        conversation.received([UInt8](message: #"{"method":"x.y.Next"}"#))
        #expect(try conversation.next() == .wait)
        #expect(!conversation.wantsInput && !conversation.hasTurn)
        conversation.answer(.result(.object([:])), isLast: true)
        #expect(try conversation.next() == .wait)
        conversation.sent(conversation.outgoing.next.count)
        #expect(conversation.hasTurn)
        guard case .call(let call) = try conversation.next() else { throw BrokenMessage.malformed }
        #expect(call.method == "Next")
    }

    @Test func whoTakesNoAnswerGetsNone() throws {
        var conversation = try begun(#","oneway":true"#)
        conversation.answer(.error(name: "E", .object([:])), isLast: true)
        #expect(conversation.outgoing.isEmpty && conversation.current == nil)
    }

    @Test func whoTakesOneAnswerGetsTheFirst() throws {
        var conversation = try begun()
        conversation.answer(.result(.object(["n": .number(1)])), isLast: false)
        conversation.answer(.result(.object(["n": .number(2)])), isLast: false)
        #expect(sent(conversation) == #"{"parameters":{"n":1}}"#)
        #expect(conversation.current == nil)
    }

    @Test func whoReadsSlowlyGetsTheNewest() throws {
        var conversation = try begun(#","more":true"#)
        for number in 1...5 { conversation.answer(.result(.object(["n": .number(number)])), isLast: false) }
        #expect(sent(conversation) == #"{"parameters":{"n":1},"continues":true}"#)
        // In the middle of one, that is ended first.
        conversation.sent(3)
        conversation.answer(.result(.object(["n": .number(6)])), isLast: false)
        conversation.sent(conversation.outgoing.next.count)
        #expect(sent(conversation) == #"{"parameters":{"n":6},"continues":true}"#)
        conversation.sent(conversation.outgoing.next.count)
        #expect(conversation.outgoing.isEmpty && conversation.current != nil)
        conversation.answer(.error(name: "Over", .object([:])), isLast: true)
        #expect(sent(conversation) == #"{"error":"x.y.Over","parameters":{}}"#)
        #expect(conversation.current == nil)
    }

    @Test func atTheEndNothingIsLeftOpen() throws {
        var conversation = Conversation(messageLimit: 100)
        conversation.received(Array(#"{"method":"x.y.Z"}"#.utf8))
        conversation.end()
        #expect(conversation.hasTurn && !conversation.wantsInput)
        #expect(try conversation.next() == .over)
    }

    @Test func anAnswerThatNobodyWaitsForIsNone() throws {
        var conversation = Conversation(messageLimit: 100)
        conversation.answer(.result(.object([:])), isLast: true)
        #expect(conversation.outgoing.isEmpty)
    }

    @Test(
        arguments: [
            (.result(.object(["a": .string("\u{0}\n\"\\é")])), #"{"parameters":{"a":"\u0000\u000a\"\\é"}}"#),
            (.error(name: "Bad", .object(["n": .null])), #"{"error":"i.J.Bad","parameters":{"n":null}}"#),
            (
                .refusal(.invalidParameter("x")),
                #"{"error":"org.varlink.service.InvalidParameter","parameters":{"parameter":"x"}}"#
            ),
            (.refusal(.permissionDenied), #"{"error":"org.varlink.service.PermissionDenied","parameters":{}}"#),
            (.refusal(.expectedMore), #"{"error":"org.varlink.service.ExpectedMore","parameters":{}}"#),
            (
                .refusal(.methodNotImplemented("i.J.K")),
                #"{"error":"org.varlink.service.MethodNotImplemented","parameters":{"method":"i.J.K"}}"#
            ),
        ] as [(VarlinkReply, String)])
    func anAnswerIsOneMessage(_ reply: VarlinkReply, _ text: String) {
        let message = reply.message(in: "i.J", continues: false)
        #expect(message == [UInt8](message: text))
        #expect(message.filter { $0 == 0 }.count == 1)
    }
}
