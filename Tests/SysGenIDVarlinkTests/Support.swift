import Glibc
import SysGenIDJSON
import SysGenIDSystem
import TestSupport
import Testing

@testable import SysGenIDVarlink

/// A small interface: `Echo` returns its text, `Park` is answered when the test says so, `Count` has many answers.
let playedDescription = """
    # What the tests call.
    interface org.example.Played

    type Mood (calm, angry)
    error Refused (mood: Mood)

    method Echo(text: string, times: ?int) -> (text: string)
    method Park() -> ()
    method Count() -> (number: int)
    method Nothing() -> ()

    """

let playedInformation = ServiceInformation(vendor: "Example", product: "played \"one\"", version: "1", url: "http://x")

extension [UInt8] {
    /// A message with its end.
    init(message: String) { self = Array(message.utf8) + [0] }
}

/// A server that is driven by the test that has it, with callers in the same thread.
final class PlayedServer {
    let scratch: Scratch
    let path: String
    var server: VarlinkServer
    /// The calls that have no last answer yet.
    private(set) var calls: [(id: CallID, call: VarlinkCall)] = []
    private(set) var left: [CallID] = []

    init(limits: VarlinkLimits = VarlinkLimits(), streams: Set<String> = ["Count"]) throws {
        scratch = try Scratch()
        path = scratch.path("socket")
        let interface = try VarlinkInterface(playedDescription, streams: streams)
        let socket = try ListeningSocket(at: path, permissions: 0o666)
        server = try VarlinkServer([interface], of: playedInformation, at: [socket], limits: limits)
        // For callers that are other users.
        chmod(scratch.path, 0o755)
    }

    /// Takes what is there, and answers what can be answered at once.
    func take() {
        for event in server.take() {
            switch event {
            case .left(let id): left.append(id)
            case .called(let id, let call):
                calls.append((id, call))
                if call.method == "Echo" { echo(id, call) }
            }
        }
    }

    private func echo(_ id: CallID, _ call: VarlinkCall) {
        struct Echo: Decodable {
            var text: String
            var times: Int?
        }
        do throws(VarlinkRefusal) {
            let echo = try call.parameters(as: Echo.self)
            let text = String(repeating: echo.text, count: echo.times ?? 1)
            server.answer(id, with: .result(.object(["text": .string(text)])))
        } catch {
            server.answer(id, with: .refusal(error))
        }
    }

    /// Takes what comes until the condition holds.
    func serve(until what: String, _ condition: () throws -> Bool) throws {
        try waitUntil(what) {
            take()
            return try condition()
        }
    }

    func connect() throws -> PlayedCaller {
        PlayedCaller(try StreamSocket(connectingTo: .local(path: path), until: nil))
    }

    /// Connects, and is known to the server.
    func connectAndServe() throws -> PlayedCaller {
        let count = server.connectionCount
        let caller = try connect()
        try serve(until: "a connection") { server.connectionCount > count }
        return caller
    }

    /// What the caller gets for his message.
    func reply(to message: String, of caller: PlayedCaller) throws -> String {
        try caller.send(message)
        return try nextReply(of: caller)
    }

    func nextReply(of caller: PlayedCaller) throws -> String {
        var reply: String?
        try serve(until: "an answer") {
            reply = try reply ?? caller.received()
            return reply != nil || caller.isClosed
        }
        return try #require(reply, "the connection was closed")
    }
}

/// A caller who knows nothing but bytes.
final class PlayedCaller {
    private var socket: StreamSocket?
    private var bytes: [UInt8] = []
    private(set) var isClosed = false

    init(_ socket: StreamSocket) {
        self.socket = socket
    }

    func send(_ message: String) throws { try send([UInt8](message: message)) }

    func send(_ bytes: [UInt8]) throws {
        try #require(try socket?.send(bytes[...]) == bytes.count)
    }

    /// Sends as much as there is room for.
    func sendSome(_ bytes: [UInt8]) throws -> Int { try socket?.send(bytes[...]) ?? 0 }

    func endSending() throws { try socket?.endSending() }

    /// The next message that has come, if one has.
    func received() throws -> String? {
        while !bytes.contains(0), !isClosed, let socket {
            do {
                guard let more = try socket.receive(upTo: 1 << 20) else { break }
                isClosed = more.isEmpty
                bytes += more
            } catch {
                isClosed = true
            }
        }
        guard let end = bytes.firstIndex(of: 0) else { return nil }
        defer { bytes.removeFirst(end + 1) }
        return String(decoding: bytes[..<end], as: UTF8.self)
    }

    func leave() { socket = nil }
}
