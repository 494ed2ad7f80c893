/// One record of the kernel's log, as /dev/kmsg gives it. See Documentation/ABI/testing/dev-kmsg of the kernel:
/// `prefix,sequence,timestamp,flags[,more];text`, and lines that begin with a space and continue it.
///
/// What is in a record may come from anybody who can write to /dev/kmsg, but not where it comes from: the
/// kernel never lets user space have facility 0 (devkmsg_write in kernel/printk/printk.c).
struct KernelLogRecord: Hashable {
    /// Who wrote the record, as in syslog(3): 0 is the kernel.
    var facility: UInt8
    /// From 0, the most urgent, to 7.
    var level: UInt8
    var sequenceNumber: UInt64
    /// Microseconds of the kernel's monotonic clock.
    var timestamp: UInt64
    /// Whether the kernel says that it noticed another VM generation ID and has reseeded its random generator
    /// (add_vmfork_randomness in drivers/char/random.c, the same text since 5.18).
    var isVirtualMachineFork: Bool

    /// Parses a record in place, with or without the newline at its end; nil where it has another form. Its text is the rest
    /// of the first line, with the kernel's escapes: a backslash, and what is not printable, is `\xNN`.
    init?(_ record: some Collection<UInt8>) {
        let line = record.prefix { $0 != UInt8(ascii: "\n") }
        guard let end = line.firstIndex(of: UInt8(ascii: ";")) else { return nil }
        // What follows are the flags, and fields that not every kernel has, as the caller.
        var fields = line[..<end]
        guard let priority = Self.takeNumber(from: &fields), priority <= 0x7ff,
            let sequenceNumber = Self.takeNumber(from: &fields),
            let timestamp = Self.takeNumber(from: &fields)
        else { return nil }
        facility = UInt8(priority >> 3)
        level = UInt8(priority & 7)
        self.sequenceNumber = sequenceNumber
        self.timestamp = timestamp
        isVirtualMachineFork = facility == 0 && line[end...].dropFirst().elementsEqual(Self.fork)
    }

    /// Whether a line may be such a record: a look at its end tells of hardly any that it has to be parsed.
    static func mayBeVirtualMachineFork(_ line: UnsafeRawBufferPointer) -> Bool {
        line.suffix(fork.count).elementsEqual(fork)
    }

    static let forkText = "random: crng reseeded due to virtual machine fork"
    private static let fork = Array(forkText.utf8)

    /// Takes the number before the next comma, and that; nil where there is none.
    private static func takeNumber<Fields: Collection<UInt8>>(from fields: inout Fields) -> UInt64?
    where Fields.SubSequence == Fields {
        guard let comma = fields.firstIndex(of: UInt8(ascii: ",")) else { return nil }
        defer { fields = fields[comma...].dropFirst() }
        return decimal(fields[..<comma])
    }

    private static func decimal(_ digits: some Collection<UInt8>) -> UInt64? {
        guard !digits.isEmpty else { return nil }
        var value: UInt64 = 0
        for digit in digits {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) else { return nil }
            let product = value.multipliedReportingOverflow(by: 10)
            let sum = product.partialValue.addingReportingOverflow(UInt64(digit - UInt8(ascii: "0")))
            guard !product.overflow, !sum.overflow else { return nil }
            value = sum.partialValue
        }
        return value
    }
}
