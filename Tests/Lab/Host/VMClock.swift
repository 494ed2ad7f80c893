/// A vmclock with a generation counter.
///
/// QEMU (11.1) gives guests the page and the device, and at a resume it changes the sequence count and the disruption
/// marker, but it has no counter, and no time. So what it lacks is written to the page while the machine stands still.
enum VMClock: String, Sendable {
    /// The hypervisor says so when it has changed the page.
    case announced
    /// It says so, and its page has a clock.
    case timed
    /// The guest has to look.
    case silent

    /// Makes the page what a hypervisor with a counter would have made of it.
    ///
    /// - Parameter clone: as what the machine was resumed; nil where it was switched on.
    func complete(_ memory: GuestMemory, in clone: GuestTest.Clone?) throws {
        guard let clone else {
            try memory.write(flags, at: Self.page + 0x18)
            return try writeClock(to: memory, in: clone)
        }
        try writeClock(to: memory, in: clone)
        guard clone.hasNewCounter else { return }
        // By one, as Firecracker has it: all clones of one snapshot get the same.
        let counter = Self.page + 0x68
        try memory.write(memory.longWord(at: counter) + 1, at: counter)
    }

    /// Times of no meaning, each field another one, and others after a resume.
    private func writeClock(to memory: GuestMemory, in clone: GuestTest.Clone?) throws {
        guard self == .timed else { return }
        // Before the sequence count, which stays: the time stamp counter, and the time of the world.
        let identification = Self.page + 0x08
        let count = try memory.longWord(at: identification) & ~0xffff_ffff
        try memory.write(count | 1 | 1 << 16, at: identification)
        // Synchronized, 37 seconds from the atomic time, and a period in units of 1/2^73 of a second.
        try memory.write(2 << 16 | 37 << 32 | 9 << 56, at: Self.page + 0x20)
        for offset: UInt64 in stride(from: 0x28, to: 0x68, by: 8) {
            try memory.write(offset << 32 | (clone == nil ? 1 : 2), at: Self.page + offset)
        }
    }

    /// Whether the guest is told of a change.
    var isAnnounced: Bool { self != .silent }

    /// VMCLOCK_ADDR in include/hw/acpi/vmclock.h of QEMU.
    private static let page: UInt64 = 0xfeff_b000

    /// Bits 8 and 9 of vmclock-abi.h: there is a counter; its changes are announced. Bit 0: the seconds from the atomic time are
    /// known.
    private var flags: UInt64 {
        switch self {
        case .announced: 0x300
        case .timed: 0x301
        case .silent: 0x100
        }
    }
}
