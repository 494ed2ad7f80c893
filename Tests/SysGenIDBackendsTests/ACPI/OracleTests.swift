import Foundation
import TestSupport
import Testing

@testable import SysGenIDBackends

/// Random definitions of the device, compiled by `iasl` and evaluated by `acpiexec` (Debian's acpica-tools): the address
/// is the same, or there is none.
struct OracleTests {
    private static let count = 300

    private static let isThere = ["iasl", "acpiexec"].allSatisfy { program in
        (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
            .contains { FileManager.default.isExecutableFile(atPath: "\($0)/\(program)") }
    }

    @Test(.enabled(if: isThere, "needs iasl and acpiexec (acpica-tools)"), arguments: [1, 2, 3] as [UInt64], [1, 2])
    func theAddressIsACPICAs(seed: UInt64, revision: Int) throws {
        let scratch = try Scratch()
        var writer = DefinitionWriter(seed: seed)
        let bodies = (0..<Self.count).map { writer.device($0) }
        let source = """
            DefinitionBlock ("", "DSDT", \(revision), "SYSGEN", "RANDOM", 1) {
            \(DefinitionWriter.preamble)
            \(bodies.joined(separator: "\n"))
            }
            """
        try source.write(toFile: scratch.path("machine.asl"), atomically: true, encoding: .utf8)
        let compiled = try Self.run("iasl", ["-oa", "-vs", "-f", scratch.path("machine.asl")], in: scratch)
        try #require(FileManager.default.fileExists(atPath: scratch.path("machine.aml")), "\(compiled)")
        let names = (0..<Self.count).map { String(format: "D%03d", $0) }
        let commands = names.map { "execute \\\($0).ADDR" } + ["quit"]
        let evaluated = try Self.run("acpiexec", [scratch.path("machine.aml")], input: commands, in: scratch)
        let theirs = Self.addresses(in: evaluated)

        let table = try ACPITable(contents: [UInt8](Data(contentsOf: URL(filePath: scratch.path("machine.aml")))))
        var interpreter = AMLInterpreter(
            integerWidth: revision < 2 ? 32 : 64, budget: .init(steps: 1_000_000, memory: 1 << 24)
        ) { (_, count) throws(AMLDefect) in [UInt8](repeating: 0, count: count) }
        try interpreter.load(table.block)
        var foundCount = 0
        for (name, body) in zip(names, bodies) {
            let ours = Self.address(of: name, &interpreter)
            // ACPICA lets some results of 64 bits pass in old tables, until they are stored.
            let mask: UInt64 = revision < 2 ? 0xffff_ffff : .max
            let their = try #require(theirs[name], "acpiexec says nothing of \(name)")?.map { $0 & mask }
            #expect(ours.halves == their, "\(body)\nours: \(ours.reason)")
            foundCount += their == nil ? 0 : 1
        }
        // Neither all nor none, or it would prove little.
        #expect(foundCount > Self.count / 3)
        #expect(foundCount < Self.count)
    }

    private static func address(
        of name: String, _ interpreter: inout AMLInterpreter
    ) -> (halves: [UInt64]?, reason: String) {
        do throws(AMLDefect) {
            let path = AMLName(
                origin: .root, segments: [AMLNameSegment(name.utf8), AMLNameSegment("ADDR".utf8)].compactMap(\.self))
            let value = try interpreter.evaluate(interpreter.find(path, from: AMLNamespace.root))
            guard case .package(let package) = value, package.elements.count == 2,
                case .integer(let low) = package.elements[0], case .integer(let high) = package.elements[1]
            else { return (nil, "\(value)") }
            return ([low, high], "\(low) \(high)")
        } catch {
            return (nil, "\(error)")
        }
    }

    /// What acpiexec prints of each device: two integers, or nil for anything else.
    private static func addresses(in output: String) -> [String: [UInt64]?] {
        var addresses: [String: [UInt64]?] = [:]
        for part in output.components(separatedBy: "Evaluating \\").dropFirst() {
            let lines = part.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
            guard let name = lines.first?.prefix(4) else { continue }
            let start = lines.firstIndex { $0.hasPrefix("[Package] Contains 2 Elements") }
            let elements = start.map { lines[($0 + 1)...].prefix(2) } ?? []
            let integers = elements.compactMap { line -> UInt64? in
                guard line.hasPrefix("[Integer] = ") else { return nil }
                return UInt64(line.dropFirst("[Integer] = ".count), radix: 16)
            }
            addresses[String(name)] = .some(integers.count == 2 ? integers : nil)
        }
        return addresses
    }

    private static func run(_ program: String, _ arguments: [String], input: [String] = [], in folder: Scratch) throws
        -> String
    {
        let output = folder.path("\(program).log")
        let running = try RunningProgram("/usr/bin/env", [program] + arguments, output: output)
        for line in input { try running.send(line) }
        _ = try running.exitCode()
        return running.text
    }
}

/// Writes random devices in ASL.
struct DefinitionWriter {
    private var random: SeededGenerator

    init(seed: UInt64) { random = SeededGenerator(seed: seed) }

    /// What the devices share, and change.
    static let preamble = """
        Name (INT0, 0x0fff1000)
        Name (INT1, 0x7)
        Name (INT2, 0x22)
        Name (PKG0, Package (4) { 0x1000, INT0, 0x3, 0x4 })
        Name (BUF0, Buffer (8) { 1, 2, 3, 4, 5, 6, 7, 8 })
        CreateDWordField (BUF0, 2, BFD0)
        OperationRegion (REG0, SystemMemory, 0x100000, 0x40)
        Field (REG0, AnyAcc, NoLock, Preserve) { FLD0, 32, FLD1, 7, Offset (8), FLD2, 64 }
        Method (MTH1, 1) { Return (Arg0 + 0x10) }
        Method (MTH2, 2) { If (Arg0 > Arg1) { Return (Arg0 - Arg1) } Else { Return (Arg1) } }
        Method (MTH3, 1) { Arg0 [One] = 0x55 Return (DerefOf (Arg0 [Zero])) }
        Method (MTH4, 1) { Arg0 = 0x77 Return (One) }
        """

    /// A device with this number in its name.
    mutating func device(_ number: Int) -> String {
        let name = String(format: "D%03d", number)
        let shadow = chance(3) ? "Name (INT1, \(constant()))" : ""
        let condition =
            chance(3)
            ? "If (\(constant()) \(pick(["==", "<", "&", "&&"])) \(constant())) { Name (CHSN, \(constant())) } "
                + "Else { Name (CHSN, \(constant())) }"
            : "Name (CHSN, \(constant()))"
        if chance(8) { return "Device (\(name)) { \(shadow) \(condition) Name (ADDR, \(package())) }" }
        let statements = (0..<Int.random(in: 1...6, using: &random)).map { _ in statement(depth: 0) }
        let end = chance(2) ? "Return (\(package()))" : "Return (LPKG)"
        return """
            Device (\(name)) { \(shadow) \(condition) Method (ADDR, 0, Serialized) {
            Name (LPKG, Package (2) { 0x8000, 0 })
            Local0 = \(constant()) Local1 = \(constant()) Local2 = Package (3) { 1, 2, 3 }
            \(statements.joined(separator: "\n")) \(end) } }
            """
    }

    private mutating func chance(_ of: Int) -> Bool { Int.random(in: 0..<of, using: &random) == 0 }

    private mutating func pick(_ texts: [String]) -> String { texts.randomElement(using: &random) ?? "" }

    private mutating func constant() -> String {
        pick(["Zero", "One", "Ones", "2", "0x28", "0x1234", "0x0ffff000", "0xfffffff0", "0x123456789"])
    }

    private mutating func package() -> String {
        let elements = pick(["2", "2", "2", "2", "3"])
        return
            "Package (\(elements)) { \(pick(["0x9000", "INT0", "CHSN", "0x123456789"])), \(pick(["0", "1", "INT1"])) }"
    }

    private mutating func target() -> String {
        pick([
            "Local0", "Local1", "INT0", "INT1", "BFD0", "Local2 [0]", "Local2 [1]", "LPKG [0]", "LPKG [1]", "PKG0 [2]",
            "BUF0 [3]",
        ])
    }

    private mutating func statement(depth: Int) -> String {
        let isDeep = depth > 2
        switch Int.random(in: 0..<(isDeep ? 8 : 12), using: &random) {
        case 0...3: return "\(target()) = \(expression(depth: 0))"
        case 4: return "LPKG [\(pick(["0", "1"]))] = \(expression(depth: 0))"
        case 5: return "\(pick(["Local0", "Local1", "INT1"]))\(pick(["++", "--"]))"
        case 6: return "Divide (\(expression(depth: 1)), \(expression(depth: 1)), Local0, Local1)"
        case 7:
            return pick(["Local2 = LPKG", "Local2 = PKG0", "MTH3 (Local2)", "MTH4 (RefOf (INT2))", "MTH4 (Local0)"])
        case 8:
            return
                "If (\(expression(depth: 1))) { \(statement(depth: depth + 1)) } Else { \(statement(depth: depth + 1)) }"
        case 9: return "If (\(expression(depth: 1))) { \(statement(depth: depth + 1)) }"
        case 10:
            let count = "Local\(3 + depth)"
            return
                "\(count) = 0 While (\(count) < \(pick(["0", "1", "3"]))) { \(count)++ \(statement(depth: depth + 1)) "
                + "\(pick(["", "", "If (\(count) == 2) { Break }", "If (\(count) == 1) { Continue }"])) }"
        default: return "\(target()) = \(expression(depth: 0))"
        }
    }

    private mutating func expression(depth: Int) -> String {
        if depth > 2 || chance(3) {
            return pick([
                "Local0", "Local1", "INT0", "INT1", "INT2", "CHSN", "FLD0", "FLD1", "FLD2", "BFD0", constant(),
                constant(),
            ])
        }
        let (first, second) = (expression(depth: depth + 1), expression(depth: depth + 1))
        switch Int.random(in: 0..<16, using: &random) {
        case 0...7:
            let operators = ["+", "-", "*", "&", "|", "^", "<<", ">>", "%", "==", "!=", "<", ">", "<=", "&&", "||"]
            return "(\(first) \(pick(operators)) \(second))"
        case 8: return "\(pick(["~", "!"]))\(first)"
        case 9: return "MTH1 (\(first))"
        case 10: return "MTH2 (\(first), \(second))"
        case 11: return "DerefOf (\(pick(["PKG0", "Local2", "LPKG", "BUF0"])) [\(pick(["0", "1", "1", "7"]))])"
        case 12: return "\(pick(["FindSetLeftBit", "FindSetRightBit"])) (\(first))"
        case 13: return "SizeOf (\(pick(["PKG0", "BUF0", "LPKG"])))"
        case 14: return "ObjectType (\(pick(["PKG0", "BUF0", "INT0", "MTH1", "FLD0", "BFD0", "Local2"])))"
        default: return "ToInteger (\(pick(["\"0x1234\"", "\"77\"", "BUF0", first])))"
        }
    }
}
