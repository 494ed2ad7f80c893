internal import SysGenIDCore
internal import SysGenIDSystem

/// The VM generation ID in the machine's memory, read through a standing mapping.
final class MemorySource: IdentitySource {
    /// The physical address of the GUID.
    let address: UInt64
    private let region: PhysicalRegion

    private static let size = 16

    /// The GUID where the ACPI tables say that it lies.
    static func acpi(systemRoot: String) throws(SourceFailure) -> MemorySource {
        let address = try ACPITables(systemRoot: systemRoot).generationAddress()
        guard try ACPINamespace(systemRoot: systemRoot).hasGenerationDevice ?? true else {
            throw SourceFailure(
                "the ACPI tables have a VM generation ID device, and the kernel says that it is not there")
        }
        return try MemorySource(systemRoot: systemRoot, address: address)
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
        if let objection = MemoryMap(systemRoot: systemRoot).objection(to: address) {
            throw SourceFailure("the VM generation ID's address 0x\(String(address, radix: 16)) \(objection)")
        }
        do throws(SystemCallFailure) {
            let root = systemRoot.hasSuffix("/") ? systemRoot : systemRoot + "/"
            region = try PhysicalRegion(root + "dev/mem", address: address, size: Self.size)
        } catch {
            throw SourceFailure("the VM generation ID cannot be mapped: \(error)\(Self.explanation(error))")
        }
    }

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

    private static func explanation(_ failure: SystemCallFailure) -> String {
        switch failure.errno {
        case .noSuchFileOrDirectory: "; the kernel was built without it"
        case .notPermitted, .permissionDenied: "; only root may map it, and no one on a locked down kernel"
        default: ""
        }
    }
}
