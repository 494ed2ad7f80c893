/// What a term of ACPI Machine Language does, by its opcode (ACPI 6.5, 20.3). Those after ExtOpPrefix are 0x5bXX.
enum AMLOperation: UInt16 {
    case alias = 0x06
    case name = 0x08
    case scope = 0x10
    case buffer, package, variablePackage, method, external
    case local0 = 0x60
    case local1, local2, local3, local4, local5, local6, local7
    case argument0, argument1, argument2, argument3, argument4, argument5, argument6
    case store = 0x70
    case refOf, add, concatenate, subtract, increment, decrement, multiply, divide, shiftLeft, shiftRight
    case and, nand, or, nor, xor, not, findSetLeftBit, findSetRightBit, derefOf, concatenateResTemplate, mod
    case notify, sizeOf, index, match, createDWordField, createWordField, createByteField, createBitField
    case objectType, createQWordField, logicalAnd, logicalOr, logicalNot, logicalEqual, logicalGreater, logicalLess
    case toBuffer, toDecimalString, toHexString, toInteger
    case toString = 0x9c
    case copyObject, mid, `continue`, `if`, `else`, `while`, noop, `return`, `break`
    case breakPoint = 0xcc
    case mutex = 0x5b01
    case event
    case condRefOf = 0x5b12
    case createField
    case loadTable = 0x5b1f
    case load, stall, sleep, acquire, signal, wait, reset, release, fromBCD, toBCD, unload
    case revision = 0x5b30
    case debug, fatal, timer
    case operationRegion = 0x5b80
    case field, device, processor, powerResource, thermalZone, indexField, bankField, dataRegion

    /// What stands in an operand's place.
    enum Operand {
        /// An expression, with calls of methods.
        case term
        /// Something to store to or to refer to: a name here is no call. A zero is nothing.
        case target
        /// What a Name is given: an object, or a name, which is no call.
        case object
        case name
        case byte, word, doubleWord
        /// All that is left of the enclosing package: terms or bytes, which are not read yet.
        case body
        /// All that is left of the enclosing package: the elements of a package.
        case elements
    }

    /// Whether a PkgLength follows the opcode: just where something reaches to its end.
    var isEnclosing: Bool {
        switch operands.last {
        case .body, .elements: true
        default: false
        }
    }

    /// The kinds of the operands (ACPI 6.5, 20.2.5).
    var operands: [Operand] {
        switch self {
        case .alias: [.name, .name]
        case .name: [.name, .object]
        case .scope, .device, .thermalZone: [.name, .body]
        case .buffer, .if, .while: [.term, .body]
        case .package: [.byte, .elements]
        case .variablePackage: [.term, .elements]
        case .method, .field: [.name, .byte, .body]
        case .external: [.name, .byte, .byte]
        case .store, .not, .findSetLeftBit, .findSetRightBit, .toBuffer, .toDecimalString, .toHexString, .toInteger,
            .copyObject, .fromBCD, .toBCD:
            [.term, .target]
        case .refOf, .increment, .decrement, .sizeOf, .objectType, .signal, .reset, .release, .unload: [.target]
        case .add, .concatenate, .subtract, .multiply, .shiftLeft, .shiftRight, .and, .nand, .or, .nor, .xor,
            .concatenateResTemplate, .mod, .index, .toString:
            [.term, .term, .target]
        case .divide: [.term, .term, .target, .target]
        case .derefOf, .logicalNot, .return, .stall, .sleep: [.term]
        case .notify, .wait: [.target, .term]
        case .match: [.term, .byte, .term, .byte, .term, .term]
        case .createDWordField, .createWordField, .createByteField, .createBitField, .createQWordField:
            [.term, .term, .name]
        case .createField: [.term, .term, .term, .name]
        case .logicalAnd, .logicalOr, .logicalEqual, .logicalGreater, .logicalLess: [.term, .term]
        case .mid: [.term, .term, .term, .target]
        case .else: [.body]
        case .mutex: [.name, .byte]
        case .event: [.name]
        case .condRefOf, .load: [.target, .target]
        case .loadTable: [.term, .term, .term, .term, .term, .term]
        case .acquire: [.target, .word]
        case .fatal: [.byte, .doubleWord, .term]
        case .operationRegion: [.name, .byte, .term, .term]
        case .processor: [.name, .byte, .doubleWord, .byte, .body]
        case .powerResource: [.name, .byte, .word, .body]
        case .indexField: [.name, .name, .byte, .body]
        case .bankField: [.name, .name, .term, .byte, .body]
        case .dataRegion: [.name, .term, .term, .term]
        default: []
        }
    }
}
