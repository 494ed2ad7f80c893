extension AMLInterpreter {
    /// Stores a value where a term says (ACPI 6.5, 19.6.132).
    ///
    /// - Parameter converts: what has a name keeps its kind.
    mutating func store(
        _ value: AMLValue, _ target: AMLTerm, _ expression: AMLExpression, converts: Bool
    ) throws(AMLDefect) {
        if case .operation(.debug, _, _) = target { return }
        if case .integer(0) = target { return }
        guard var place = try place(target, in: expression.scope, expression.code) else {
            if case .name = target { return }
            throw .refused("a store to what is no place")
        }
        try spend(value.size / 16, memory: value.size)
        let end = try followed(place)
        let isReference = end != place
        place = end
        if case .node(let node) = place.base, place.indices.isEmpty {
            // Where a reference leads, the object is replaced whatever it is, as by ACPICA.
            return try store(value, in: node, converts: converts && !isReference)
        }
        try spend(memory: try container(of: place))
        try change(place) { slot throws(AMLDefect) in slot = value }
    }

    /// A store to an argument that is a reference goes where it leads.
    private mutating func followed(_ place: AMLPlace) throws(AMLDefect) -> AMLPlace {
        guard case .argument = place.base, place.indices.isEmpty, case .reference(let further) = try read(place) else {
            return place
        }
        return further
    }

    /// How much has to be copied at most for a change of an element.
    private mutating func container(of place: AMLPlace) throws(AMLDefect) -> Int {
        guard !place.indices.isEmpty else { return 1 }
        var size = 0
        var value = try base(place)
        for index in place.indices {
            size += value.size
            if case .package(let package) = value, let element = package[index] { value = element }
        }
        return size
    }

    private mutating func base(_ place: AMLPlace) throws(AMLDefect) -> AMLValue {
        try read(AMLPlace(base: place.base))
    }

    private mutating func store(_ value: AMLValue, in node: Int, converts: Bool) throws(AMLDefect) {
        switch namespace[node] {
        case .value(let old):
            if !converts { replaced.insert(node) }
            namespace[node] = .value(converts ? try converted(value, as: old) : value)
        case .bufferField(let place, let bits):
            guard converts else { throw .wrongKind }
            try write(value, to: bits, of: place)
        case .field(let field):
            let region = field.region.map { " in the region \(namespace.path(of: $0))" } ?? ""
            throw .refused("a store to \(namespace.path(of: node))\(region)")
        default:
            throw .refused("a store to \(namespace.path(of: node))")
        }
    }

    /// A value as another of the kind that the old one has.
    private func converted(_ value: AMLValue, as old: AMLValue) throws(AMLDefect) -> AMLValue {
        switch (old, value) {
        case (.uninitialized, _), (.string, .string), (.package, .package), (.reference, _): return value
        case (.integer, _): return .integer(try integer(from: value))
        case (.buffer(let bytes), _):
            // A buffer keeps its length, unless it had none.
            let source = try self.bytes(of: value)
            guard !bytes.isEmpty else { return .buffer(source) }
            return .buffer(Array((source + [UInt8](repeating: 0, count: bytes.count)).prefix(bytes.count)))
        default: throw .wrongKind
        }
    }
}

/// Bits of regions and buffers.
extension AMLInterpreter {
    /// No field that is read has more bits.
    private static let widthLimit = 512

    /// What a field of a region holds.
    mutating func read(_ field: AMLField, named node: Int) throws(AMLDefect) -> AMLValue {
        let name = namespace.path(of: node)
        guard let regionNode = field.region, case .region(let region) = namespace[regionNode] else {
            throw .refused("\(name), for which something else has to be stored to,")
        }
        note(regionNode)
        guard region.space == 0 else { throw .refused("\(name) in the \(Self.name(ofSpace: region.space))") }
        let (base, length) = try extent(of: region)
        let (first, end) = (field.bits.lowerBound / 8, (field.bits.upperBound + 7) / 8)
        guard !field.bits.isEmpty, field.bits.count <= Self.widthLimit, end - first <= 64, UInt64(end) <= length,
            base <= .max - UInt64(end), base + UInt64(end) <= 1 << 52
        else { throw .refused("\(name) outside of its region") }
        try spend(64)
        let bytes = try memory(base + UInt64(first), end - first)
        guard bytes.count == end - first else { throw .refused("\(name)") }
        return value(of: field.bits, in: bytes, from: first)
    }

    /// What the bits of a buffer hold.
    mutating func read(_ bits: Range<Int>, of place: AMLPlace) throws(AMLDefect) -> AMLValue {
        guard case .buffer(let bytes) = try read(place), bits.upperBound <= bytes.count * 8 else { throw .wrongKind }
        try spend(bits.count / 16, memory: bits.count / 8)
        return value(of: bits, in: bytes, from: 0)
    }

    /// An integer where the bits are as many as integers have at most, else a buffer (ACPI 6.5, 19.6.46).
    private func value(of bits: Range<Int>, in bytes: [UInt8], from first: Int) -> AMLValue {
        func bit(_ position: Int) -> UInt8 { bytes[position / 8 - first] >> UInt8(position % 8) & 1 }
        if bits.count <= (integerMask == .max ? 64 : 32) {
            return .integer(bits.reversed().reduce(0) { $0 << 1 | UInt64(bit($1)) })
        }
        var result = [UInt8](repeating: 0, count: (bits.count + 7) / 8)
        for (index, position) in bits.enumerated() { result[index / 8] |= bit(position) << UInt8(index % 8) }
        return .buffer(result)
    }

    private mutating func write(_ value: AMLValue, to bits: Range<Int>, of place: AMLPlace) throws(AMLDefect) {
        let source = try bytes(of: value)
        guard case .buffer(let old) = try read(place) else { throw .wrongKind }
        try spend((bits.count + old.count) / 16, memory: old.count)
        try change(place) { slot throws(AMLDefect) in
            guard case .buffer(var target) = slot, bits.upperBound <= target.count * 8 else { throw .wrongKind }
            for (index, position) in bits.enumerated() {
                let bit = index / 8 < source.count ? source[index / 8] >> UInt8(index % 8) & 1 : 0
                target[position / 8] &= ~(1 << UInt8(position % 8))
                target[position / 8] |= bit << UInt8(position % 8)
            }
            slot = .buffer(target)
        }
    }

    /// ACPI 6.5, 5.5.2.4.
    private static func name(ofSpace space: UInt64) -> String {
        let names = [
            "memory", "I/O ports", "PCI configuration space", "embedded controller", "SMBus", "CMOS", "PCI BAR", "IPMI",
            "GPIO", "serial bus", "platform communication channel",
        ]
        return Int(exactly: space).flatMap { names.indices.contains($0) ? names[$0] : nil } ?? "region space \(space)"
    }
}
