/// Where what lies in the page of a vmclock, and what its words mean: `struct vmclock_abi` of include/uapi/linux/vmclock-abi.h
/// of the kernel. All fields are little-endian.
public enum VMClockLayout {
    /// "VCLK".
    public static let magic: UInt32 = 0x4b4c_4356
    /// VMCLOCK_COUNTER_INVALID: no counter of the processor belongs to the page's times.
    public static let noCounter: UInt8 = 0xff
    public static let version: UInt16 = 1
    /// What there is of fields, in bytes. The generation counter is the last.
    public static let size = 0x70

    public enum Offset {
        public static let magic = 0x00
        public static let size = 0x04
        /// Of 16 bits, with the counter's id and the type of the times behind it, of 8 bits each.
        public static let version = 0x08
        /// Odd while the page is being written; another number when it has been written since.
        public static let sequence = 0x0c
        public static let disruptionMarker = 0x10
        public static let flags = 0x18
        public static let generationCounter = 0x68
    }

    public struct Flags: OptionSet, Hashable, Sendable {
        public let rawValue: UInt64

        public init(rawValue: UInt64) {
            self.rawValue = rawValue
        }

        /// VMCLOCK_FLAG_DISRUPTION_SOON and VMCLOCK_FLAG_DISRUPTION_IMMINENT.
        public static let ofDisruption = Flags(rawValue: 0b110)
        /// All that say something of the clock: bits 0 to 7.
        public static let ofClock = Flags(rawValue: 0xff)
        /// VMCLOCK_FLAG_VM_GEN_COUNTER_PRESENT.
        public static let hasGenerationCounter = Flags(rawValue: 1 << 8)
        /// VMCLOCK_FLAG_NOTIFICATION_PRESENT.
        public static let sendsNotifications = Flags(rawValue: 1 << 9)
    }

    /// VMCLOCK_STATUS_…
    public enum Status {
        public static let unknown: UInt8 = 0
        /// The kernel's driver gives no time then.
        public static let unreliable: UInt8 = 4
        static let all: ClosedRange<UInt8> = unknown...unreliable
    }

    /// VMCLOCK_COUNTER_…, but for that of no counter.
    static let counterIDs: ClosedRange<UInt8> = 0...1
    /// VMCLOCK_TIME_…, but for smeared ones, which are not supported.
    static let timeTypes: ClosedRange<UInt8> = 0...2
    /// VMCLOCK_LEAP_…
    static let leapIndicators: ClosedRange<UInt8> = 0...5
    /// VMCLOCK_SMEARING_…
    static let smearingHints: ClosedRange<UInt8> = 0...2
}

extension VMClockLayout {
    /// A page with these fields, of which the sequence count and the generation counter are zero.
    public static func page(size: Int, _ fields: VMClockFields = VMClockFields()) -> [UInt8] {
        var page = [UInt8](repeating: 0, count: size)
        func put(_ word: some FixedWidthInteger, at offset: Int) {
            withUnsafeBytes(of: word.littleEndian) { page.replaceSubrange(offset..<offset + $0.count, with: $0) }
        }
        put(magic, at: Offset.magic)
        put(UInt32(size), at: Offset.size)
        put(fields.identification, at: Offset.version)
        for offset in VMClockFields.wordOffsets { put(fields.word(at: offset), at: offset) }
        return page
    }
}

/// The counters that a page in the layout of a vmclock shows. The lower half of one is the generation, so that it is the same
/// for the same one; the upper half counts how often those began again.
public enum VMClockCounter {
    /// The counter of a generation, by what the page showed before it: never a lower one, so that no program takes it for one
    /// that it has seen with another generation.
    public static func counter(of generation: Generation, after previous: UInt64) -> UInt64 {
        let candidate = previous & ~UInt64(UInt32.max) | UInt64(generation.rawValue)
        return candidate >= previous ? candidate : candidate &+ 1 << 32
    }

    /// What a page is to have shown where programs see it in the place of another one, the hypervisor's: it has then another
    /// upper half, so that the two do not meet, also where the other one counts on.
    public static func floor(above other: UInt64) -> UInt64 { other | UInt64(UInt32.max) }
}
