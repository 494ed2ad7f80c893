import Glibc
import SysGenIDJSON
import SysGenIDSystem
import TestSupport
import Testing

@testable import SysGenIDVarlink

@Suite("A server of Varlink")
struct ServerTests {
    @Test(arguments: [
        (
            #"{"method":"org.varlink.service.GetInfo"}"#,
            #"{"parameters":{"vendor":"Example","product":"played \"one\"","version":"1","url":"http://x","#
                + #""interfaces":["org.varlink.service","org.example.Played"]}}"#
        ),
        (
            #"{"method":"org.varlink.service.GetInterfaceDescription","parameters":{"interface":"org.example.Played"}}"#,
            #"{"parameters":{"description":\#(JSON.string(playedDescription).text)}}"#
        ),
        (
            #"{"method":"org.varlink.service.GetInterfaceDescription","parameters":{"interface":"org.varlink.service"}}"#,
            #"{"parameters":{"description":\#(JSON.string(ServiceInterface.description).text)}}"#
        ),
        (
            #"{"method":"org.varlink.service.GetInterfaceDescription","parameters":{"interface":"a\"b"}}"#,
            #"{"error":"org.varlink.service.InterfaceNotFound","parameters":{"interface":"a\"b"}}"#
        ),
        (
            #"{"method":"org.varlink.service.GetInterfaceDescription"}"#,
            #"{"error":"org.varlink.service.InvalidParameter","parameters":{"parameter":"interface"}}"#
        ),
        (
            #"{"method":"org.varlink.service.Other"}"#,
            #"{"error":"org.varlink.service.MethodNotFound","parameters":{"method":"org.varlink.service.Other"}}"#
        ),
        (
            #"{"method":"org.example.Other.Echo"}"#,
            #"{"error":"org.varlink.service.InterfaceNotFound","parameters":{"interface":"org.example.Other"}}"#
        ),
        (
            #"{"method":"org.example.Played.Other"}"#,
            #"{"error":"org.varlink.service.MethodNotFound","parameters":{"method":"org.example.Played.Other"}}"#
        ),
        (
            #"{"method":"org.example.Played.Count"}"#,
            #"{"error":"org.varlink.service.ExpectedMore","parameters":{}}"#
        ),
        (
            #"{"method":"org.example.Played.Echo","upgrade":true}"#,
            #"{"error":"org.varlink.service.MethodNotImplemented","parameters":{"method":"org.example.Played.Echo"}}"#
        ),
        (
            #"{"method":"org.example.Played.Echo","parameters":{"text":"\u0000é"}}"#,
            #"{"parameters":{"text":"\u0000é"}}"#
        ),
        (
            #"{"method":"org.example.Played.Echo","parameters":{"text":["x"]}}"#,
            #"{"error":"org.varlink.service.InvalidParameter","parameters":{"parameter":"text"}}"#
        ),
    ])
    func aCallIsAnswered(_ call: String, _ answer: String) throws {
        let played = try PlayedServer()
        #expect(try played.reply(to: call, of: try played.connect()) == answer)
    }

    @Test func itKnowsWhoCalls() throws {
        let played = try PlayedServer()
        _ = try played.reply(
            to: #"{"method":"org.example.Played.Echo","parameters":{"text":""}}"#, of: try played.connect())
        #expect(played.calls.first?.call.peer == .process(uid: getuid(), gid: getgid(), pid: getpid()))
    }

    @Test func callsInARowAreAnsweredInTheirOrder() throws {
        let played = try PlayedServer()
        let caller = try played.connect()
        let texts = (1...100).map(String.init)
        try caller.send(
            texts.flatMap { [UInt8](message: #"{"method":"org.example.Played.Echo","parameters":{"text":"\#($0)"}}"#) })
        for text in texts { #expect(try played.nextReply(of: caller) == #"{"parameters":{"text":"\#(text)"}}"#) }
        #expect(played.calls.count == 100)
    }

    @Test func oneWaitsAndOthersAreServed() throws {
        let played = try PlayedServer()
        let waiting = try played.connect()
        // The second is not taken before the first has its answer.
        for _ in 1...2 { try waiting.send(#"{"method":"org.example.Played.Park"}"#) }
        try played.serve(until: "a call") { played.calls.count == 1 }
        let other = try played.connect()
        #expect(
            try played.reply(to: #"{"method":"org.example.Played.Echo","parameters":{"text":"x"}}"#, of: other)
                == #"{"parameters":{"text":"x"}}"#)
        #expect(played.calls.count == 2)
        let first = played.calls[0].id
        played.server.answer(first, with: .error(name: "Refused", .object(["mood": .string("angry")])))
        #expect(
            try played.nextReply(of: waiting)
                == #"{"error":"org.example.Played.Refused","parameters":{"mood":"angry"}}"#)
        try played.serve(until: "the second call") { played.calls.count == 3 }
        // An answer to one that has its own already.
        played.server.answer(first, with: .result(.object([:])))
        played.server.answer(played.calls[2].id, with: .result(.object(["n": .number(2)])))
        #expect(try played.nextReply(of: waiting) == #"{"parameters":{"n":2}}"#)
        #expect(played.left.isEmpty)
    }

    @Test func whoLeavesIsToldOf() throws {
        let played = try PlayedServer()
        let caller = try played.connect()
        try caller.send(#"{"method":"org.example.Played.Park"}"#)
        try played.serve(until: "a call") { played.calls.count == 1 }
        caller.leave()
        try played.serve(until: "his leave") { played.left == [played.calls[0].id] }
        #expect(played.server.connectionCount == 0)
        played.server.answer(played.calls[0].id, with: .result(.object([:])))
        #expect(waitUntilReadable([played.server.descriptor], milliseconds: 0).isEmpty)
    }

    @Test func whoOnlySendsNothingMoreIsAnswered() throws {
        let played = try PlayedServer()
        let caller = try played.connect()
        try caller.send(#"{"method":"org.example.Played.Park"}"#)
        try caller.endSending()
        try played.serve(until: "a call") { played.calls.count == 1 }
        #expect(waitUntilReadable([played.server.descriptor], milliseconds: 0).isEmpty)
        played.server.answer(played.calls[0].id, with: .result(.object([:])))
        #expect(try played.nextReply(of: caller) == #"{"parameters":{}}"#)
        try played.serve(until: "the end of the connection") { played.server.connectionCount == 0 }
        #expect(played.left.isEmpty)
    }

    @Test func aStreamGoesOnUntilItsEnd() throws {
        let played = try PlayedServer()
        let caller = try played.connect()
        try caller.send(#"{"method":"org.example.Played.Count","more":true}"#)
        try played.serve(until: "a call") { played.calls.count == 1 }
        for number in 1...3 {
            played.server.answer(played.calls[0].id, with: .result(.object(["number": .number(number)])), isLast: false)
            #expect(
                try played.nextReply(of: caller) == #"{"parameters":{"number":\#(number)},"continues":true}"#)
        }
        played.server.answer(played.calls[0].id, with: .result(.object(["number": .number(4)])))
        #expect(try played.nextReply(of: caller) == #"{"parameters":{"number":4}}"#)
    }

    @Test func whoDoesNotReadGetsTheNewestAndTakesNoMemory() throws {
        let played = try PlayedServer()
        let caller = try played.connect()
        try caller.send(#"{"method":"org.example.Played.Count","more":true}"#)
        try played.serve(until: "a call") { played.calls.count == 1 }
        let padding = JSON.string(String(repeating: "x", count: 50_000))
        for number in 1...200 {
            played.server.answer(
                played.calls[0].id, with: .result(.object(["number": .number(number), "padding": padding])),
                isLast: false)
        }
        var last = ""
        var count = 0
        while !last.contains(#""number":200,"#) {
            last = try played.nextReply(of: caller)
            count += 1
        }
        // What the kernel has taken, the one that it had no room for, and the newest.
        #expect(count < 100)
    }

    @Test func whoDoesNotReadHisAnswersAsksNothingMore() throws {
        let played = try PlayedServer()
        let caller = try played.connect()
        let call = [UInt8](
            message: #"{"method":"org.example.Played.Echo","parameters":{"text":"0123456789","times":10000}}"#)
        // More than the kernel keeps of answers.
        try caller.send((1...50).flatMap { _ in call })
        try played.serve(until: "a server that waits") {
            waitUntilReadable([played.server.descriptor], milliseconds: 0).isEmpty
        }
        #expect(played.calls.count < 50)
        for _ in 1...50 { _ = try played.nextReply(of: caller) }
        #expect(played.calls.count == 50)
    }

    @Test(arguments: ["x", "{}", #"{"method":"Echo"}"#, "[1]"])
    func whatIsNoCallEndsTheConnection(_ message: String) throws {
        let played = try PlayedServer()
        let caller = try played.connect()
        try caller.send(message)
        try played.serve(until: "the end of the connection") { try caller.received() == nil && caller.isClosed }
        #expect(played.calls.isEmpty && played.server.connectionCount == 0)
    }

    @Test func soDoesOneThatIsTooLong() throws {
        var limits = VarlinkLimits()
        limits.messageSize = 1_000
        let played = try PlayedServer(limits: limits)
        let caller = try played.connect()
        try caller.send([UInt8](repeating: 0x20, count: 1_001))
        try played.serve(until: "the end of the connection") { try caller.received() == nil && caller.isClosed }
    }

    @Test func halfAMessageHoldsUpNobody() throws {
        var limits = VarlinkLimits()
        (limits.localConnections, limits.connectionsForRoot) = (4, 2)
        let played = try PlayedServer(limits: limits)
        let halves = try (1...4).map { _ in try played.connectAndServe() }
        for half in halves {
            try half.send(Array(#"{"method":"#.utf8))
            played.take()
        }
        let newcomer = try played.connect()
        #expect(
            try played.reply(to: #"{"method":"org.example.Played.Echo","parameters":{"text":"x"}}"#, of: newcomer)
                == #"{"parameters":{"text":"x"}}"#)
        #expect(played.server.connectionCount == 4)
        _ = try halves[0].received()
        #expect(halves[0].isClosed)
    }

    @Test func whoIsPutOutWithACallInHandIsToldOf() throws {
        var limits = VarlinkLimits()
        (limits.localConnections, limits.connectionsForRoot, limits.connectionsPerUser) = (2, 0, 2)
        let played = try PlayedServer(limits: limits)
        let callers = try (1...2).map { _ in try played.connectAndServe() }
        for caller in callers { try caller.send(#"{"method":"org.example.Played.Park"}"#) }
        try played.serve(until: "the calls") { played.calls.count == 2 }
        let newcomer = try played.connect()
        guard getuid() == 0 else {
            return try played.serve(until: "a refusal") { try newcomer.received() == nil && newcomer.isClosed }
        }
        try played.serve(until: "the leave of the first") { played.left == [played.calls[0].id] }
        #expect(played.server.connectionCount == 2)
    }

    @Test func thousandsOfConnectionsLeaveNothing() throws {
        let played = try PlayedServer()
        for _ in 1...2_000 {
            let caller = try played.connect()
            try caller.send(Array("x".utf8))
            caller.leave()
            played.take()
        }
        try played.serve(until: "all to be gone") { played.server.connectionCount == 0 }
        #expect(waitUntilReadable([played.server.descriptor], milliseconds: 0).isEmpty)
    }
}
