/// The fields of a vmclock's page that belong to the clock, in the order of the page: all but what says whose page it is, the
/// sequence count and the generation counter. See `struct vmclock_abi` of include/uapi/linux/vmclock-abi.h of the kernel.
public struct VMClockFields: Hashable, Sendable {
    /// Which counter of the processor the times belong to.
    public var counterID = VMClockLayout.noCounter
    public var timeType: UInt8 = 0
    /// Another number when the processor's counter was disrupted, as when the system was moved to another host.
    public var disruptionMarker: UInt64 = 0
    /// Those of the page's flags that belong to the clock.
    public var flags: VMClockLayout.Flags = []
    public var status: UInt8 = VMClockLayout.Status.unknown
    public var leapSecondSmearingHint: UInt8 = 0
    /// Signed, in seconds.
    public var taiOffset: UInt16 = 0
    public var leapIndicator: UInt8 = 0
    /// The unit of the period and its errors is 1/2^(64 + this) of a second.
    public var counterPeriodShift: UInt8 = 0
    /// What the counter had at the time.
    public var counterValue: UInt64 = 0
    public var counterPeriod: UInt64 = 0
    public var counterPeriodEstimatedError: UInt64 = 0
    public var counterPeriodMaximumError: UInt64 = 0
    public var seconds: UInt64 = 0
    /// In 1/2^64 of a second.
    public var fraction: UInt64 = 0
    /// In nanoseconds.
    public var estimatedError: UInt64 = 0
    public var maximumError: UInt64 = 0

    /// Those of a page that shows no clock, and has never shown one.
    public init() {}

    /// Whether there is a clock in the page.
    public var hasClock: Bool { counterID != VMClockLayout.noCounter }
}

/// What was read of the hypervisor's page, under its sequence count.
public struct HostClock: Hashable, Sendable {
    /// As they were read: their numbers may be any.
    public var fields: VMClockFields
    /// Whether the hypervisor tells of each change, and is heard.
    public var isAnnounced: Bool

    public init(_ fields: VMClockFields, isAnnounced: Bool) {
        self.fields = fields
        self.isAnnounced = isAnnounced
    }
}

// MARK: What is shown of it

extension VMClockFields {
    /// What the daemon's pages are to show.
    ///
    /// Nothing in a page says how old a copy is, and a time that was right before a disruption is wrong after it. So there
    /// is a clock in a copy only where each change of the original is announced; then it is as old as the generation is. The
    /// disruption marker tells nobody the time, and rather late than never that the counter was disrupted.
    ///
    /// - Parameters:
    ///   - host: what was read last; nil where the hypervisor's page is not read, or cannot be.
    ///   - previous: what they show.
    public static func shown(of host: HostClock?, after previous: VMClockFields) -> VMClockFields {
        guard let host else { return previous.withoutClock }
        if host.isAnnounced, host.fields.isUnderstood { return host.fields }
        var fields = previous.withoutClock
        fields.disruptionMarker = host.fields.disruptionMarker
        fields.flags = host.fields.flags.intersection(.ofDisruption)
        return fields
    }

    /// The same without a clock. The marker stays: it is another one after a disruption, and after nothing else.
    ///
    /// A program may have taken the counter's id for one that never changes, as the header has it. The status tells it, too.
    public var withoutClock: VMClockFields {
        var fields = VMClockFields()
        fields.disruptionMarker = disruptionMarker
        if hasClock || status != VMClockLayout.Status.unknown { fields.status = VMClockLayout.Status.unreliable }
        return fields
    }

    /// Whether there is a clock, of which each number is one that the header names.
    private var isUnderstood: Bool {
        VMClockLayout.counterIDs.contains(counterID) && VMClockLayout.timeTypes.contains(timeType)
            && VMClockLayout.Status.all.contains(status) && VMClockLayout.leapIndicators.contains(leapIndicator)
            && VMClockLayout.smearingHints.contains(leapSecondSmearingHint)
    }
}

// MARK: As words of the page

extension VMClockFields {
    /// Where the words lie in the page. Behind them is the generation counter.
    public static let wordOffsets = stride(
        from: VMClockLayout.Offset.disruptionMarker, to: VMClockLayout.Offset.generationCounter, by: 8)

    /// Takes the fields from words of the page, and nothing that lies between them or that nobody knows.
    ///
    /// - Parameters:
    ///   - identification: the word at `VMClockLayout.Offset.version`, in native byte order.
    ///   - word: the one of 64 bits at an offset, in native byte order.
    public init(identification: UInt32, _ word: (Int) -> UInt64) {
        counterID = UInt8(truncatingIfNeeded: identification >> 16)
        timeType = UInt8(truncatingIfNeeded: identification >> 24)
        disruptionMarker = word(0x10)
        flags = VMClockLayout.Flags(rawValue: word(0x18)).intersection(.ofClock)
        let small = word(0x20)
        func byte(_ offset: Int) -> UInt8 { UInt8(truncatingIfNeeded: small >> (8 * (offset - 0x20))) }
        status = byte(0x22)
        leapSecondSmearingHint = byte(0x23)
        taiOffset = UInt16(byte(0x24)) | UInt16(byte(0x25)) << 8
        leapIndicator = byte(0x26)
        counterPeriodShift = byte(0x27)
        counterValue = word(0x28)
        counterPeriod = word(0x30)
        counterPeriodEstimatedError = word(0x38)
        counterPeriodMaximumError = word(0x40)
        seconds = word(0x48)
        fraction = word(0x50)
        estimatedError = word(0x58)
        maximumError = word(0x60)
    }

    /// The word at `VMClockLayout.Offset.version`.
    public var identification: UInt32 {
        UInt32(VMClockLayout.version) | UInt32(counterID) << 16 | UInt32(timeType) << 24
    }

    /// The word at an offset of `wordOffsets` in one of the daemon's pages.
    public func word(at offset: Int) -> UInt64 {
        switch offset {
        case 0x10: disruptionMarker
        case 0x18: flags.union([.hasGenerationCounter, .sendsNotifications]).rawValue
        case 0x20: smallFields
        case 0x28: counterValue
        case 0x30: counterPeriod
        case 0x38: counterPeriodEstimatedError
        case 0x40: counterPeriodMaximumError
        case 0x48: seconds
        case 0x50: fraction
        case 0x58: estimatedError
        case 0x60: maximumError
        default: 0
        }
    }

    private var smallFields: UInt64 {
        UInt64(status) << 16 | UInt64(leapSecondSmearingHint) << 24 | UInt64(taiOffset) << 32
            | UInt64(leapIndicator) << 48 | UInt64(counterPeriodShift) << 56
    }
}
