extension AMLInterpreter {
    /// Carries out what declares an object (ACPI 6.5, 20.2.5.1 and 20.2.5.2).
    ///
    /// - Returns: false where the operation declares none.
    mutating func declare(
        _ operation: AMLOperation, _ operands: [AMLTerm], _ block: AMLCode, _ statement: AMLStatement
    ) throws(AMLDefect) -> Bool {
        switch operation {
        case .scope:
            let node = try scope(Self.name(operands[0]), statement)
            _ = try run(block, in: node, isDefinition: statement.isDefinition)
        case .name:
            let value = try named(operands[1], statement)
            try declare(operands[0], .value(value), statement)
        case .alias:
            try declare(operands[1], .alias(find(Self.name(operands[0]), from: statement.scope)), statement)
        case .method:
            let count = Int(try Self.constant(operands[1]) & 7)
            try declare(operands[0], .method(AMLMethod(argumentCount: count, body: block)), statement)
        case .mutex: try declare(operands[0], .mutex, statement)
        case .event: try declare(operands[0], .event, statement)
        case .device: try declareScope(operands[0], .device, block, statement)
        case .powerResource: try declareScope(operands[0], .scope(type: 11), block, statement)
        case .processor: try declareScope(operands[0], .scope(type: 12), block, statement)
        case .thermalZone: try declareScope(operands[0], .scope(type: 13), block, statement)
        case .operationRegion: try declareRegion(operands, statement)
        case .dataRegion: throw .refused("the region of a table")
        case .field: try declareFields(of: try region(operands[0], statement), operands[1], block, statement)
        case .indexField:
            _ = try find(Self.name(operands[0]), from: statement.scope)
            _ = try find(Self.name(operands[1]), from: statement.scope)
            try declareFields(of: nil, operands[2], block, statement)
        case .bankField:
            _ = try region(operands[0], statement)
            _ = try find(Self.name(operands[1]), from: statement.scope)
            try declareFields(of: nil, operands[3], block, statement)
        case .createBitField, .createByteField, .createWordField, .createDWordField, .createQWordField, .createField:
            try declareBufferField(operation, operands, statement)
        default:
            return false
        }
        return true
    }

    /// A scope that is there; where tables are missing, it may be from one of them.
    private mutating func scope(_ name: AMLName, _ statement: AMLStatement) throws(AMLDefect) -> Int {
        if let node = namespace.find(name, from: statement.scope) { return node }
        guard isIncomplete else { throw .missing(name.description) }
        var node = statement.scope
        for count in name.segments.indices {
            let part = AMLName(origin: name.origin, segments: Array(name.segments[...count]))
            if let found = namespace.find(part, from: statement.scope) {
                node = found
            } else {
                let scope = AMLObject.scope(type: 6)
                node = try namespace.declare(part, in: statement.scope, scope, table: statement.code.table)
            }
        }
        return node
    }

    static func name(_ term: AMLTerm) throws(AMLDefect) -> AMLName {
        guard case .name(let name) = term else { throw .wrongKind }
        return name
    }

    static func constant(_ term: AMLTerm) throws(AMLDefect) -> UInt64 {
        guard case .integer(let integer) = term else { throw .wrongKind }
        return integer
    }

    @discardableResult
    private mutating func declare(
        _ name: AMLTerm, _ object: AMLObject, _ statement: AMLStatement
    ) throws(AMLDefect) -> Int {
        let node = try namespace.declare(
            Self.name(name), in: statement.scope, object, table: statement.code.table)
        if !calls.isEmpty, !statement.isDefinition { calls[calls.count - 1].declared.append(node) }
        return node
    }

    private mutating func declareScope(
        _ name: AMLTerm, _ object: AMLObject, _ block: AMLCode, _ statement: AMLStatement
    ) throws(AMLDefect) {
        let node = try declare(name, object, statement)
        _ = try run(block, in: node, isDefinition: statement.isDefinition)
    }

    /// What a Name stands for. A name in its place is no value but a reference, as to ACPICA.
    private mutating func named(_ term: AMLTerm, _ statement: AMLStatement) throws(AMLDefect) -> AMLValue {
        if case .name(let name) = term {
            return .reference(AMLPlace(base: .node(try find(name, from: statement.scope))))
        }
        keepsNames = true
        defer { keepsNames = false }
        return try evaluate(term, in: statement.scope, statement.code)
    }

    private mutating func declareBufferField(
        _ operation: AMLOperation, _ operands: [AMLTerm], _ statement: AMLStatement
    ) throws(AMLDefect) {
        guard let place = try place(operands[0], in: statement.scope, statement.code) else { throw .wrongKind }
        guard case .buffer(let bytes) = try read(place) else { throw .wrongKind }
        let index = try integer(operands[1], in: statement.scope, statement.code)
        let (unit, width): (UInt64, UInt64)
        switch operation {
        case .createBitField: (unit, width) = (1, 1)
        case .createByteField: (unit, width) = (8, 8)
        case .createWordField: (unit, width) = (8, 16)
        case .createDWordField: (unit, width) = (8, 32)
        case .createQWordField: (unit, width) = (8, 64)
        default: (unit, width) = (1, try integer(operands[2], in: statement.scope, statement.code))
        }
        let bitCount = UInt64(bytes.count) * 8
        guard index <= bitCount, width > 0, width <= bitCount, index * unit <= bitCount - width else {
            throw .refused("a field behind the end of a buffer")
        }
        let first = Int(index * unit)
        guard let name = operands.last else { throw .wrongKind }
        try declare(name, .bufferField(place, bits: first..<first + Int(width)), statement)
    }
}

/// Regions and their fields.
extension AMLInterpreter {
    private mutating func declareRegion(_ operands: [AMLTerm], _ statement: AMLStatement) throws(AMLDefect) {
        // As with ACPICA, where it lies may be said by what is declared later, so that it is asked for again.
        let extent: (UInt64, UInt64)?
        do throws(AMLDefect) { extent = try self.extent(operands, in: statement.scope, statement.code) } catch {
            guard statement.isDefinition, error != .tooIntricate else { throw error }
            extent = nil
        }
        let region = AMLRegion(
            space: try Self.constant(operands[1]), extent: extent, declaration: statement.code,
            scope: statement.scope)
        try declare(operands[0], .region(region), statement)
    }

    private mutating func extent(
        _ operands: [AMLTerm], in scope: Int, _ code: AMLCode
    ) throws(AMLDefect) -> (base: UInt64, length: UInt64) {
        (try integer(operands[2], in: scope, code), try integer(operands[3], in: scope, code))
    }

    /// Where a region lies, in bytes.
    mutating func extent(of region: AMLRegion) throws(AMLDefect) -> (base: UInt64, length: UInt64) {
        if let extent = region.extent { return extent }
        var reader = AMLReader(tables[region.declaration.table], region.declaration.bytes)
        let term = try reader.term { argumentCount($0, in: region.scope) }
        guard case .operation(_, let operands, _) = term, operands.count == 4 else { throw .wrongKind }
        return try nested { machine throws(AMLDefect) in
            try machine.extent(operands, in: region.scope, region.declaration)
        }
    }

    private func region(_ term: AMLTerm, _ statement: AMLStatement) throws(AMLDefect) -> Int {
        let node = try find(Self.name(term), from: statement.scope)
        guard case .region = namespace[node] else { throw .wrongKind }
        return node
    }

    /// Declares the units of a FieldList (ACPI 6.5, 20.2.5.2).
    private mutating func declareFields(
        of region: Int?, _ flags: AMLTerm, _ block: AMLCode, _ statement: AMLStatement
    ) throws(AMLDefect) {
        var reader = AMLReader(tables[block.table], block.bytes)
        var bit = 0
        while let next = reader.next {
            try spend()
            switch next {
            case 0x00:  // ReservedField
                _ = try reader.byte()
                bit += try reader.packageLength()
            case 0x01:  // AccessField
                _ = try reader.byte()
                _ = try reader.word(byteCount: 2)
            case 0x02:  // ConnectField
                _ = try reader.byte()
                _ = try reader.term { _ in nil }
            case 0x03:  // ExtendedAccessField
                _ = try reader.byte()
                _ = try reader.word(byteCount: 3)
            default:
                let segment = try reader.nameSegment()
                let length = try reader.packageLength()
                let name = AMLName(origin: .scope(levelsAbove: 0), segments: [segment])
                try declare(.name(name), .field(AMLField(region: region, bits: bit..<bit + length)), statement)
                bit += length
            }
        }
    }
}
