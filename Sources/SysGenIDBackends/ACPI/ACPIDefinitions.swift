/// What the definition blocks of a machine say of its VM generation ID device.
struct ACPIDefinitions {
    /// The tables in the order in which the kernel loads them, each with its name.
    private let tables: [(name: String, table: ACPITable)]
    private let isIncomplete: Bool
    private let memory: AMLInterpreter.Memory

    /// What the tables need, at most: steps for each, and some for each byte. Sound tables need less than half a step
    /// for a byte.
    private static let stepBase = 20_000
    private static let stepsPerByte = 4
    /// How many bytes and elements may be stored at most.
    private static let memoryLimit = 4 << 20

    /// - Parameters:
    ///   - isIncomplete: there are further tables, which could not be read.
    ///   - memory: reads the machine's memory, in which fields may lie.
    init(
        _ tables: [(name: String, table: ACPITable)], isIncomplete: Bool = false,
        memory: @escaping AMLInterpreter.Memory
    ) {
        self.tables = tables
        self.isIncomplete = isIncomplete
        self.memory = memory
    }

    /// What was found.
    struct Findings {
        /// The devices, of which none is in a damaged table.
        var devices: [GenerationDevice]
        /// Why something was passed over in the tables.
        var refusal: String?
    }

    /// The VM generation ID devices of the machine.
    func generationDevices() throws(Defect) -> Findings {
        var interpreter = interpreter()
        let devices: [GenerationDevice]
        do throws(AMLDefect) {
            try load(into: &interpreter)
            devices = try interpreter.generationDevices()
        } catch {
            throw .tooIntricate
        }
        for device in devices {
            if let damaged = device.tables.sorted().first(where: { !tables[$0].table.isIntact }) {
                throw .damagedTable(tables[damaged].name)
            }
        }
        return Findings(devices: devices, refusal: interpreter.firstRefusal)
    }

    /// Where the vmclock of the machine lies by its resources; nil where there is none in sound tables.
    func vmclockAddress() throws(Defect) -> UInt64? {
        var interpreter = interpreter()
        do throws(AMLDefect) {
            try load(into: &interpreter)
            let address = try interpreter.vmclockAddress()
            return interpreter.tablesUsed.allSatisfy { tables[$0].table.isIntact } ? address : nil
        } catch {
            throw .tooIntricate
        }
    }

    private func interpreter() -> AMLInterpreter {
        let size = tables.reduce(0) { $0 + $1.table.block.count }
        // As ACPICA has it, the DSDT decides for all tables (ACPI 6.5, 5.2.11.1).
        let isOld = tables.first { $0.table.isDSDT }.map { $0.table.revision < 2 } ?? false
        return AMLInterpreter(
            integerWidth: isOld ? 32 : 64,
            isIncomplete: isIncomplete || !tables.contains { $0.table.isDSDT },
            budget: AMLInterpreter.Budget(
                steps: Self.stepBase + Self.stepsPerByte * size, memory: Self.memoryLimit),
            memory: memory)
    }

    private func load(into interpreter: inout AMLInterpreter) throws(AMLDefect) {
        for (_, table) in tables { try interpreter.load(table.block) }
        try interpreter.initialize()
    }

    /// Why the tables cannot be used.
    enum Defect: Error, Hashable, CustomStringConvertible {
        case tooIntricate
        case damagedTable(String)

        var reason: UnusableReason {
            switch self {
            case .tooIntricate: .tooMuch
            case .damagedTable: .damaged
            }
        }

        var description: String {
            switch self {
            case .tooIntricate: "the tables are too intricate to be searched for a device"
            case .damagedTable(let name): "\(name): the VM generation ID device is in a table with a wrong checksum"
            }
        }
    }
}
