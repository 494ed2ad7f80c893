internal import SysGenIDCore
package import SysGenIDSystem

/// The hypervisor's own page, a vmclock with a generation counter, as a probe looks at it. See
/// include/uapi/linux/vmclock-abi.h and drivers/ptp/ptp_vmclock.c of the kernel.
///
/// The kernel gives the page to programs as it is in the machine's memory, and the hypervisor changes the counter before the
/// first instruction of a resumed machine.
package final class HypervisorClock: Sendable {
    /// How often a page is looked at that somebody is just writing: for some microseconds.
    static let tries = 10_000

    private let page: MappedDevicePage

    /// Maps the page of the kernel's device; nil where there is none that can be mapped, or none with a counter.
    convenience init?(_ path: String) {
        guard let page = try? MappedDevicePage(path) else { return nil }
        self.init(page)
    }

    /// - Returns: nil where the page shows no counter.
    package init?(_ page: MappedDevicePage) {
        func word(_ offset: Int) -> UInt32 { UInt32(littleEndian: page.load(UInt32.self, at: offset)) }
        func longWord(_ offset: Int) -> UInt64 { UInt64(littleEndian: page.load(UInt64.self, at: offset)) }
        let flags = VMClockLayout.Flags(rawValue: longWord(VMClockLayout.Offset.flags))
        guard word(VMClockLayout.Offset.magic) == VMClockLayout.magic,
            word(VMClockLayout.Offset.size) >= VMClockLayout.size,
            UInt16(truncatingIfNeeded: word(VMClockLayout.Offset.version)) == VMClockLayout.version,
            flags.contains(.hasGenerationCounter)
        else { return nil }
        self.page = page
    }

    /// The counter, by one load.
    var counter: UInt64 {
        UInt64(littleEndian: page.load(UInt64.self, at: VMClockLayout.Offset.generationCounter))
    }

    /// The number of the update that is under way; 0 where there is none.
    ///
    /// The counter is one aligned word, so that no load takes half of it, and the sequence count is not needed for that. It is
    /// looked at before the counter since it is odd while the page is being written: a hypervisor that lets the machine run
    /// meanwhile may have the counter still to write. That is over in less than a microsecond and is waited for, so that an
    /// adjustment of the clock is no change. But nobody waits for ever for a page that stays as it is.
    var update: UInt32 {
        var last: UInt32 = 0
        for _ in 0..<Self.tries {
            last = sequence
            if last.isMultiple(of: 2) { return 0 }
        }
        return last
    }

    private var sequence: UInt32 {
        UInt32(littleEndian: page.load(UInt32.self, at: VMClockLayout.Offset.sequence))
    }
}
