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

    /// What an operation on values comes to, stored where it says (ACPI 6.5, 20.2.5.4).
    mutating func calculate(_ expression: AMLExpression) throws(AMLDefect) -> AMLValue {
        let operands = expression.operands
        func operand(_ number: Int, _ machine: inout AMLInterpreter) throws(AMLDefect) -> AMLValue {
            guard operands.indices.contains(number) else { throw .malformed }
            return try machine.evaluate(operands[number], in: expression.scope, expression.code, dereferences: true)
        }
        let first = try operand(0, &self)
        switch expression.operation {
        case .logicalNot: return truth(try integer(from: first) == 0)
        case .not: return try stored(.integer(~(try integer(from: first)) & integerMask), 1, expression)
        case .findSetLeftBit:
            return try stored(.integer(UInt64(64 - (try integer(from: first)).leadingZeroBitCount)), 1, expression)
        case .findSetRightBit:
            let integer = try integer(from: first)
            let bit = integer == 0 ? 0 : UInt64(integer.trailingZeroBitCount + 1)
            return try stored(.integer(bit), 1, expression)
        case .toInteger: return try stored(.integer(try toInteger(first)), 1, expression)
        case .toBuffer: return try stored(.buffer(try bytes(of: first)), 1, expression)
        case .toDecimalString, .toHexString: throw .refused("\(expression.operation)")
        case .mid:
            let start = try integer(from: operand(1, &self))
            return try stored(try middle(of: first, start, integer(from: operand(2, &self))), 3, expression)
        default: break
        }
        let second = try operand(1, &self)
        switch expression.operation {
        case .logicalEqual, .logicalGreater, .logicalLess:
            return truth(try compare(first, second, expression.operation))
        case .concatenate: return try stored(try concatenated(first, second), 2, expression)
        case .toString:
            guard case .buffer(let bytes) = first else { throw .wrongKind }
            let limit = Int(clamping: try integer(from: second))
            return try stored(.string(Array(bytes.prefix(limit).prefix { $0 != 0 })), 2, expression)
        case .divide:
            let (dividend, divisor) = (try integer(from: first), try integer(from: second))
            guard divisor != 0 else { throw .refused("a division by zero") }
            try store(.integer(dividend % divisor), operands[2], expression, converts: true)
            return try stored(.integer(dividend / divisor), 3, expression)
        default:
            let result = try calculated(expression.operation, integer(from: first), integer(from: second))
            if expression.operation == .logicalAnd || expression.operation == .logicalOr { return truth(result != 0) }
            return try stored(.integer(result & integerMask), 2, expression)
        }
    }

    private func calculated(
        _ operation: AMLOperation, _ first: UInt64, _ second: UInt64
    ) throws(AMLDefect) -> UInt64 {
        switch operation {
        case .add: return first &+ second
        case .subtract: return first &- second
        case .multiply: return first &* second
        case .mod:
            guard second != 0 else { throw .refused("a division by zero") }
            return first % second
        case .shiftLeft: return second < 64 ? first << second : 0
        case .shiftRight: return second < 64 ? first >> second : 0
        case .and: return first & second
        case .nand: return ~(first & second)
        case .or: return first | second
        case .nor: return ~(first | second)
        case .xor: return first ^ second
        case .logicalAnd: return first != 0 && second != 0 ? 1 : 0
        case .logicalOr: return first != 0 || second != 0 ? 1 : 0
        default: throw .refused("\(operation)")
        }
    }

    /// Stores a result where the operand says, and returns it.
    private mutating func stored(
        _ value: AMLValue, _ target: Int, _ expression: AMLExpression
    ) throws(AMLDefect) -> AMLValue {
        guard expression.operands.indices.contains(target) else { throw .malformed }
        try spend(value.size / 16, memory: value.size)
        try store(value, expression.operands[target], expression, converts: true)
        return value
    }

    private func truth(_ condition: Bool) -> AMLValue { .integer(condition ? integerMask : 0) }

    /// The second is converted to the kind of the first.
    private func compare(
        _ first: AMLValue, _ second: AMLValue, _ operation: AMLOperation
    ) throws(AMLDefect) -> Bool {
        switch first {
        case .string, .buffer:
            let (left, right) = (try bytes(of: first), try bytes(of: second))
            guard case .buffer = first else {
                guard case .string = second else { throw .wrongKind }
                return Self.compare(left, right, operation)
            }
            return Self.compare(left, right, operation)
        default:
            let (left, right) = (try integer(from: first), try integer(from: second))
            switch operation {
            case .logicalEqual: return left == right
            case .logicalGreater: return left > right
            default: return left < right
            }
        }
    }

    private static func compare(_ left: [UInt8], _ right: [UInt8], _ operation: AMLOperation) -> Bool {
        switch operation {
        case .logicalEqual: left == right
        case .logicalGreater: right.lexicographicallyPrecedes(left)
        default: left.lexicographicallyPrecedes(right)
        }
    }

    /// Strings are decimal here, unless they begin with 0x.
    private func toInteger(_ value: AMLValue) throws(AMLDefect) -> UInt64 {
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

    private func concatenated(_ first: AMLValue, _ second: AMLValue) throws(AMLDefect) -> AMLValue {
        switch (first, second) {
        case (.string(let left), .string(let right)): .string(left + right)
        case (.buffer(let left), _): .buffer(left + (try bytes(of: second)))
        case (.integer, .integer): .buffer(try bytes(of: first) + bytes(of: second))
        default: throw .wrongKind
        }
    }

    private func middle(of value: AMLValue, _ start: UInt64, _ length: UInt64) throws(AMLDefect) -> AMLValue {
        let (start, length) = (Int(clamping: start), Int(clamping: length))
        switch value {
        case .string(let bytes): return .string(Array(bytes.dropFirst(start).prefix(length)))
        case .buffer(let bytes): return .buffer(Array(bytes.dropFirst(start).prefix(length)))
        default: throw .wrongKind
        }
    }

    /// What SizeOf says: bytes, characters or elements.
    mutating func size(_ term: AMLTerm, _ expression: AMLExpression) throws(AMLDefect) -> Int {
        switch try target(term, expression) {
        case .string(let bytes), .buffer(let bytes): bytes.count
        case .package(let package): package.elements.count
        default: throw .wrongKind
        }
    }

    /// What ObjectType says (ACPI 6.5, table 19.37).
    mutating func type(_ term: AMLTerm, _ expression: AMLExpression) throws(AMLDefect) -> UInt64 {
        if let place = try place(term, in: expression.scope, expression.code), place.indices.isEmpty,
            case .node(let node) = place.base
        {
            switch namespace[node] {
            case .scope(let type): return type
            case .device: return 6
            case .event: return 7
            case .method, .operatingSystemInterface: return 8
            case .mutex: return 9
            case .region: return 10
            case .field: return 5
            case .bufferField: return 14
            case .alias, .removed: return 0
            case .value: break
            }
        }
        switch try target(term, expression) {
        case .uninitialized, .named: return 0
        case .integer: return 1
        case .string: return 2
        case .buffer: return 3
        case .package: return 4
        case .reference: throw .wrongKind
        }
    }

    /// The value of a target; what an element or a reference leads to in its place.
    private mutating func target(_ term: AMLTerm, _ expression: AMLExpression) throws(AMLDefect) -> AMLValue {
        guard let place = try place(term, in: expression.scope, expression.code) else { throw .wrongKind }
        let value = try read(place)
        guard case .reference(let further) = value else { return value }
        return try read(further)
    }
}
