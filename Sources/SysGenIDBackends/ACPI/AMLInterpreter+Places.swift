extension AMLInterpreter {
    /// The place of a term that can be referred to: a local variable, an argument, an object, an element. Nil for what
    /// is a value only, and for the NullName.
    mutating func place(_ term: AMLTerm, in scope: Int, _ code: AMLCode) throws(AMLDefect) -> AMLPlace? {
        switch term {
        case .name(let name):
            guard !name.segments.isEmpty || name.origin != .scope(levelsAbove: 0) else { return nil }
            return AMLPlace(base: .node(try find(name, from: scope)))
        case .operation(let operation, let operands, _):
            if let place = try variable(operation) { return place }
            guard [.index, .refOf, .derefOf].contains(operation) else { return nil }
            if operation == .refOf { return try place(operands[0], in: scope, code) }
            let reference = try evaluate(operation == .derefOf ? operands[0] : term, in: scope, code)
            guard case .reference(let place) = reference else { return nil }
            return place
        default:
            return nil
        }
    }

    /// The place of a local variable or an argument; an argument that stands for something of the caller's is that.
    private func variable(_ operation: AMLOperation) throws(AMLDefect) -> AMLPlace? {
        let locals = AMLOperation.local0.rawValue...AMLOperation.local7.rawValue
        let arguments = AMLOperation.argument0.rawValue...AMLOperation.argument6.rawValue
        let isLocal = locals.contains(operation.rawValue)
        guard isLocal || arguments.contains(operation.rawValue) else { return nil }
        guard let call = calls.last else { throw .refused("a variable outside of a method") }
        if isLocal {
            return AMLPlace(base: .local(call: call.number, Int(operation.rawValue - locals.lowerBound)))
        }
        let number = Int(operation.rawValue - arguments.lowerBound)
        guard call.arguments.indices.contains(number) else { throw .refused("an argument that is not given") }
        if case .place(let place) = call.arguments[number] { return place }
        return AMLPlace(base: .argument(call: call.number, number))
    }

    private func position(of call: Int) throws(AMLDefect) -> Int {
        guard let position = calls.lastIndex(where: { $0.number == call }) else {
            throw .refused("a reference to a method that has ended")
        }
        return position
    }

    /// What lies at a place.
    mutating func read(_ place: AMLPlace) throws(AMLDefect) -> AMLValue {
        var value = try base(of: place)
        for index in place.indices {
            value = try element(index, of: resolved(value))
        }
        return try resolved(value)
    }

    private mutating func base(of place: AMLPlace) throws(AMLDefect) -> AMLValue {
        switch place.base {
        case .node(let node): return try value(of: node)
        case .local(let call, let number): return calls[try position(of: call)].locals[number]
        case .temporary(let number): return temporaries[number]
        case .argument(let call, let number):
            guard case .value(let value) = calls[try position(of: call)].arguments[number] else { throw .wrongKind }
            return value
        }
    }

    private func element(_ index: Int, of value: AMLValue) throws(AMLDefect) -> AMLValue {
        switch value {
        case .package(let package):
            guard let element = package[index] else { throw .refused("an index behind the end of a package") }
            return element
        case .buffer(let bytes), .string(let bytes):
            guard bytes.indices.contains(index) else { throw .refused("an index behind the end of a buffer") }
            return .integer(UInt64(bytes[index]))
        default: throw .wrongKind
        }
    }

    /// An element that is named, as its object has it; others as they are.
    ///
    /// - Parameter ifThere: a name that nothing has stays a name.
    mutating func resolved(_ value: AMLValue, ifThere: Bool = false) throws(AMLDefect) -> AMLValue {
        guard case .named(let name, let scope) = value else { return value }
        if ifThere, namespace.find(name, from: scope) == nil { return value }
        let node = try find(name, from: scope)
        switch namespace[node] {
        case .value, .field, .bufferField: return try self.value(of: node)
        default: return .reference(AMLPlace(base: .node(node)))
        }
    }

    /// The value of an object of the namespace, which is not called.
    mutating func value(of node: Int) throws(AMLDefect) -> AMLValue {
        note(node)
        switch namespace[node] {
        case .value(let value):
            try trust(node)
            return try completed(value, of: node)
        case .field(let field): return try read(field, named: node)
        case .bufferField(let place, let bits):
            try trust(node)
            return try read(bits, of: place)
        case .removed: throw .refused("an object of a method that has ended")
        default: return .reference(AMLPlace(base: .node(node)))
        }
    }

    /// A package whose elements are named has what the names stand for at present: for ACPICA they are one object.
    private mutating func completed(_ value: AMLValue, of node: Int) throws(AMLDefect) -> AMLValue {
        guard case .package(let package) = value, package.hasNames else { return value }
        try spend(package.elements.count, memory: package.elements.count)
        // Meanwhile it is nothing, should it be an element of itself.
        namespace[node] = .value(.uninitialized)
        defer { namespace[node] = .value(value) }
        var elements: [AMLValue] = []
        for element in package.elements {
            // The package keeps the object that was there before, whose value is not known any more.
            if case .named(let name, let scope) = element, let node = namespace.find(name, from: scope),
                replaced.contains(node)
            {
                throw .refused("\(name), which was replaced by something else,")
            }
            elements.append(try resolved(element, ifThere: true))
        }
        return .package(try AMLPackage(elements))
    }

    private func trust(_ node: Int) throws(AMLDefect) {
        guard !doubtful.contains(namespace.nodes[node].segment) else {
            throw .refused("\(namespace.path(of: node)), which something may have changed that was refused,")
        }
    }

    /// Changes what lies at a place, which is no field.
    mutating func change(
        _ place: AMLPlace, _ body: (inout AMLValue) throws(AMLDefect) -> Void
    ) throws(AMLDefect) {
        let indices = place.indices[...]
        switch place.base {
        case .local(let call, let number):
            try Self.change(&calls[try position(of: call)].locals[number], indices, body)
        case .argument(let call, let number):
            let position = try position(of: call)
            guard case .value(var value) = calls[position].arguments[number] else { throw .wrongKind }
            calls[position].arguments[number] = .value(.uninitialized)
            defer { calls[position].arguments[number] = .value(value) }
            try Self.change(&value, indices, body)
        case .temporary(let number):
            try Self.change(&temporaries[number], indices, body)
        case .node(let node):
            guard case .value(var value) = namespace[node] else {
                throw .refused("a store to \(namespace.path(of: node))")
            }
            namespace[node] = .value(.uninitialized)
            defer { namespace[node] = .value(value) }
            try Self.change(&value, indices, body)
        }
    }

    private static func change(
        _ value: inout AMLValue, _ indices: ArraySlice<Int>, _ body: (inout AMLValue) throws(AMLDefect) -> Void
    ) throws(AMLDefect) {
        guard let index = indices.first else { return try body(&value) }
        switch value {
        case .package(var package):
            value = .uninitialized
            defer { value = .package(package) }
            try package.change(index) { element throws(AMLDefect) in
                try change(&element, indices.dropFirst(), body)
            }
        case .buffer(var bytes), .string(var bytes):
            guard bytes.indices.contains(index), indices.count == 1 else {
                throw .refused("an index behind the end of a buffer")
            }
            var byte = AMLValue.integer(UInt64(bytes[index]))
            try body(&byte)
            // The lowest byte of an integer, and the first one of anything longer.
            switch byte {
            case .integer(let integer): bytes[index] = UInt8(truncatingIfNeeded: integer)
            case .string(let source), .buffer(let source): bytes[index] = source.first ?? 0
            default: throw .wrongKind
            }
            if case .buffer = value { value = .buffer(bytes) } else { value = .string(bytes) }
        default:
            throw .wrongKind
        }
    }
}
