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
        #expect(package(AMLBuilder.packageLength(byteCount - 1, byteCount: byteCount)) == .failure(.malformed))
        let short = AMLBuilder.packageLength(byteCount + 9, byteCount: byteCount) + [UInt8](repeating: 0, count: 8)
        #expect(package(short) == .failure(.cutShort))
    }

    @Test func aPackageLengthIsReadWithTheLowestBitsFirst() {
        let length = 0x1_2345
        let bytes = AMLBuilder.packageLength(length, byteCount: 3) + [UInt8](repeating: 0, count: length - 3)
        #expect(bytes.prefix(3) == [0x85, 0x34, 0x12])
        #expect(package(bytes) == .success(3..<length))
    }

    @Test func thePackageLengthsReservedBitsDoNotCount() {
        #expect(package([0x74, 0x01] + [UInt8](repeating: 0, count: 80)) == .success(2..<0x14))
        #expect(package([0x54, 0x00, 0, 0]) == .success(2..<4))
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
        #expect(name(Array(text.utf8)) == .failure(.malformed))
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

    /// A term that holds no names of methods.
    private func term(_ bytes: [UInt8]) -> Result<AMLTerm, AMLDefect> {
        outcome(bytes) { reader throws(AMLDefect) in try reader.term { _ in nil } }
    }

    @Test func integersOfAllWidths() throws {
        let integers: [([UInt8], UInt64)] = [
            (AMLBuilder.zero, 0), (AMLBuilder.one, 1), ([0xff], .max), (AMLBuilder.byte(0x80), 0x80),
            (AMLBuilder.word(0xfedc), 0xfedc), (AMLBuilder.doubleWord(0xfedc_ba98), 0xfedc_ba98),
            (AMLBuilder.quadWord(0xfedc_ba98_7654_3210), 0xfedc_ba98_7654_3210),
        ]
        for (bytes, value) in integers {
            guard case .integer(value) = try term(bytes).get() else {
                Issue.record("\(bytes)")
                continue
            }
            #expect(throws: AMLDefect.cutShort) { try term(Array(bytes.dropLast())).get() }
        }
    }

    @Test func stringsEndWithAZero() {
        func string(_ bytes: [UInt8]) -> Result<[UInt8], AMLDefect> {
            outcome(bytes) { reader throws(AMLDefect) in try reader.string() }
        }
        #expect(string(Array("VMGENCTR".utf8) + [0, 0xaa]) == .success(Array("VMGENCTR".utf8)))
        #expect(string([0]) == .success([]))
        #expect(string([0x41]) == .failure(.cutShort))
        #expect(string([0x47, 0xe9, 0]) == .success([0x47, 0xe9]))
    }

    @Test func termsAreNestedUpToALimit() throws {
        func deep(_ count: Int) -> [UInt8] { [UInt8](repeating: 0x92, count: count) + AMLBuilder.one }
        _ = try term(deep(AMLTerm.depthLimit - 1)).get()
        #expect(throws: AMLDefect.tooIntricate) { try term(deep(AMLTerm.depthLimit)).get() }
        #expect(throws: AMLDefect.tooIntricate) { try term(deep(1_000_000)).get() }
    }

    @Test(arguments: [[0x02], [0x5b], [0x5b, 0x00], [0x5b, 0x77], [0x9a], [0xfe], [0xa6]] as [[UInt8]])
    func whatIsNoOpcodeIsRefused(bytes: [UInt8]) {
        #expect(throws: bytes == [0x5b] ? AMLDefect.cutShort : .malformed) { try term(bytes).get() }
    }

    @Test func eachOperationIsReadToItsEnd() throws {
        for operation in (0...UInt16.max).compactMap(AMLOperation.init) {
            let (opcode, kinds) = (operation.rawValue, operation.operands)
            let operands: [[UInt8]] = kinds.map { kind in
                switch kind {
                case .term, .object: AMLBuilder.one
                case .target: AMLBuilder.local(1)
                case .name: AMLBuilder.path("NAME")
                case .byte: [7]
                case .word: [7, 7]
                case .doubleWord: [7, 7, 7, 7]
                case .body, .elements: AMLBuilder.one + AMLBuilder.zero
                }
            }
            let prefix: [UInt8] = opcode > 0xff ? [0x5b] : []
            let code = prefix + [UInt8(truncatingIfNeeded: opcode)]
            let content = operands.flatMap(\.self)
            let bytes = operation.isEnclosing ? AMLBuilder.enclosed(code, content) : code + content
            var reader = AMLReader(bytes + [0xa3])
            guard case .operation(operation, let found, _) = try reader.term(argumentCount: { _ in nil }) else {
                Issue.record("\(operation)")
                continue
            }
            #expect(reader.next == 0xa3, "\(operation)")
            let count = kinds.count(where: { if case .body = $0 { false } else { true } })
            #expect(
                found.count
                    == (kinds.last.map { if case .elements = $0 { true } else { false } } == true ? count + 1 : count))
        }
    }

    @Test func aNameTakesAsManyArgumentsAsItsMethodHas() throws {
        let call = AMLBuilder.path("CALL") + AMLBuilder.one + AMLBuilder.byte(2)
        var reader = AMLReader(call)
        guard case .call(_, let arguments) = try reader.term(argumentCount: { _ in 2 }) else {
            Issue.record("no call")
            return
        }
        #expect(arguments.count == 2)
        #expect(reader.isAtEnd)
    }
}
