/// A cursor in a block of ACPI Machine Language (ACPI 6.5, chapter 20).
///
/// It reads what was asked for or throws; no length in the block can take it out of the enclosing package.
struct AMLReader {
    let block: [UInt8]
    /// Where the bytes lie that are still to be read.
    private(set) var rest: Range<Int>
    /// How many bytes have been looked at since this was last asked for.
    private var looked = 0

    /// Reads a part of a block.
    init(_ block: [UInt8], _ part: Range<Int>) {
        self.block = block
        rest = part.clamped(to: block.indices)
    }

    init(_ block: [UInt8]) { self.init(block, block.indices) }

    var isAtEnd: Bool { rest.isEmpty }

    /// Where the next byte lies in the block.
    var position: Int { rest.lowerBound }

    /// The next byte, which is not taken; nil at the end.
    var next: UInt8? { rest.isEmpty ? nil : block[rest.lowerBound] }

    /// How many bytes have been looked at since the last call.
    mutating func takeEffort() -> Int {
        defer { looked = 0 }
        return looked
    }

    mutating func byte() throws(AMLDefect) -> UInt8 {
        guard let byte = next else { throw .cutShort }
        looked += 1
        rest = rest.lowerBound + 1..<rest.upperBound
        return byte
    }

    /// An integer of so many bytes, the lowest first.
    mutating func word(byteCount: Int) throws(AMLDefect) -> UInt64 {
        var word: UInt64 = 0
        for index in 0..<byteCount { word |= UInt64(try byte()) << UInt64(8 * index) }
        return word
    }

    /// Passes over so many bytes without a look at them.
    mutating func skip(_ count: Int) throws(AMLDefect) {
        guard count >= 0, count <= rest.count else { throw .cutShort }
        rest = rest.lowerBound + count..<rest.upperBound
    }

    /// Takes all that is left.
    mutating func remainder() -> Range<Int> {
        defer { rest = rest.upperBound..<rest.upperBound }
        return rest
    }

    /// The bytes of a string without the zero at its end (ACPI 6.5, 20.2.3). Linux takes those above 0x7f, too.
    mutating func string() throws(AMLDefect) -> [UInt8] {
        guard let end = block[rest].firstIndex(of: 0) else { throw .cutShort }
        defer { rest = end + 1..<rest.upperBound }
        looked += end - rest.lowerBound + 1
        return Array(block[rest.lowerBound..<end])
    }

    /// The number in a PkgLength (ACPI 6.5, 20.2.4). As in ACPICA, the reserved bits 4 and 5 do not count where bytes
    /// follow.
    mutating func packageLength() throws(AMLDefect) -> Int {
        let lead = Int(try byte())
        let furtherCount = lead >> 6
        guard furtherCount > 0 else { return lead & 0x3f }
        return lead & 0x0f | Int(try word(byteCount: furtherCount)) << 4
    }

    /// Passes over a PkgLength and all that it covers.
    ///
    /// - Returns: what it covers, without its own bytes.
    mutating func package() throws(AMLDefect) -> Range<Int> {
        let start = position
        let end = start + (try packageLength())
        guard end >= position else { throw .malformed }
        let content = position..<end
        try skip(content.count)
        return content
    }

    /// Reads what a PkgLength covers, as far as the body reads it, and goes on after it.
    mutating func inPackage<Value>(
        _ body: (inout AMLReader) throws(AMLDefect) -> Value
    ) throws(AMLDefect) -> Value {
        let content = try package()
        let after = rest
        rest = content
        let value = try body(&self)
        rest = after
        return value
    }
}

/// Why ACPI Machine Language could not be read or evaluated.
enum AMLDefect: Error, Hashable, CustomStringConvertible {
    /// It ends too early, or a length in it leads out of the enclosing package.
    case cutShort
    /// A byte stands where it must not.
    case malformed
    /// It is nested too deep, makes too much work, or wants too much memory.
    case tooIntricate
    /// No object has this name.
    case missing(String)
    /// Two objects have this name.
    case exists(String)
    /// An operand is not of the kind that it has to be.
    case wrongKind
    /// What must not be done here, or cannot.
    case refused(String)
    /// What lies in the machine's memory, and why that cannot be read.
    case unreadable(String, UnusableReason)

    var description: String {
        switch self {
        case .cutShort: "it is cut short"
        case .malformed: "it holds a byte that must not stand there"
        case .tooIntricate: "it makes too much work"
        case .missing(let name): "there is no \(name)"
        case .exists(let name): "there is a second \(name)"
        case .wrongKind: "an operand is of the wrong kind"
        case .refused(let what), .unreadable(let what, _): "\(what) is refused"
        }
    }
}
