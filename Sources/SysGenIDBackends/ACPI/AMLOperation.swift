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
        switch Self.operands[self]?.last {
        case .body, .elements: true
        default: false
        }
    }

    /// The kinds of the operands (ACPI 6.5, 20.2.5); those that are not listed have none.
    static let operands: [Self: [Operand]] = [
        .alias: [.name, .name],
        .name: [.name, .object],
        .scope: [.name, .body],
        .buffer: [.term, .body],
        .package: [.byte, .elements],
        .variablePackage: [.term, .elements],
        .method: [.name, .byte, .body],
        .external: [.name, .byte, .byte],
        .store: [.term, .target],
        .refOf: [.target],
        .add: [.term, .term, .target],
        .concatenate: [.term, .term, .target],
        .subtract: [.term, .term, .target],
        .increment: [.target],
        .decrement: [.target],
        .multiply: [.term, .term, .target],
        .divide: [.term, .term, .target, .target],
        .shiftLeft: [.term, .term, .target],
        .shiftRight: [.term, .term, .target],
        .and: [.term, .term, .target],
        .nand: [.term, .term, .target],
        .or: [.term, .term, .target],
        .nor: [.term, .term, .target],
        .xor: [.term, .term, .target],
        .not: [.term, .target],
        .findSetLeftBit: [.term, .target],
        .findSetRightBit: [.term, .target],
        .derefOf: [.term],
        .concatenateResTemplate: [.term, .term, .target],
        .mod: [.term, .term, .target],
        .notify: [.target, .term],
        .sizeOf: [.target],
        .index: [.term, .term, .target],
        .match: [.term, .byte, .term, .byte, .term, .term],
        .createDWordField: [.term, .term, .name],
        .createWordField: [.term, .term, .name],
        .createByteField: [.term, .term, .name],
        .createBitField: [.term, .term, .name],
        .createQWordField: [.term, .term, .name],
        .createField: [.term, .term, .term, .name],
        .objectType: [.target],
        .logicalAnd: [.term, .term],
        .logicalOr: [.term, .term],
        .logicalNot: [.term],
        .logicalEqual: [.term, .term],
        .logicalGreater: [.term, .term],
        .logicalLess: [.term, .term],
        .toBuffer: [.term, .target],
        .toDecimalString: [.term, .target],
        .toHexString: [.term, .target],
        .toInteger: [.term, .target],
        .toString: [.term, .term, .target],
        .copyObject: [.term, .target],
        .mid: [.term, .term, .term, .target],
        .if: [.term, .body],
        .else: [.body],
        .while: [.term, .body],
        .return: [.term],
        .mutex: [.name, .byte],
        .event: [.name],
        .condRefOf: [.target, .target],
        .loadTable: [.term, .term, .term, .term, .term, .term],
        .load: [.target, .target],
        .stall: [.term],
        .sleep: [.term],
        .acquire: [.target, .word],
        .signal: [.target],
        .wait: [.target, .term],
        .reset: [.target],
        .release: [.target],
        .fromBCD: [.term, .target],
        .toBCD: [.term, .target],
        .unload: [.target],
        .fatal: [.byte, .doubleWord, .term],
        .operationRegion: [.name, .byte, .term, .term],
        .field: [.name, .byte, .body],
        .device: [.name, .body],
        .processor: [.name, .byte, .doubleWord, .byte, .body],
        .powerResource: [.name, .byte, .word, .body],
        .thermalZone: [.name, .body],
        .indexField: [.name, .name, .byte, .body],
        .bankField: [.name, .name, .term, .byte, .body],
        .dataRegion: [.name, .term, .term, .term],
    ]
}
