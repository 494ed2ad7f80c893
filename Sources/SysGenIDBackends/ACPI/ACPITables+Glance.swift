internal import SysGenIDSystem

// To evaluate the tables takes as long as all else that is done at a start, and most machines have nothing in them that is
// looked for. A glance sees that without it: a device says what it is by a text, which stands in its table as it is.

extension ACPITables {
    /// Throws where a glance shows that there is no VM generation ID that could be read: a table may put its name together of
    /// parts, and a memory device may come.
    func glance(systemRoot: String, memory: PhysicalMemory) throws(SourceFailure) {
        // That there are no tables is seen as soon by who looks for them.
        guard Self.areThere(systemRoot) else { return }
        if let failure = memory.refusal {
            let refusal = MemoryRefusal(failure, systemRoot: systemRoot)
            throw SourceFailure(
                refusal?.reason ?? UnusableReason(failure),
                "wherever a VM generation ID is, it cannot be mapped: \(failure)\(refusal.map { "; \($0)" } ?? "")",
                isProvisional: true)
        }
        guard mayName(GenerationDeviceID.all) else {
            throw SourceFailure(
                .noDevice, "no ACPI table of \(directory) names a VM generation ID device", isProvisional: true)
        }
    }

    static func areThere(_ systemRoot: String) -> Bool { Files.exists(directory(systemRoot)) }

    /// Whether one of these names, in upper case, stands in a table, in upper or lower case; and where something cannot be
    /// read.
    func mayName(_ ids: [[UInt8]]) -> Bool {
        guard let names = try? tableNames() else { return true }
        let (tables, unusable) = tables(names)
        return !unusable.isEmpty || tables.contains { $0.table.holds(anyOf: ids) }
    }
}

extension ACPITable {
    func holds(anyOf texts: [[UInt8]]) -> Bool {
        var isFirst = [Bool](repeating: false, count: 256)
        for text in texts { isFirst[Int(text[0])] = true }
        return block.withUnsafeBufferPointer { bytes in
            bytes.indices.contains { start in
                isFirst[Int(GenerationDeviceID.uppercased(bytes[start]))]
                    && texts.contains { bytes[start...].lazy.map(GenerationDeviceID.uppercased).starts(with: $0) }
            }
        }
    }
}
