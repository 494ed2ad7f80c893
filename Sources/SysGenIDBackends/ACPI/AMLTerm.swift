/// A term of ACPI Machine Language as it is written: what is done with which operands. Bodies are not read yet.
indirect enum AMLTerm {
    case integer(UInt64)
    case string([UInt8])
    /// An object, by its name; the NullName is no object.
    case name(AMLName)
    case call(AMLName, [AMLTerm])
    /// The body is where the terms or bytes lie that the operation encloses.
    case operation(AMLOperation, [AMLTerm], body: Range<Int>)

    /// How deep terms may be nested. Those of real tables are nested less than a dozen deep.
    static let depthLimit = 32
}

extension AMLReader {
    /// Reads a term.
    ///
    /// - Parameter argumentCount: how many arguments follow a name, where it is the name of a method; nil for others.
    mutating func term(
        depth: Int = 0, argumentCount: (AMLName) -> Int?
    ) throws(AMLDefect) -> AMLTerm {
        guard depth < AMLTerm.depthLimit else { throw .tooIntricate }
        if let next, AMLName.canBegin(with: next) {
            let name = try name()
            guard let count = argumentCount(name) else { return .name(name) }
            var arguments: [AMLTerm] = []
            for _ in 0..<count { arguments.append(try term(depth: depth + 1, argumentCount: argumentCount)) }
            return .call(name, arguments)
        }
        if let constant = try constant() { return constant }
        let operation = try operation()
        let kinds = operation.operands
        func read(_ reader: inout AMLReader) throws(AMLDefect) -> AMLTerm {
            var operands: [AMLTerm] = []
            for kind in kinds {
                if case .elements = kind {
                    while !reader.isAtEnd {
                        operands.append(try reader.operand(.object, depth: depth + 1, argumentCount))
                    }
                } else if case .body = kind {
                    break
                } else {
                    operands.append(try reader.operand(kind, depth: depth + 1, argumentCount))
                }
            }
            return .operation(operation, operands, body: operation.isEnclosing ? reader.rest : 0..<0)
        }
        return operation.isEnclosing ? try inPackage(read) : try read(&self)
    }

    private mutating func operand(
        _ kind: AMLOperation.Operand, depth: Int, _ argumentCount: (AMLName) -> Int?
    ) throws(AMLDefect) -> AMLTerm {
        switch kind {
        case .term: try term(depth: depth, argumentCount: argumentCount)
        case .target, .object: try termOrName(depth: depth, argumentCount, isTarget: kind == .target)
        case .name: .name(try name())
        case .byte: .integer(try word(byteCount: 1))
        case .word: .integer(try word(byteCount: 2))
        case .doubleWord: .integer(try word(byteCount: 4))
        case .body, .elements: throw .malformed
        }
    }

    /// A term, in whose place a name calls nothing.
    private mutating func termOrName(
        depth: Int, _ argumentCount: (AMLName) -> Int?, isTarget: Bool
    ) throws(AMLDefect) -> AMLTerm {
        if let next, AMLName.canBegin(with: next) || isTarget && next == 0 { return .name(try name()) }
        return try term(depth: depth, argumentCount: argumentCount)
    }

    /// A constant (ACPI 6.5, 20.2.3); nil where there is none. Ones is all ones, whatever the width of integers.
    private mutating func constant() throws(AMLDefect) -> AMLTerm? {
        switch next {
        case 0x00, 0x01: return .integer(UInt64(try byte()))
        case 0xff:
            _ = try byte()
            return .integer(.max)
        case 0x0a: return try prefixed(byteCount: 1)
        case 0x0b: return try prefixed(byteCount: 2)
        case 0x0c: return try prefixed(byteCount: 4)
        case 0x0e: return try prefixed(byteCount: 8)
        case 0x0d:
            _ = try byte()
            return .string(try string())
        default: return nil
        }
    }

    /// An integer of so many bytes behind its opcode.
    private mutating func prefixed(byteCount: Int) throws(AMLDefect) -> AMLTerm {
        _ = try byte()
        return .integer(try word(byteCount: byteCount))
    }

    private mutating func operation() throws(AMLDefect) -> AMLOperation {
        let first = try byte()
        let opcode = first == 0x5b ? 0x5b00 | UInt16(try byte()) : UInt16(first)
        guard let operation = AMLOperation(rawValue: opcode) else { throw .malformed }
        return operation
    }
}
