extension AMLInterpreter {
    /// Carries out a list of terms (ACPI 6.5, 20.2.5.3).
    ///
    /// - Parameter isDefinition: it belongs to a table and not to a method: what fails is passed over.
    mutating func run(_ code: AMLCode, in scope: Int, isDefinition: Bool) throws(AMLDefect) -> Flow {
        var reader = AMLReader(tables[code.table], code.bytes)
        /// Whether the If before was not taken; nil where there is none, or where it could not be decided.
        var isElse: Bool?
        while !reader.isAtEnd {
            let start = reader.position
            do throws(AMLDefect) {
                let term = try reader.term { argumentCount($0, in: scope) }
                try spend(1 + reader.takeEffort() / 16)
                let statement = AMLStatement(
                    term: term, code: AMLCode(table: code.table, bytes: start..<reader.position), scope: scope,
                    isDefinition: isDefinition)
                let flow = try nested { machine throws(AMLDefect) in try machine.perform(statement, &isElse) }
                guard case .next = flow else { return flow }
            } catch .tooIntricate {
                throw .tooIntricate
            } catch {
                guard isDefinition else { throw error }
                isElse = nil
                // Where it is not known what the next term is, nothing more is read.
                guard error != .cutShort, error != .malformed else { return .next }
                try passOver(AMLCode(table: code.table, bytes: start..<reader.position), error)
            }
        }
        return .next
    }

    /// What the kernel would have done without a refusal may have changed what is named there.
    private mutating func passOver(_ code: AMLCode, _ defect: AMLDefect) throws(AMLDefect) {
        if firstRefusal == nil { firstRefusal = defect.description }
        switch defect {
        case .refused, .wrongKind: try doubt(code)
        default: break
        }
    }

    private mutating func perform(_ statement: AMLStatement, _ isElse: inout Bool?) throws(AMLDefect) -> Flow {
        guard case .operation(let operation, let operands, let body) = statement.term else {
            _ = try evaluate(statement.term, in: statement.scope, statement.code)
            return .next
        }
        let block = AMLCode(table: statement.code.table, bytes: body)
        let wasElse = isElse
        isElse = nil
        switch operation {
        case .if:
            let isTaken = try integer(operands[0], in: statement.scope, statement.code) != 0
            isElse = !isTaken
            return isTaken ? try run(block, in: statement.scope, isDefinition: statement.isDefinition) : .next
        case .else:
            guard let wasElse else {
                if statement.isDefinition { try doubt(block) }
                return .next
            }
            return wasElse ? try run(block, in: statement.scope, isDefinition: statement.isDefinition) : .next
        case .while:
            return try loop(statement, operands[0], block)
        case .return:
            return .returning(try returned(operands[0], in: statement.scope, statement.code))
        case .break: return .breaking
        case .continue: return .continuing
        case .noop, .breakPoint, .external:
            isElse = wasElse
            return .next
        default:
            if try declare(operation, operands, block, statement) { return .next }
            _ = try evaluate(statement.term, in: statement.scope, statement.code)
            return .next
        }
    }

    private mutating func loop(
        _ statement: AMLStatement, _ condition: AMLTerm, _ block: AMLCode
    ) throws(AMLDefect) -> Flow {
        while try integer(condition, in: statement.scope, statement.code) != 0 {
            try spend()
            switch try run(block, in: statement.scope, isDefinition: statement.isDefinition) {
            case .next, .continuing: continue
            case .breaking: return .next
            case .returning(let value): return .returning(value)
            }
        }
        return .next
    }

    /// What a method returns: an element and no reference to one.
    private mutating func returned(
        _ term: AMLTerm, in scope: Int, _ code: AMLCode
    ) throws(AMLDefect) -> AMLValue {
        let value = try evaluate(term, in: scope, code)
        if case .reference(let place) = value, !place.indices.isEmpty { return try read(place) }
        return value
    }
}

/// A term in a list, with where it stands.
struct AMLStatement {
    let term: AMLTerm
    let code: AMLCode
    let scope: Int
    let isDefinition: Bool
}
