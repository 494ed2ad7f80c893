internal import SysGenIDCore
internal import SysGenIDSystem

/// The VM generation ID in the machine's memory, read through a standing mapping.
final class MemorySource: IdentitySource {
    /// The physical address of the GUID.
    let address: UInt64
    private let region: PhysicalRegion

    var place: String? { "at \(MemoryMap.text(address))" }

    private static let size = 16

    /// The GUID where the ACPI tables say that it lies.
    static func acpi(
        systemRoot: String, memory: PhysicalMemory, by look: SourceCandidate.Look = .whole
    ) throws(SourceFailure) -> MemorySource {
        let tables = ACPITables(systemRoot: systemRoot, memory: ACPITables.fields(in: memory, systemRoot: systemRoot))
        if look == .glance { try tables.glance(systemRoot: systemRoot, memory: memory) }
        let address = try tables.generationAddress(kernel: ACPINamespace(systemRoot: systemRoot))
        return try MemorySource(systemRoot: systemRoot, memory: memory, address: address)
    }

    /// The GUID where the device tree says that it lies.
    static func deviceTree(systemRoot: String, memory: PhysicalMemory) throws(SourceFailure) -> MemorySource {
        let address = try DeviceTree(systemRoot: systemRoot).generationAddress()
        return try MemorySource(systemRoot: systemRoot, memory: memory, address: address)
    }

    /// Maps the GUID.
    ///
    /// - Parameters:
    ///   - systemRoot: the directory below which /proc is looked for.
    ///   - address: the GUID's physical address.
    init(systemRoot: String, memory: PhysicalMemory, address: UInt64) throws(SourceFailure) {
        self.address = address
        let map = MemoryMap(systemRoot: systemRoot)
        region = try map.region(
            at: address, size: Self.size, of: memory, systemRoot: systemRoot, as: "the VM generation ID")
        guard map.place(of: address) == .nothing else { return }
        // What no map shows may as well be a device, whose registers change or read the same everywhere.
        let identity = try self.identity()
        guard try self.identity() == identity, Set((0..<4).map { Array(identity.bytes[4 * $0..<4 * $0 + 4]) }).count > 1
        else {
            throw SourceFailure(
                .addressRefused,
                "what is at \(MemoryMap.text(address)), where the kernel's map of the memory has nothing, is no VM generation ID"
            )
        }
    }

    /// The GUID as it is now, in the order of memory.
    func identity() throws(SourceFailure) -> Identity {
        let identity: Identity?
        do throws(SystemCallFailure) {
            identity = try region.read { Identity(domain: .vmGenerationID, bytes: $0) }
        } catch {
            throw SourceFailure(UnusableReason(error), "the VM generation ID cannot be read: \(error)")
        }
        // Addresses at which there is no memory read as ones.
        guard let identity, identity.high | identity.low != 0, identity.high & identity.low != .max else {
            throw SourceFailure(.empty, "the VM generation ID is empty: the hypervisor has placed none")
        }
        return identity
    }
}
