// One kind of value made of another.

extension AMLInterpreter {
    /// The value of a term as an integer, converted as ACPICA converts (ACPI 6.5, 19.3.5.4).
    mutating func integer(_ term: AMLTerm, in scope: Int, _ code: AMLCode) throws(AMLDefect) -> UInt64 {
        try integer(from: evaluate(term, in: scope, code, dereferences: true))
    }

    func integer(from value: AMLValue) throws(AMLDefect) -> UInt64 {
        switch value {
        case .integer(let integer): return integer & integerMask
        case .buffer(let bytes):
            guard !bytes.isEmpty else { throw .wrongKind }
            return bytes.prefix(8).reversed().reduce(0) { $0 << 8 | UInt64($1) } & integerMask
        case .string(let bytes): return Self.hexadecimal(bytes) & integerMask
        case .uninitialized: throw .refused("a value that was never set")
        default: throw .wrongKind
        }
    }

    /// Hexadecimal digits up to the first character that is none.
    private static func hexadecimal(_ text: [UInt8]) -> UInt64 {
        var digits = text[...].drop { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
        if digits.starts(with: Array("0x".utf8)) || digits.starts(with: Array("0X".utf8)) {
            digits = digits.dropFirst(2)
        }
        return digits.prefix { hexadecimalDigit($0) != nil }.prefix(16)
            .reduce(0) { $0 << 4 | UInt64(hexadecimalDigit($1) ?? 0) }
    }

    /// Strings are decimal here, unless they begin with 0x.
    func toInteger(_ value: AMLValue) throws(AMLDefect) -> UInt64 {
        guard case .string(let text) = value, !text.starts(with: Array("0x".utf8)) else {
            return try integer(from: value)
        }
        var integer: UInt64 = 0
        for digit in text {
            guard UInt8(ascii: "0")...UInt8(ascii: "9") ~= digit else { break }
            integer = integer &* 10 &+ UInt64(digit - UInt8(ascii: "0"))
        }
        return integer & integerMask
    }

    /// A string's bytes end with the zero behind it, and an integer's are as many as integers have.
    func bytes(of value: AMLValue) throws(AMLDefect) -> [UInt8] {
        switch value {
        case .buffer(let bytes): return bytes
        case .string(let bytes): return bytes + [0]
        case .integer(let integer):
            let count = integerMask == .max ? 8 : 4
            return (0..<count).map { UInt8(truncatingIfNeeded: integer >> UInt64(8 * $0)) }
        default: throw .wrongKind
        }
    }
}
