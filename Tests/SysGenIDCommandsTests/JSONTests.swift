import Foundation
import SysGenIDJSON
import Testing

@Suite("JSON")
struct JSONTests {
    @Test("plain values")
    func values() {
        #expect(JSON.null.text == "null")
        #expect(JSON.boolean(true).text == "true")
        #expect(JSON.number(4_294_967_295).text == "4294967295")
        #expect(JSON.array([]).text == "[]")
        #expect(JSON.object([:]).text == "{}")
    }

    @Test("members keep their order, on one line")
    func object() {
        let json = JSON.object(["b": .number(1), "a": .array([.string("x"), .null])])
        #expect(json.text == #"{"b":1,"a":["x",null]}"#)
    }

    @Test("what has to be escaped is")
    func escapes() {
        #expect(JSON.string("\"\\/").text == #""\"\\/""#)
        #expect(JSON.string("a\nb\u{0}\u{1B}\u{7F}\u{2028}").text == #""a\u000ab\u0000\u001b\u007f\u2028""#)
        #expect(JSON.string("\r\n").text == #""\u000d\u000a""#)
        #expect(JSON.string("süß 🕰").text == "\"süß 🕰\"")
    }

    @Test("another reader gets the same string", arguments: 0..<0x300 as Range<UInt32>)
    func roundTrip(code: UInt32) throws {
        let scalar = try #require(Unicode.Scalar(code))
        let original = "a\(scalar)b"
        let read = try JSONDecoder().decode([String].self, from: Data(JSON.array([.string(original)]).text.utf8))
        #expect(read == [original])
    }
}
