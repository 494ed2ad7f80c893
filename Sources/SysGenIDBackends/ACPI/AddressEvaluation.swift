/// Evaluates the `ADDR` of a VM generation ID device: a package of two integers, or a method that makes one.
///
/// Of methods it knows what hypervisors write there: Return, Store, Add, Package, Index, the local
/// variables, and names of integers in the same table (ACPI 6.5, 20.2.5.3 and 20.2.5.4). There is no
/// loop and no call among these, so that it ends with the method.
struct AddressEvaluation {
    private enum Value: Hashable {
        case integer(UInt64)
        /// The elements that were set, and nil for the others.
        case package([UInt64?])
    }

    /// Where a value is stored.
    private enum Target {
        case nowhere
        case local(Int)
        case element(local: Int, index: Int)
    }

    private var reader: AMLReader
    private var locals = [Value?](repeating: nil, count: AMLOpcode.locals.count)

    /// No method needs expressions that are nested deeper.
    private static let depthLimit = 8

    private init(_ block: [UInt8]) {
        reader = AMLReader(block)
    }

    /// The physical address at which the device's GUID lies.
    static func address(of device: GenerationDevice, in block: [UInt8]) throws(AddressDefect) -> UInt64 {
        var evaluation = AddressEvaluation(block)
        let value: Value?
        switch device.address {
        case .missing: throw .missing
        case .unusable: throw .notUnderstood
        case .data(let data): value = try? evaluation.value(ofData: data)
        case .method(let statements): value = try? evaluation.value(ofMethod: statements)
        }
        guard case .package(let halves) = value, halves.count == 2, let low = halves[0], let high = halves[1],
            low <= UInt32.max, high <= UInt32.max
        else { throw .notUnderstood }
        return try checked(high << 32 | low)
    }

    /// The lowest page belongs to the firmware of old, and is where QEMU's method leads to before the
    /// firmware has placed the GUID. No processor has more than 52 bits of physical address. Any alignment
    /// is taken, as by Linux, although Microsoft's specification asks for 8 bytes.
    private static func checked(_ address: UInt64) throws(AddressDefect) -> UInt64 {
        guard address >= 4096 else { throw .notPlaced }
        guard address < 1 << 52 - 16 else { throw .tooHigh }
        return address
    }

    private mutating func value(ofData data: Range<Int>) throws(AMLDefect) -> Value {
        reader.move(to: data)
        try reader.expect(AMLOpcode.package)
        return try package()
    }

    private mutating func value(ofMethod statements: Range<Int>) throws(AMLDefect) -> Value {
        reader.move(to: statements)
        while reader.next != AMLOpcode.return { _ = try value(depth: 0) }
        try reader.expect(AMLOpcode.return)
        return try value(depth: 0)
    }

    /// The value of an expression.
    private mutating func value(depth: Int) throws(AMLDefect) -> Value {
        guard depth < Self.depthLimit else { throw .tooIntricate }
        switch reader.next {
        case AMLOpcode.store:
            _ = try reader.byte()
            let value = try value(depth: depth + 1)
            try store(value, in: target(depth: depth + 1))
            return value
        case AMLOpcode.add:
            _ = try reader.byte()
            let (sum, overflow) = try integer(depth: depth + 1).addingReportingOverflow(integer(depth: depth + 1))
            guard !overflow else { throw .unknown }
            try store(.integer(sum), in: target(depth: depth + 1))
            return .integer(sum)
        case AMLOpcode.package:
            _ = try reader.byte()
            return try package()
        case let opcode? where AMLOpcode.locals.contains(opcode):
            guard let value = locals[try local()] else { throw .unknown }
            return value
        case let character? where AMLName.canBegin(with: character):
            return .integer(try integer(named: reader.name()))
        default:
            return .integer(try reader.integer())
        }
    }

    private mutating func integer(depth: Int) throws(AMLDefect) -> UInt64 {
        guard case .integer(let integer) = try value(depth: depth) else { throw .unknown }
        return integer
    }

    private mutating func local() throws(AMLDefect) -> Int {
        let opcode = try reader.byte()
        guard AMLOpcode.locals.contains(opcode) else { throw .unknown }
        return Int(opcode - AMLOpcode.locals.lowerBound)
    }

    /// A package of integer constants, after its opcode: the elements that are not given are not set.
    private mutating func package() throws(AMLDefect) -> Value {
        let elements = try reader.inPackage { content throws(AMLDefect) in
            let count = Int(try content.byte())
            var elements: [UInt64?] = []
            while !content.isAtEnd {
                guard elements.count < count else { throw .unknown }
                elements.append(try content.integer())
            }
            return elements + Array(repeating: nil, count: count - elements.count)
        }
        return .package(elements)
    }

    private mutating func target(depth: Int) throws(AMLDefect) -> Target {
        switch reader.next {
        case AMLOpcode.zero:
            _ = try reader.byte()
            return .nowhere
        case AMLOpcode.index:
            _ = try reader.byte()
            let local = try local()
            guard let index = Int(exactly: try integer(depth: depth)) else { throw .unknown }
            // The index's own target, the NullName.
            try reader.expect(AMLOpcode.zero)
            return .element(local: local, index: index)
        default:
            return .local(try local())
        }
    }

    private mutating func store(_ value: Value, in target: Target) throws(AMLDefect) {
        switch target {
        case .nowhere:
            break
        case .local(let number):
            locals[number] = value
        case .element(let number, let index):
            guard case .package(var elements) = locals[number], elements.indices.contains(index),
                case .integer(let integer) = value
            else { throw .unknown }
            elements[index] = integer
            locals[number] = .package(elements)
        }
    }

    /// The integer that the table gives to a name, be it as firmware has patched it. Where the name stands
    /// more than once, with different integers, it is not understood.
    private mutating func integer(named name: AMLName) throws(AMLDefect) -> UInt64 {
        guard name.segments.count == 1, [.root, .scope(levelsAbove: 0)].contains(name.origin) else { throw .unknown }
        // For each byte, the reading of a declaration that may begin there.
        try reader.spend(4 * reader.block.count)
        var found: Set<UInt64> = []
        for start in reader.block.indices where reader.block[start] == AMLOpcode.name {
            var declaration = reader
            declaration.move(to: start + 1..<reader.block.count)
            guard let declared = try? declaration.shortName(), declared == name.segments[0],
                let integer = try? declaration.integer()
            else { continue }
            found.insert(integer)
        }
        guard found.count == 1, let integer = found.first else { throw .unknown }
        return integer
    }
}

/// Why a device's `ADDR` leads nowhere.
enum AddressDefect: Error, Hashable, CustomStringConvertible {
    case missing
    case notUnderstood
    case notPlaced
    case tooHigh

    var description: String {
        switch self {
        case .missing: "it has no ADDR"
        case .notUnderstood: "its ADDR has a form that is not understood"
        case .notPlaced: "its ADDR is not set: the firmware has not placed the GUID"
        case .tooHigh: "its ADDR is above all physical addresses"
        }
    }
}

extension AMLReader {
    /// A name of one segment, below the root or as it stands.
    fileprivate mutating func shortName() throws(AMLDefect) -> AMLNameSegment {
        if next == UInt8(ascii: "\\") { _ = try byte() }
        return try nameSegment()
    }
}
