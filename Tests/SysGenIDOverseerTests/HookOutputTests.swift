import Testing

@testable import SysGenIDOverseer

@Suite("HookOutput")
struct HookOutputTests {
    @Test("lines come as they are complete, and the last one at the end")
    func lines() {
        var output = HookOutput()
        #expect(output.take("one\ntw".utf8) == ["one"])
        #expect(output.take("o\n\n\nthree".utf8) == ["two"])
        #expect(output.finish() == ["three"])
        #expect(output.finish() == [])
    }

    @Test("what does not print is replaced")
    func unprintable() {
        var output = HookOutput()
        #expect(output.take([0x61, 0x1b, 0x5b, 0xff, 0x09, 0x00, 0x0a]) == ["a?[\u{fffd} ?"])
        #expect(output.take("\u{202e}ä\u{2028}\n".utf8) == ["?ä?"])
    }

    @Test("a line is cut off, and the rest is counted")
    func longLine() {
        var output = HookOutput()
        var lines: [String] = []
        for _ in 0..<100 { lines += output.take([UInt8](repeating: 0x61, count: 100)) }
        #expect(lines == [])
        #expect(
            output.finish()
                == [
                    String(repeating: "a", count: HookOutput.lineLimit),
                    "(and \(10_000 - HookOutput.lineLimit) bytes more)",
                ])
    }

    @Test("only so many lines are told, and the rest is counted")
    func manyLines() {
        var output = HookOutput()
        var lines: [String] = []
        for _ in 0..<1_000 { lines += output.take("12345678\n".utf8) }
        #expect(lines.count == HookOutput.countLimit)
        #expect(output.finish() == ["(and \((1_000 - HookOutput.countLimit) * 8) bytes more)"])
    }
}
