extension AMLInterpreter {
    /// The value of a term.
    ///
    /// - Parameter dereferences: a reference to an element of a package stands for the element.
    mutating func evaluate(
        _ term: AMLTerm, in scope: Int, _ code: AMLCode, dereferences: Bool = false
    ) throws(AMLDefect) -> AMLValue {
        try spend()
        let value = try nested { machine throws(AMLDefect) in try machine.evaluated(term, in: scope, code) }
        guard dereferences, case .reference(let place) = value, !place.indices.isEmpty else { return value }
        return try read(place)
    }

    private mutating func evaluated(_ term: AMLTerm, in scope: Int, _ code: AMLCode) throws(AMLDefect) -> AMLValue {
        switch term {
        case .integer(let integer): return .integer(integer & integerMask)
        case .string(let bytes):
            try spend(memory: bytes.count)
            return .string(bytes)
        case .name(let name): return try value(of: find(name, from: scope))
        case .call(let name, let arguments): return try call(name, arguments, in: scope, code)
        case .operation(let operation, let operands, let body):
            return try evaluate(
                AMLExpression(
                    operation: operation, operands: operands, body: AMLCode(table: code.table, bytes: body),
                    scope: scope, code: code))
        }
    }

    private mutating func call(
        _ name: AMLName, _ terms: [AMLTerm], in scope: Int, _ code: AMLCode
    ) throws(AMLDefect) -> AMLValue {
        var arguments: [Argument] = []
        for term in terms {
            let value = try evaluate(term, in: scope, code)
            // What has elements is the caller's own, which the method may change (ACPI 6.5, 19.3.5.6).
            switch value {
            case .package, .buffer:
                if let place = try place(term, in: scope, code), case .value = try kind(of: place) {
                    arguments.append(.place(place))
                } else {
                    arguments.append(.value(value))
                }
            case .uninitialized: throw .refused("an argument without a value")
            default: arguments.append(.value(value))
            }
        }
        let node = try find(name, from: scope)
        if case .operatingSystemInterface = namespace[node] { return try operatingSystem(arguments.first) }
        return try call(node, arguments)
    }

    private func kind(of place: AMLPlace) throws(AMLDefect) -> AMLObject {
        if case .node(let node) = place.base { return namespace[node] }
        return .value(.uninitialized)
    }

    /// What Linux answers to `_OSI`: it takes itself for every Windows, and for no Linux.
    /// See Documentation/firmware-guide/acpi/osi.rst of the kernel.
    private mutating func operatingSystem(_ argument: Argument?) throws(AMLDefect) -> AMLValue {
        guard case .value(.string(let name)) = argument else { throw .wrongKind }
        let features = [
            "Module Device", "Processor Device", "3.0 _SCP Extensions", "Processor Aggregator Device",
        ]
        let text = String(decoding: name, as: UTF8.self)
        return .integer(text.hasPrefix("Windows 20") || features.contains(text) ? integerMask : 0)
    }

    /// What an operation comes to, which declares nothing.
    private mutating func evaluate(_ expression: AMLExpression) throws(AMLDefect) -> AMLValue {
        let operands = expression.operands
        switch expression.operation {
        case .store, .copyObject:
            let value = try evaluate(operands[0], in: expression.scope, expression.code)
            guard case .uninitialized = value else {
                try store(value, operands[1], expression, converts: expression.operation == .store)
                return value
            }
            throw .refused("a value that was never set")
        case .buffer: return try buffer(expression)
        case .package, .variablePackage: return try package(expression)
        case .index: return try index(expression)
        case .refOf:
            guard let place = try place(operands[0], in: expression.scope, expression.code) else { throw .wrongKind }
            return .reference(place)
        case .derefOf: return try dereferenced(operands[0], expression)
        case .condRefOf: return try condition(expression)
        case .increment, .decrement:
            let integer = try integer(operands[0], in: expression.scope, expression.code)
            let result = AMLValue.integer(
                (expression.operation == .increment ? integer &+ 1 : integer &- 1) & integerMask)
            try store(result, operands[0], expression, converts: true)
            return result
        case .sizeOf: return .integer(UInt64(try size(operands[0], expression)))
        case .objectType: return .integer(try type(operands[0], expression))
        case .revision: return .integer(2)
        // The semaphores are the interpreter's own, and nobody else has any.
        case .acquire, .release: return .integer(0)
        case .notify, .sleep, .stall, .signal, .wait, .reset, .fatal, .load, .loadTable, .unload, .timer, .debug,
            .match, .concatenateResTemplate, .fromBCD, .toBCD:
            throw .refused("\(expression.operation)")
        default:
            if let place = try place(
                .operation(expression.operation, operands, body: 0..<0), in: expression.scope, expression.code)
            {
                return try read(place)
            }
            return try calculate(expression)
        }
    }

    private mutating func buffer(_ expression: AMLExpression) throws(AMLDefect) -> AMLValue {
        let size = try integer(expression.operands[0], in: expression.scope, expression.code)
        let content = tables[expression.body.table][expression.body.bytes]
        guard size <= 1 << 20 else { throw .tooIntricate }
        let count = max(Int(size), content.count)
        try spend(count / 16, memory: count)
        return .buffer(Array(content) + [UInt8](repeating: 0, count: count - content.count))
    }

    private mutating func package(_ expression: AMLExpression) throws(AMLDefect) -> AMLValue {
        let count = try integer(expression.operands[0], in: expression.scope, expression.code)
        guard count <= 1 << 16 else { throw .tooIntricate }
        try spend(Int(count) / 16, memory: Int(count))
        var elements: [AMLValue] = []
        // More elements than there are places for are left out, as by ACPICA.
        for term in expression.operands.dropFirst().prefix(Int(count)) {
            if case .name(let name) = term {
                let named = AMLValue.named(name, scope: expression.scope)
                elements.append(keepsNames ? named : try resolved(named, ifThere: true))
            } else {
                elements.append(try evaluate(term, in: expression.scope, expression.code))
            }
        }
        elements += Array(repeating: .uninitialized, count: Int(count) - elements.count)
        return .package(try AMLPackage(elements))
    }

    /// A reference to an element.
    private mutating func index(_ expression: AMLExpression) throws(AMLDefect) -> AMLValue {
        let operands = expression.operands
        var place: AMLPlace
        if let found = try self.place(operands[0], in: expression.scope, expression.code) {
            place = found
        } else {
            let value = try evaluate(operands[0], in: expression.scope, expression.code)
            temporaries.append(value)
            place = AMLPlace(base: .temporary(temporaries.count - 1))
        }
        let index = try integer(operands[1], in: expression.scope, expression.code)
        guard place.indices.count < AMLValue.depthLimit, let index = Int(exactly: index) else {
            throw .refused("an index behind the end of a package")
        }
        place.indices.append(index)
        try checkElement(place)
        let reference = AMLValue.reference(place)
        try store(reference, operands[2], expression, converts: false)
        return reference
    }

    private mutating func checkElement(_ place: AMLPlace) throws(AMLDefect) {
        var container = place
        let index = container.indices.removeLast()
        let count: Int
        switch try read(container) {
        case .package(let package): count = package.elements.count
        case .buffer(let bytes), .string(let bytes): count = bytes.count
        default: throw .wrongKind
        }
        guard index < count else { throw .refused("an index behind the end of a package") }
    }

    private mutating func dereferenced(
        _ term: AMLTerm, _ expression: AMLExpression
    ) throws(AMLDefect) -> AMLValue {
        guard case .reference(let place) = try evaluate(term, in: expression.scope, expression.code) else {
            throw .wrongKind
        }
        let value = try read(place)
        if case .uninitialized = value { throw .refused("a value that was never set") }
        return value
    }

    private mutating func condition(_ expression: AMLExpression) throws(AMLDefect) -> AMLValue {
        if case .name(let name) = expression.operands[0] {
            guard namespace.find(name, from: expression.scope) != nil else { return .integer(0) }
        }
        guard let place = try place(expression.operands[0], in: expression.scope, expression.code) else {
            return .integer(0)
        }
        try store(.reference(place), expression.operands[1], expression, converts: false)
        return .integer(integerMask)
    }
}

/// An operation with where it stands.
struct AMLExpression {
    let operation: AMLOperation
    let operands: [AMLTerm]
    let body: AMLCode
    let scope: Int
    let code: AMLCode
}
