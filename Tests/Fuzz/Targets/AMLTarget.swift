@testable import SysGenIDBackends

extension FuzzTarget {
    /// The reader of ACPI tables. The bytes are a whole table, and then the block of one whose header and
    /// checksum are right.
    static let aml = FuzzTarget(name: "aml") { bytes in
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
        case refused(ACPITable.DeviceDefect)
        case addresses([UInt64])
    }

    /// Returns whether there are addresses.
    func run() throws(Violation) -> Bool {
        let outcome = Self.outcome(contents)
        try demand(outcome == Self.outcome(contents), "\(outcome) only once")
        guard case .addresses(let addresses) = outcome else { return false }
        try demand(addresses.count <= GenerationDevice.countLimit, "\(addresses.count) devices")
        for address in addresses {
            try demand(address >= 4_096 && address < 1 << 52 - 16, "the address \(address)")
        }
        try lengthCounts()
        try placeDoesNotMatter(outcome)
        if addresses.isEmpty { return false }
        try namesAreThere()
        try checksumCounts()
        return true
    }

    /// Whatever has an address says in clear what it is.
    private func namesAreThere() throws(Violation) {
        let text = contents.map { 0x61...0x7a ~= $0 ? $0 - 0x20 : $0 }
        let ids = ["VM_GEN_COUNTER", "VMGENCTR", "QEMUVGID"]
        try demand(ids.contains { !text.ranges(of: Array($0.utf8)).isEmpty }, "an address without an ID")
        try demand(!contents.ranges(of: Array("ADDR".utf8)).isEmpty, "an address without an ADDR")
    }

    private func checksumCounts() throws(Violation) {
        try demand(contents.reduce(0, &+) == 0, "an address from a table with a wrong checksum")
        var damaged = contents
        damaged[9] &+= 1
        let outcome = Self.outcome(damaged)
        try demand(outcome == .refused(.damagedTable), "\(outcome) with another checksum")
    }

    private func lengthCounts() throws(Violation) {
        for other in [contents.dropLast(), contents + [0]] {
            let outcome = Self.outcome(Array(other))
            try demand(outcome == .noTable(.cutShort), "\(outcome) with \(other.count) bytes of \(contents.count)")
        }
    }

    /// The same block says the same behind bytes that say nothing.
    private func placeDoesNotMatter(_ outcome: Outcome) throws(Violation) {
        let block = contents.dropFirst(ACPITable.headerSize)
        let other = Self.outcome(Self.table(around: [0, 0, 0] + block))
        // The checksum of the table made here is right, whatever that of the contents is.
        try demand(other == outcome, "\(outcome), but \(other) behind zeros")
    }

    private static func outcome(_ contents: [UInt8]) -> Outcome {
        let table: ACPITable
        do throws(ACPITable.Defect) { table = try ACPITable(contents: contents) } catch { return .noTable(error) }
        do throws(ACPITable.DeviceDefect) {
            return .addresses(try table.generationAddresses())
        } catch {
            return .refused(error)
        }
    }

    /// The contents of a table with this block (ACPI 6.5, 5.2.6).
    static func table(around block: [UInt8]) -> [UInt8] {
        var table = Array("SSDT".utf8)
        let length = ACPITable.headerSize + block.count
        table += (0..<4).map { UInt8(truncatingIfNeeded: length >> (8 * $0)) }
        table += [UInt8](repeating: 0, count: ACPITable.headerSize - table.count) + block
        table[9] = 0 &- table.reduce(0, &+)
        return table
    }
}
