internal import SysGenIDSystem

// What the hypervisor has placed in the machine's memory, found by its address.

extension MemoryMap {
    /// Maps what lies at the address, where the map does not speak against it.
    ///
    /// - Parameter name: what is looked for, as "the VM generation ID".
    func region(
        at address: UInt64, size: Int, of memory: PhysicalMemory, systemRoot: String, as name: String
    ) throws(SourceFailure) -> PhysicalRegion {
        if let objection = objection(to: address, size: UInt64(size)) {
            throw SourceFailure(.addressRefused, "\(name)'s address \(Self.text(address)) \(objection)")
        }
        do throws(SystemCallFailure) { return try memory.region(at: address, size: size) } catch {
            let refusal = MemoryRefusal(error, systemRoot: systemRoot)
            throw SourceFailure(
                refusal?.reason ?? UnusableReason(error),
                "\(name) at \(Self.text(address)) cannot be mapped: \(error)\(refusal.map { "; \($0)" } ?? "")")
        }
    }

    static func text(_ address: UInt64) -> String { "0x\(String(address, radix: 16))" }
}

extension ACPITables {
    /// Reads what the fields of the tables lie in.
    static func fields(in memory: PhysicalMemory, systemRoot: String) -> AMLInterpreter.Memory {
        { (address, count) throws(AMLDefect) in
            do throws(SystemCallFailure) { return try memory.region(at: address, size: count).read() } catch {
                let refusal = MemoryRefusal(error, systemRoot: systemRoot)
                throw .unreadable(
                    "memory at \(MemoryMap.text(address)) (\(error)\(refusal.map { "; \($0)" } ?? ""))",
                    refusal?.reason ?? UnusableReason(error))
            }
        }
    }
}
