/// The opcodes of ACPI Machine Language that are known here (ACPI 6.5, 20.3).
enum AMLOpcode {
    static let zero: UInt8 = 0x00
    static let one: UInt8 = 0x01
    static let alias: UInt8 = 0x06
    static let name: UInt8 = 0x08
    static let bytePrefix: UInt8 = 0x0a
    static let wordPrefix: UInt8 = 0x0b
    static let doubleWordPrefix: UInt8 = 0x0c
    static let stringPrefix: UInt8 = 0x0d
    static let quadWordPrefix: UInt8 = 0x0e
    static let scope: UInt8 = 0x10
    static let buffer: UInt8 = 0x11
    static let package: UInt8 = 0x12
    static let variablePackage: UInt8 = 0x13
    static let method: UInt8 = 0x14
    static let external: UInt8 = 0x15
    static let extended: UInt8 = 0x5b
    static let locals: ClosedRange<UInt8> = 0x60...0x67
    static let store: UInt8 = 0x70
    static let add: UInt8 = 0x72
    static let index: UInt8 = 0x88
    /// CreateDWordField, CreateWordField, CreateByteField, CreateBitField and CreateQWordField.
    static let createFields: Set<UInt8> = [0x8a, 0x8b, 0x8c, 0x8d, 0x8f]
    /// If, Else and While.
    static let conditionals: ClosedRange<UInt8> = 0xa0...0xa2
    static let `return`: UInt8 = 0xa4
    static let ones: UInt8 = 0xff

    /// Those that come after `extended`.
    enum Extended {
        static let mutex: UInt8 = 0x01
        static let event: UInt8 = 0x02
        static let operationRegion: UInt8 = 0x80
        static let device: UInt8 = 0x82
        /// Field, Device, Processor, PowerResource, ThermalZone, IndexField and BankField.
        static let packages: ClosedRange<UInt8> = 0x81...0x87
    }
}

/// An object in the body of a device, as far as it is of use here.
enum AMLObject: Hashable {
    /// A Name, and where its data lies.
    case data(AMLName, Range<Int>)
    /// A Method, and where its flags and its statements lie.
    case method(AMLName, Range<Int>)
    /// Something else, which was passed over.
    case other
}

extension AMLReader {
    /// The next object of a device's or a scope's body (ACPI 6.5, 20.2.5).
    mutating func object() throws(AMLDefect) -> AMLObject {
        switch try byte() {
        case AMLOpcode.name:
            let name = try self.name()
            let start = position
            try skipData()
            return .data(name, start..<position)
        case AMLOpcode.method:
            return try inPackage { content throws(AMLDefect) in
                let name = try content.name()
                return .method(name, content.rest)
            }
        case AMLOpcode.scope, AMLOpcode.conditionals:
            _ = try package()
        case AMLOpcode.alias:
            _ = try name()
            _ = try name()
        case AMLOpcode.external:
            _ = try name()
            try skip(2)
        case let opcode where AMLOpcode.createFields.contains(opcode):
            try skipOperand()
            try skipOperand()
            _ = try name()
        case AMLOpcode.extended:
            try skipExtendedObject()
        default:
            throw .unknown
        }
        return .other
    }

    /// An integer constant (ACPI 6.5, 20.2.3).
    mutating func integer() throws(AMLDefect) -> UInt64 {
        switch try byte() {
        case AMLOpcode.zero: 0
        case AMLOpcode.one: 1
        case AMLOpcode.ones: .max
        case AMLOpcode.bytePrefix: try word(byteCount: 1)
        case AMLOpcode.wordPrefix: try word(byteCount: 2)
        case AMLOpcode.doubleWordPrefix: try word(byteCount: 4)
        case AMLOpcode.quadWordPrefix: try word(byteCount: 8)
        default: throw .unknown
        }
    }

    /// A string: characters of ASCII and a zero (ACPI 6.5, 20.2.3).
    mutating func string() throws(AMLDefect) -> [UInt8] {
        try expect(AMLOpcode.stringPrefix)
        var characters: [UInt8] = []
        while case let character = try byte(), character != 0 {
            guard character < 0x80 else { throw .unknown }
            characters.append(character)
        }
        return characters
    }

    private mutating func skipData() throws(AMLDefect) {
        switch next {
        case AMLOpcode.stringPrefix:
            _ = try string()
        case AMLOpcode.buffer, AMLOpcode.package, AMLOpcode.variablePackage:
            _ = try byte()
            _ = try package()
        default:
            _ = try integer()
        }
    }

    private mutating func skipExtendedObject() throws(AMLDefect) {
        switch try byte() {
        case AMLOpcode.Extended.mutex:
            _ = try name()
            try skip(1)
        case AMLOpcode.Extended.event:
            _ = try name()
        case AMLOpcode.Extended.operationRegion:
            _ = try name()
            try skip(1)
            try skipOperand()
            try skipOperand()
        case AMLOpcode.Extended.packages:
            _ = try package()
        default:
            throw .unknown
        }
    }

    /// Passes over a constant or a name; not over an expression.
    private mutating func skipOperand() throws(AMLDefect) {
        if let next, AMLName.canBegin(with: next) { _ = try name() } else { _ = try integer() }
    }
}
