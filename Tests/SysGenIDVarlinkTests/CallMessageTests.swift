import SysGenIDSystem
import Testing

@testable import SysGenIDVarlink

@Suite("A call as it comes")
struct CallMessageTests {
    private func call(_ text: String) throws(BrokenMessage) -> CallMessage { try CallMessage(Array(text.utf8)) }

    @Test func itIsTakenApart() throws {
        let call = try call(
            #" {"method":"org.example.Played.Echo","parameters":{"text":"x"},"more":true,"new":[1,{}]} "#)
        #expect(call.interface == "org.example.Played")
        #expect(call.method == "Echo")
        #expect(call.wantsMore && !call.isOneway && !call.wantsUpgrade)
    }

    @Test(arguments: [
        "", " ", "x", "[]", "null", "{", "{}}", #"{"method":1}"#, #"{"method":null}"#, #"{"method":"a.B"} x"#,
        #"{"method":"a.B","more":1}"#, #"{"method":"a.B","oneway":"true"}"#, "{\"method\":\"a.B\u{1}\"}",
        #"{"method":"a.B","parameters":"# + String(repeating: "[", count: 40) + String(repeating: "]", count: 40) + "}",
        #"{"method":"a.B","parameters":"# + String(repeating: "[", count: 60_000),
        #"{"method":"a.B","parameters":"# + String(repeating: #"{"a":"#, count: 10_000),
    ])
    func whatIsNoCallIsRefused(_ text: String) {
        #expect(throws: BrokenMessage.malformed) { try call(text) }
    }

    @Test(arguments: ["", "x", ".x", "x.", ".", "a.\(String(repeating: "b", count: 300))"])
    func soIsANameThatIsNone(_ name: String) {
        #expect(throws: BrokenMessage.withoutMethod) { try call(#"{"method":"\#(name)"}"#) }
    }

    @Test func otherEncodingsAreRefused() {
        let text = #"{"method":"a.B"}"#
        let wide = text.utf16.flatMap { [UInt8(truncatingIfNeeded: $0 >> 8), UInt8(truncatingIfNeeded: $0)] }
        #expect(throws: BrokenMessage.malformed) { try CallMessage(wide) }
        #expect(throws: BrokenMessage.malformed) { try CallMessage([0xEF, 0xBB, 0xBF] + Array(text.utf8)) }
        #expect(throws: BrokenMessage.malformed) {
            try CallMessage(Array(#"{"method":"a.B","x":""#.utf8) + [0xFF, 0x22, 0x7D])
        }
    }

    @Test func bracesInStringsHaveNoDepth() throws {
        let text = String(repeating: #"[{\""#, count: 100)
        let call = try call(#"{"method":"a.B","parameters":{"text":"\#(text)"}}"#)
        #expect(call.method == "B")
    }

    private struct Wanted: Decodable, Equatable {
        var deadline: Int?
        var identity: String
        var inner: Inner?

        struct Inner: Decodable, Equatable { var flag: Bool }
    }

    @Test func parametersAreTakenAsWhatTheyAre() throws {
        let call = VarlinkCall(
            try call(#"{"method":"a.B","parameters":{"identity":"é\u0000\"","deadline":null,"other":{}}}"#),
            from: .host(cid: 2))
        #expect(try call.parameters(as: Wanted.self) == Wanted(identity: "é\0\""))
        #expect(call.peer == .host(cid: 2))
    }

    @Test(arguments: [
        ("{}", "identity"), (#"{"identity":1}"#, "identity"), (#"{"identity":null}"#, "identity"),
        (#"{"identity":"x","deadline":"1"}"#, "deadline"),
        // Which number does not fit, the decoder does not say.
        (#"{"identity":"x","deadline":1.5}"#, "parameters"), (#"{"identity":"x","deadline":1e400}"#, "parameters"),
        (#"{"identity":"x","deadline":99999999999999999999}"#, "parameters"),
        (#"{"identity":"x","inner":{"flag":0}}"#, "inner"), (#"{"identity":"x","inner":[]}"#, "inner"),
        ("[]", "parameters"), ("1", "parameters"), (#""x""#, "parameters"), ("null", "identity"),
    ])
    func aWrongOneIsNamed(_ parameters: String, _ name: String) throws {
        let call = try call(#"{"method":"a.B","parameters":\#(parameters)}"#)
        #expect(throws: VarlinkRefusal.invalidParameter(name)) { try call.parameters(as: Wanted.self) }
    }

    @Test func withoutParametersThereAreNone() throws {
        struct Nothing: Decodable {}
        _ = try call(#"{"method":"a.B"}"#).parameters(as: Nothing.self)
        #expect(throws: VarlinkRefusal.invalidParameter("identity")) {
            try call(#"{"method":"a.B"}"#).parameters(as: Wanted.self)
        }
    }
}
