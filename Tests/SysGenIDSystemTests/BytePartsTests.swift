import SysGenIDSystem
import TestSupport
import Testing

struct BytePartsTests {
    private func parts(_ bytes: [UInt8]) -> [[UInt8]] {
        bytes.withUnsafeBytes { $0.parts(between: "\n").map(Array.init) }
    }

    /// The parts that have a separator behind them, and what is left.
    private func endedParts(_ bytes: [UInt8]) -> (parts: [[UInt8]], rest: [UInt8]?) {
        bytes.withUnsafeBytes { bytes in
            var (iterator, ended) = (bytes.parts(between: "\n"), [[UInt8]]())
            while let part = iterator.nextEnded() { ended.append(Array(part)) }
            return (ended, iterator.rest.map(Array.init))
        }
    }

    @Test func partsAreThoseOfASplit() {
        var random = SeededGenerator(seed: 3)
        for _ in 0..<2_000 {
            let bytes = (0..<Int.random(in: 0...12, using: &random)).map { _ in
                [UInt8(ascii: "\n"), 0, 0xff, UInt8(ascii: "a")].randomElement(using: &random)!
            }
            let expected = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map(Array.init)
            #expect(parts(bytes) == expected)
            let (ended, rest) = endedParts(bytes)
            #expect(ended == Array(expected.dropLast()))
            #expect(rest == expected.last)
        }
    }

    @Test func nothingHasOneEmptyPart() {
        #expect(UnsafeRawBufferPointer(start: nil, count: 0).parts(between: ":").map(\.count) == [0])
    }

    @Test func textsAreComparedByTheirBytes() {
        "é".utf8.withContiguousStorageIfAvailable { bytes in
            #expect(UnsafeRawBufferPointer(bytes).isText("\u{e9}"))
            #expect(!UnsafeRawBufferPointer(bytes).isText("e\u{301}"))
            #expect(!UnsafeRawBufferPointer(bytes).isText("e"))
            #expect(!UnsafeRawBufferPointer(bytes).isText(""))
        }
    }
}
