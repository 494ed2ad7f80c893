/// A vmclock with a generation counter.
///
/// QEMU (11.1) gives guests the page and the device, and at a resume it changes the sequence count and the disruption
/// marker, but it has no counter. So what it lacks is written to the page while the machine stands still.
enum VMClock: String, Sendable {
    /// The hypervisor says so when it has changed the page.
    case announced
    /// The guest has to look.
    case silent

    /// Makes the page what a hypervisor with a counter would have made of it.
    ///
    /// - Parameter clone: as what the machine was resumed; nil where it was switched on.
    func complete(_ memory: GuestMemory, in clone: GuestTest.Clone?) throws {
        guard let clone else { return try memory.write(flags, at: Self.page + 0x18) }
        guard clone.hasNewCounter else { return }
        // By one, as Firecracker has it: all clones of one snapshot get the same.
        let counter = Self.page + 0x68
        try memory.write(memory.longWord(at: counter) + 1, at: counter)
    }

    /// VMCLOCK_ADDR in include/hw/acpi/vmclock.h of QEMU.
    private static let page: UInt64 = 0xfeff_b000

    /// Bits 8 and 9 of vmclock-abi.h: there is a counter; its changes are announced.
    private var flags: UInt64 {
        switch self {
        case .announced: 0x300
        case .silent: 0x100
        }
    }
}
