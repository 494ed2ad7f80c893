import Testing

@testable import SysGenIDBackends

/// The lexical elements of ACPI Machine Language.
struct AMLReaderTests {
    private func outcome<Value>(
        _ bytes: [UInt8], _ read: (inout AMLReader) throws(AMLDefect) -> Value
    ) -> Result<Value, AMLDefect> {
        var reader = AMLReader(bytes)
        do throws(AMLDefect) { return .success(try read(&reader)) } catch { return .failure(error) }
    }

    private func package(_ bytes: [UInt8]) -> Result<Range<Int>, AMLDefect> {
        outcome(bytes) { reader throws(AMLDefect) in try reader.package() }
    }

    private func name(_ bytes: [UInt8]) -> Result<AMLName, AMLDefect> {
        outcome(bytes) { reader throws(AMLDefect) in try reader.name() }
    }

    @Test(arguments: [1, 2, 3, 4])
    func aPackageLengthCoversItself(byteCount: Int) {
        for length in [byteCount, byteCount + 1, 62, 63] {
            let bytes = AMLBuilder.packageLength(length, byteCount: byteCount) + [UInt8](repeating: 0xaa, count: 80)
            #expect(package(bytes) == .success(byteCount..<length))
        }
        // It covers less than itself, and more than there is.
        #expect(package(AMLBuilder.packageLength(byteCount - 1, byteCount: byteCount)) == .failure(.unknown))
        let short = AMLBuilder.packageLength(byteCount + 9, byteCount: byteCount) + [UInt8](repeating: 0, count: 8)
        #expect(package(short) == .failure(.cutShort))
    }

    @Test func aPackageLengthIsReadWithTheLowestBitsFirst() {
        let length = 0x1_2345
        let bytes = AMLBuilder.packageLength(length, byteCount: 3) + [UInt8](repeating: 0, count: length - 3)
        #expect(bytes.prefix(3) == [0x85, 0x34, 0x12])
        #expect(package(bytes) == .success(3..<length))
    }

    @Test func thePackageLengthsReservedBitsAreZero() {
        #expect(package([0x7f, 0x00] + [UInt8](repeating: 0, count: 80)) == .failure(.unknown))
        #expect(package([0x54, 0x00, 0, 0]) == .failure(.unknown))
    }

    @Test(arguments: [[], [0x40], [0x80, 0], [0xc0, 0, 0], [0xcf, 0xff, 0xff, 0xff]] as [[UInt8]])
    func aPackageLengthThatIsCutShortIsRefused(bytes: [UInt8]) {
        #expect(package(bytes) == .failure(.cutShort))
    }

    @Test func anInnerPackageEndsWithinTheOuterOne() {
        // The inner one claims a byte that lies behind the outer one.
        let bytes: [UInt8] = [3, 3, 0xaa, 0xbb]
        let inner = outcome(bytes) { reader throws(AMLDefect) in
            try reader.inPackage { content throws(AMLDefect) in try content.package() }
        }
        #expect(inner == .failure(.cutShort))
    }

    @Test func aReaderGoesOnAfterThePackage() {
        let bytes: [UInt8] = [3, 0xaa, 0xbb, 0xcc]
        let read = outcome(bytes) { reader throws(AMLDefect) in
            let first = try reader.inPackage { content throws(AMLDefect) in try content.byte() }
            return [first, try reader.byte()]
        }
        #expect(read == .success([0xaa, 0xcc]))
    }

    @Test func namesHaveOriginsAndSegments() throws {
        let segment = try #require(AMLNameSegment("VGIA".utf8))
        let other = try #require(AMLNameSegment("_SB_".utf8))
        let here = AMLName.Origin.scope(levelsAbove: 0)
        #expect(name(AMLBuilder.path("VGIA")) == .success(AMLName(origin: here, segments: [segment])))
        #expect(name(AMLBuilder.path("\\VGIA")) == .success(AMLName(origin: .root, segments: [segment])))
        #expect(
            name(AMLBuilder.path("^^VGIA"))
                == .success(AMLName(origin: .scope(levelsAbove: 2), segments: [segment])))
        #expect(
            name(AMLBuilder.path("\\_SB_.VGIA")) == .success(AMLName(origin: .root, segments: [other, segment])))
        #expect(
            name(AMLBuilder.path("_SB_._SB_.VGIA"))
                == .success(AMLName(origin: here, segments: [other, other, segment])))
        #expect(name([0x00]) == .success(AMLName(origin: here, segments: [])))
        #expect(name([0x5c, 0x00]) == .success(AMLName(origin: .root, segments: [])))
    }

    @Test(arguments: ["vgia", "1ABC", "AB-D", "AB\0\0", "ABC ", "\\\\ABCD", "AB\u{e9}"])
    func namesOfOtherCharactersAreRefused(text: String) {
        #expect(name(Array(text.utf8)) == .failure(.unknown))
    }

    @Test func namesThatAreCutShortAreRefused() {
        let whole = AMLBuilder.path("\\AAAA.BBBB.CCCC")
        for count in 0..<whole.count { #expect(name(Array(whole.prefix(count))) == .failure(.cutShort)) }
        #expect(name([0x2f, 0xff] + Array("ABCD".utf8)) == .failure(.cutShort))
    }

    @Test func onlyAPlainSegmentIsAnOnlySegment() throws {
        #expect(try name(AMLBuilder.path("ADDR")).get().onlySegment == .address)
        for text in ["\\ADDR", "^ADDR", "_SB_.ADDR"] {
            #expect(try name(AMLBuilder.path(text)).get().onlySegment == nil)
        }
    }

    @Test func integersOfAllWidths() {
        let integers: [([UInt8], UInt64)] = [
            (AMLBuilder.zero, 0), (AMLBuilder.one, 1), ([0xff], .max), (AMLBuilder.byte(0x80), 0x80),
            (AMLBuilder.word(0xfedc), 0xfedc), (AMLBuilder.doubleWord(0xfedc_ba98), 0xfedc_ba98),
            (AMLBuilder.quadWord(0xfedc_ba98_7654_3210), 0xfedc_ba98_7654_3210),
        ]
        for (bytes, value) in integers {
            #expect(outcome(bytes) { reader throws(AMLDefect) in try reader.integer() } == .success(value))
            let short = Array(bytes.dropLast())
            #expect(outcome(short) { reader throws(AMLDefect) in try reader.integer() } == .failure(.cutShort))
        }
        #expect(outcome([0x0d, 0x31, 0]) { reader throws(AMLDefect) in try reader.integer() } == .failure(.unknown))
    }

    @Test func stringsEndWithAZeroAndAreASCII() {
        func string(_ bytes: [UInt8]) -> Result<[UInt8], AMLDefect> {
            outcome(bytes) { reader throws(AMLDefect) in try reader.string() }
        }
        #expect(string(AMLBuilder.string("VMGENCTR") + [0xaa]) == .success(Array("VMGENCTR".utf8)))
        #expect(string(AMLBuilder.string("")) == .success([]))
        #expect(string([0x0d, 0x41]) == .failure(.cutShort))
        #expect(string([0x0d, 0x80, 0]) == .failure(.unknown))
    }

    @Test func workIsLimited() {
        let read = outcome([UInt8](repeating: 0, count: 8)) { reader throws(AMLDefect) in
            while true {
                reader.move(to: 0..<8)
                _ = try reader.byte()
            }
        }
        #expect(read.isFailure(.tooIntricate))
    }
}

extension Result where Failure: Equatable {
    fileprivate func isFailure(_ expected: Failure) -> Bool {
        if case .failure(expected) = self { true } else { false }
    }
}
