internal import SysGenIDCore
internal import SysGenIDSystem

/// The VM generation ID in the machine's memory, read through a standing mapping.
final class MemorySource: IdentitySource {
    /// The physical address of the GUID.
    let address: UInt64
    private let region: PhysicalRegion

    var place: String? { "at \(Self.text(address))" }

    private static let size = 16

    /// The GUID where the ACPI tables say that it lies.
    static func acpi(systemRoot: String) throws(SourceFailure) -> MemorySource {
        let tables = ACPITables(systemRoot: systemRoot, memory: memory(systemRoot: systemRoot))
        return try MemorySource(
            systemRoot: systemRoot, address: tables.generationAddress(kernel: ACPINamespace(systemRoot: systemRoot)))
    }

    /// Reads what the fields of the ACPI tables lie in, through a mapping as that of the GUID.
    private static func memory(systemRoot: String) -> AMLInterpreter.Memory {
        { (address, count) throws(AMLDefect) in
            do throws(SystemCallFailure) {
                return try PhysicalRegion(path(systemRoot), address: address, size: count).read()
            } catch {
                let reason = MemoryRefusal(error, systemRoot: systemRoot).map { "; \($0)" } ?? ""
                throw .refused("memory at \(text(address)) (\(error)\(reason))")
            }
        }
    }

    private static func path(_ systemRoot: String) -> String {
        (systemRoot.hasSuffix("/") ? systemRoot : systemRoot + "/") + "dev/mem"
    }

    /// The GUID where the device tree says that it lies.
    static func deviceTree(systemRoot: String) throws(SourceFailure) -> MemorySource {
        try MemorySource(systemRoot: systemRoot, address: DeviceTree(systemRoot: systemRoot).generationAddress())
    }

    /// Maps the GUID.
    ///
    /// - Parameters:
    ///   - systemRoot: the directory below which /proc and /dev are looked for.
    ///   - address: the GUID's physical address.
    init(systemRoot: String, address: UInt64) throws(SourceFailure) {
        self.address = address
        let map = MemoryMap(systemRoot: systemRoot)
        if let objection = map.objection(to: address, size: UInt64(Self.size)) {
            throw SourceFailure("the VM generation ID's address \(Self.text(address)) \(objection)")
        }
        do throws(SystemCallFailure) {
            region = try PhysicalRegion(Self.path(systemRoot), address: address, size: Self.size)
        } catch {
            let reason = MemoryRefusal(error, systemRoot: systemRoot).map { "; \($0)" } ?? ""
            throw SourceFailure("the VM generation ID at \(Self.text(address)) cannot be mapped: \(error)\(reason)")
        }
        guard map.place(of: address) == .nothing else { return }
        // What no map shows may as well be a device, whose registers change or read the same everywhere.
        let identity = try self.identity()
        guard try self.identity() == identity, Set((0..<4).map { Array(identity.bytes[4 * $0..<4 * $0 + 4]) }).count > 1
        else {
            throw SourceFailure(
                "what is at \(Self.text(address)), where the kernel's map of the memory has nothing, is no VM generation ID"
            )
        }
    }

    private static func text(_ address: UInt64) -> String { "0x\(String(address, radix: 16))" }

    /// The GUID as it is now, in the order of memory.
    func identity() throws(SourceFailure) -> Identity {
        let bytes: [UInt8]
        do throws(SystemCallFailure) { bytes = try region.read() } catch {
            throw SourceFailure("the VM generation ID cannot be read: \(error)")
        }
        // Addresses at which there is no memory read as ones.
        guard !bytes.allSatisfy({ $0 == 0 }), !bytes.allSatisfy({ $0 == 0xff }),
            let identity = Identity(domain: .vmGenerationID, bytes: bytes)
        else { throw SourceFailure("the VM generation ID is empty: the hypervisor has placed none") }
        return identity
    }
}
