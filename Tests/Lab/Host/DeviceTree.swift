import Foundation

/// The device tree of an arm64 machine with a VM generation ID, which QEMU (11.1) has for PCs only. So the hypervisor's
/// part is played: while the machine stands still, the identity is written to its memory and its interrupt is raised.
struct DeviceTree: Sendable {
    /// The tree as QEMU takes it.
    let path: String

    /// Adds the node to the tree that QEMU makes for a machine.
    ///
    /// - Parameters:
    ///   - node: what is added, as a source.
    ///   - path: where the tree is kept.
    init(of arguments: [String], emulator: Emulator, adding node: String, at path: String) throws {
        self.path = path
        var arguments = arguments
        guard let machine = arguments.firstIndex(of: "-machine") else { throw Failure("no machine has this tree") }
        arguments[machine + 1] += ",dumpdtb=\(path).plain"
        try Tool.run(emulator.command[0], emulator.command.dropFirst() + arguments)
        // A root that comes again adds to the one before.
        try Tool.shell(
            """
            dtc -q -I dtb -O dts "$1.plain" >"$1.source"
            cat "$2" >>"$1.source"
            dtc -q -I dts -O dtb -o "$1" "$1.source"
            """, [path, node], in: "/")
    }

    /// Makes the memory what a hypervisor would have made of it.
    ///
    /// - Parameter clone: as what the machine was resumed; nil where it was switched on.
    func complete(_ memory: GuestMemory, identity: String, in clone: GuestTest.Clone?) throws {
        guard clone?.hasNewIdentity ?? true, let identity = UUID(uuidString: identity) else { return }
        try withUnsafeBytes(of: identity.uuid) { bytes in
            for offset in [0, 8] {
                let word = bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
                try memory.write(word, at: Self.identity + UInt64(offset))
            }
        }
        if clone != nil {
            try memory.write(1 << (Self.interrupt % 32), at: Self.pending + UInt64(Self.interrupt / 32 * 4))
        }
    }

    /// The `reg` of the node.
    private static let identity: UInt64 = 0x5fff_0ff0
    /// Its `interrupts`, of which those that are shared by all processors begin at 32.
    private static let interrupt = 32 + 200
    /// GICD_ISPENDR0 of the machine's GIC. See section 4.3.7 of Arm's specification of the GIC, version 2.
    private static let pending: UInt64 = 0x0800_0200
}
