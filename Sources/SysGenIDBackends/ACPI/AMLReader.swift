/// A cursor in a block of ACPI Machine Language (ACPI 6.5, chapter 20).
///
/// It reads what was asked for or throws; no length in the block can take it out of the enclosing package.
/// What it does is counted, and a block that makes it work out of proportion to its size ends in a failure,
/// so that overlapping packages cannot make the time grow with the square of the size.
struct AMLReader {
    let block: [UInt8]
    /// Where the bytes lie that are still to be read.
    private(set) var rest: Range<Int>
    private var effort: Int

    /// How often each byte of the block may be looked at, on average. A sound table needs it about twice.
    static let effortPerByte = 16

    init(_ block: [UInt8]) {
        self.block = block
        rest = block.indices
        effort = block.count * Self.effortPerByte
    }

    var isAtEnd: Bool { rest.isEmpty }

    /// Where the next byte lies in the block.
    var position: Int { rest.lowerBound }

    /// The next byte, which is not taken; nil at the end.
    var next: UInt8? { rest.isEmpty ? nil : block[rest.lowerBound] }

    /// Goes on with a part of the block.
    mutating func move(to part: Range<Int>) {
        rest = part.clamped(to: block.indices)
    }

    /// Counts work on so many bytes.
    mutating func spend(_ count: Int) throws(AMLDefect) {
        guard effort >= count else { throw .tooIntricate }
        effort -= count
    }

    mutating func byte() throws(AMLDefect) -> UInt8 {
        guard let byte = next else { throw .cutShort }
        try spend(1)
        rest = rest.lowerBound + 1..<rest.upperBound
        return byte
    }

    /// Takes the next byte where it is this one, and throws where it is another.
    mutating func expect(_ expected: UInt8) throws(AMLDefect) {
        guard try byte() == expected else { throw .unknown }
    }

    /// An integer of so many bytes, the lowest first.
    mutating func word(byteCount: Int) throws(AMLDefect) -> UInt64 {
        var word: UInt64 = 0
        for index in 0..<byteCount { word |= UInt64(try byte()) << UInt64(8 * index) }
        return word
    }

    /// Passes over so many bytes without a look at them.
    mutating func skip(_ count: Int) throws(AMLDefect) {
        guard count <= rest.count else { throw .cutShort }
        try spend(1)
        rest = rest.lowerBound + count..<rest.upperBound
    }

    /// Passes over a PkgLength and all that it covers (ACPI 6.5, 20.2.4).
    ///
    /// - Returns: what it covers, without its own bytes.
    mutating func package() throws(AMLDefect) -> Range<Int> {
        let start = position
        let lead = Int(try byte())
        let furtherCount = lead >> 6
        var length = lead & 0x3f
        if furtherCount > 0 {
            // Bits 4 and 5 are reserved and zero where bytes follow.
            guard lead & 0x30 == 0 else { throw .unknown }
            length |= Int(try word(byteCount: furtherCount)) << 4
        }
        let ownCount = 1 + furtherCount
        guard length >= ownCount else { throw .unknown }
        let content = position..<start + length
        try skip(length - ownCount)
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

/// Why a block of ACPI Machine Language could not be read.
enum AMLDefect: Error, Hashable {
    /// It ends too early, or a length in it leads out of the enclosing package.
    case cutShort
    /// It is something that the reader does not know, or that must not stand there.
    case unknown
    /// It is nested too deep, or makes too much work.
    case tooIntricate
}
