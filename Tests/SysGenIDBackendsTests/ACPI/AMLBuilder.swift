/// Assembles ACPI Machine Language for tests (ACPI 6.5, chapter 20).
enum AMLBuilder {
    typealias Bytes = [UInt8]

    static let zero: Bytes = [0x00]
    static let one: Bytes = [0x01]
    static let noTarget: Bytes = [0x00]

    static func byte(_ value: UInt8) -> Bytes { [0x0a, value] }
    static func word(_ value: UInt16) -> Bytes { [0x0b] + littleEndian(value) }
    static func doubleWord(_ value: UInt32) -> Bytes { [0x0c] + littleEndian(value) }
    static func quadWord(_ value: UInt64) -> Bytes { [0x0e] + littleEndian(value) }
    static func string(_ text: String) -> Bytes { [0x0d] + Array(text.utf8) + [0] }
    static func local(_ number: UInt8) -> Bytes { [0x60 + number] }

    /// A path of segments of four characters, as "\\_SB_.VGEN" or "ADDR".
    static func path(_ text: String) -> Bytes {
        let start = text.prefix { $0 == "\\" || $0 == "^" }
        let segments = text.dropFirst(start.count).split(separator: ".")
        let prefix: Bytes =
            switch segments.count {
            case 1: []
            case 2: [0x2e]
            default: [0x2f, UInt8(segments.count)]
            }
        return Array(start.utf8) + prefix + segments.flatMap { Array($0.utf8) }
    }

    /// An opcode and a PkgLength, in the shortest form, before the content.
    static func enclosed(_ opcode: Bytes, _ content: Bytes) -> Bytes {
        let ownCount = [62, 4093, 1_048_572].firstIndex { content.count <= $0 }.map { $0 + 1 } ?? 4
        return opcode + packageLength(content.count + ownCount, byteCount: ownCount) + content
    }

    /// A PkgLength of so many bytes.
    static func packageLength(_ length: Int, byteCount: Int) -> Bytes {
        if byteCount == 1 { return [UInt8(length & 0x3f)] }
        let lead = UInt8((byteCount - 1) << 6 | length & 0xf)
        return [lead] + (1..<byteCount).map { UInt8(truncatingIfNeeded: length >> (8 * $0 - 4)) }
    }

    static func name(_ name: String, _ data: Bytes) -> Bytes { [0x08] + path(name) + data }
    static func scope(_ name: String, _ objects: Bytes...) -> Bytes {
        enclosed([0x10], path(name) + objects.flatMap(\.self))
    }
    static func device(_ name: String, _ objects: Bytes...) -> Bytes {
        enclosed([0x5b, 0x82], path(name) + objects.flatMap(\.self))
    }
    static func method(_ name: String, flags: UInt8 = 0, _ statements: Bytes...) -> Bytes {
        enclosed([0x14], path(name) + [flags] + statements.flatMap(\.self))
    }
    static func buffer(_ content: Bytes) -> Bytes { enclosed([0x11], byte(UInt8(content.count)) + content) }
    static func package(count: UInt8, _ elements: Bytes...) -> Bytes {
        enclosed([0x12], [count] + elements.flatMap(\.self))
    }

    static func store(_ value: Bytes, _ target: Bytes) -> Bytes { [0x70] + value + target }
    static func add(_ first: Bytes, _ second: Bytes, _ target: Bytes = noTarget) -> Bytes {
        [0x72] + first + second + target
    }
    static func index(_ package: Bytes, _ index: Bytes) -> Bytes { [0x88] + package + index + noTarget }
    /// If, Else and While.
    static func when(_ condition: Bytes, _ terms: Bytes...) -> Bytes {
        enclosed([0xa0], condition + terms.flatMap(\.self))
    }
    static func otherwise(_ terms: Bytes...) -> Bytes { enclosed([0xa1], terms.flatMap(\.self)) }
    static func loop(_ condition: Bytes, _ terms: Bytes...) -> Bytes {
        enclosed([0xa2], condition + terms.flatMap(\.self))
    }
    /// A region, of memory as long as no other space is given.
    static func region(_ name: String, space: UInt8 = 0, _ base: Bytes, _ length: Bytes) -> Bytes {
        [0x5b, 0x80] + path(name) + [space] + base + length
    }
    /// Units of so many bits, up to 63, in a region.
    static func field(_ region: String, _ units: (String, UInt8)...) -> Bytes {
        enclosed([0x5b, 0x81], path(region) + [0x01] + units.flatMap { path($0.0) + [$0.1] })
    }
    static func equal(_ first: Bytes, _ second: Bytes) -> Bytes { [0x93] + first + second }

    static func returning(_ value: Bytes) -> Bytes { [0xa4] + value }

    /// A table with its header and a right checksum (ACPI 6.5, 5.2.6).
    static func table(
        _ signature: String, _ block: Bytes, tableID: String = "TESTTABL", revision: UInt8 = 2
    ) -> Bytes {
        var table = Array(signature.utf8)
        table += littleEndian(UInt32(36 + block.count))
        table += [revision, 0]  // revision and checksum
        table += Array("SYSGEN".utf8) + Array((tableID + "        ").utf8.prefix(8))
        table += littleEndian(UInt32(1)) + Array("TEST".utf8) + littleEndian(UInt32(1))
        table += block
        return withChecksum(table)
    }

    static func withChecksum(_ table: Bytes) -> Bytes {
        var table = table
        table[9] = 0
        table[9] = 0 &- table.reduce(0, &+)
        return table
    }

    private static func littleEndian(_ value: some FixedWidthInteger) -> Bytes {
        withUnsafeBytes(of: value.littleEndian) { Array($0) }
    }
}
