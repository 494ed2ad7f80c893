extension AMLInterpreter {
    /// What an operation on values comes to, stored where it says (ACPI 6.5, 20.2.5.4).
    mutating func calculate(_ expression: AMLExpression) throws(AMLDefect) -> AMLValue {
        let first = try operand(0, of: expression)
        if let value = try calculate(from: first, expression) { return value }
        let second = try operand(1, of: expression)
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
            try store(.integer(dividend % divisor), expression.operands[2], expression, converts: true)
            return try stored(.integer(dividend / divisor), 3, expression)
        default:
            let result = try calculated(expression.operation, integer(from: first), integer(from: second))
            if expression.operation == .logicalAnd || expression.operation == .logicalOr { return truth(result != 0) }
            return try stored(.integer(result & integerMask), 2, expression)
        }
    }

    /// nil where the operation is one on two values.
    private mutating func calculate(
        from first: AMLValue, _ expression: AMLExpression
    ) throws(AMLDefect) -> AMLValue? {
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
            let start = try integer(from: operand(1, of: expression))
            return try stored(try middle(of: first, start, integer(from: operand(2, of: expression))), 3, expression)
        default: return nil
        }
    }

    private mutating func operand(_ number: Int, of expression: AMLExpression) throws(AMLDefect) -> AMLValue {
        guard expression.operands.indices.contains(number) else { throw .malformed }
        return try evaluate(expression.operands[number], in: expression.scope, expression.code, dereferences: true)
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
}
