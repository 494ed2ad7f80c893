// What a program is told of a value, but not the value.

extension AMLInterpreter {
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
