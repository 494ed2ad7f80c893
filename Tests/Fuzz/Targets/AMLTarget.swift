@testable import SysGenIDBackends

extension FuzzTarget {
    /// The evaluator of ACPI tables. The bytes are a whole table, then the block of one whose header and checksum are
    /// right, and the resources of a device.
    static let aml = FuzzTarget(name: "aml") { bytes in
        let range = ACPIResources.memory(in: bytes, byteCount: 112)
        try demand(range == nil || bytes.count >= 12, "a range of memory in \(bytes.count) bytes")
        let isFoundInTable = try TableCheck(contents: bytes).run()
        let isFoundInBlock = try TableCheck(contents: TableCheck.table(around: bytes)).run()
        return isFoundInTable || isFoundInBlock
    }
}

/// What has to hold for the contents of one table.
private struct TableCheck {
    let contents: [UInt8]

    private enum Outcome: Hashable {
        case noTable(ACPITable.Defect)
        case refused(ACPIDefinitions.Defect)
        case devices([GenerationDevice])
    }

    /// Returns whether there is an address.
    func run() throws(Violation) -> Bool {
        let outcome = Self.outcome(contents)
        guard case .devices(let devices) = outcome else { return false }
        try demand(Self.vmclock(contents) == Self.vmclock(contents), "a vmclock only once")
        try demand(devices.count <= GenerationDevice.countLimit, "\(devices.count) devices")
        try lengthCounts()
        if devices.isEmpty { return false }
        try demand(outcome == Self.outcome(contents), "\(outcome) only once")
        for device in devices {
            guard case .success(let address) = device.address else { continue }
            try demand(address >= 4_096 && address < 1 << 52 - 16, "the address \(address)")
        }
        try placeDoesNotMatter(outcome)
        try namesAreThere()
        try checksumCounts()
        return devices.contains { (try? $0.address.get()) != nil }
    }

    /// Whatever is a device has the names of what was evaluated in clear; its IDs may be made by a method.
    private func namesAreThere() throws(Violation) {
        let names = ["_HID", "_CID"]
        try demand(names.contains { !contents.ranges(of: Array($0.utf8)).isEmpty }, "a device without an ID")
    }

    private func checksumCounts() throws(Violation) {
        try demand(contents.reduce(0, &+) == 0, "a device from a table with a wrong checksum")
        var damaged = contents
        damaged[9] &+= 1
        let outcome = Self.outcome(damaged)
        try demand(outcome == .refused(.damagedTable("table")), "\(outcome) with another checksum")
    }

    private func lengthCounts() throws(Violation) {
        for other in [contents.dropLast(), contents + [0]] {
            let outcome = Self.outcome(Array(other))
            try demand(outcome == .noTable(.cutShort), "\(outcome) with \(other.count) bytes of \(contents.count)")
        }
    }

    /// The same block says the same behind terms that do nothing.
    private func placeDoesNotMatter(_ outcome: Outcome) throws(Violation) {
        let block = contents.dropFirst(ACPITable.headerSize)
        let other = Self.outcome(Self.table(around: [0, 0, 0] + block, like: contents))
        // The checksum of the table made here is right, whatever that of the contents is.
        try demand(other == outcome, "\(outcome), but \(other) behind zeros")
    }

    private static func outcome(_ contents: [UInt8]) -> Outcome {
        let table: ACPITable
        do throws(ACPITable.Defect) { table = try ACPITable(contents: contents) } catch { return .noTable(error) }
        let definitions = ACPIDefinitions([(name: "table", table: table)], memory: memory)
        do throws(ACPIDefinitions.Defect) {
            return .devices(try definitions.generationDevices().devices)
        } catch {
            return .refused(error)
        }
    }

    private static func vmclock(_ contents: [UInt8]) -> UInt64? {
        guard let table = try? ACPITable(contents: contents) else { return nil }
        return try? ACPIDefinitions([(name: "table", table: table)], memory: memory).vmclockAddress()
    }

    /// A memory that holds something else everywhere, and has an end.
    private static func memory(_ address: UInt64, _ count: Int) throws(AMLDefect) -> [UInt8] {
        guard count <= 64, address < 1 << 40 else { throw .refused("memory") }
        return (0..<UInt64(count)).map { UInt8(truncatingIfNeeded: (address + $0) &* 0x9e37_79b9 >> 11) }
    }

    /// The contents of a table with this block (ACPI 6.5, 5.2.6).
    ///
    /// - Parameter model: a table whose signature and revision it has.
    static func table(around block: [UInt8], like model: [UInt8] = []) -> [UInt8] {
        var table = model.count < ACPITable.headerSize ? Array("SSDT".utf8) : Array(model[0..<4])
        let length = ACPITable.headerSize + block.count
        table += (0..<4).map { UInt8(truncatingIfNeeded: length >> (8 * $0)) }
        table += [model.count < ACPITable.headerSize ? 2 : model[8]]
        table += [UInt8](repeating: 0, count: ACPITable.headerSize - table.count) + block
        table[9] = 0 &- table.reduce(0, &+)
        return table
    }
}
