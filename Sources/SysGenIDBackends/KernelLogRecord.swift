internal import SysGenIDSystem

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
    init?(_ record: some Sequence<UInt8>) {
        // In one pass: it lies between a resume and the page.
        var bytes = record.makeIterator()
        guard let priority = Self.number(&bytes), priority <= 0x7ff, let sequenceNumber = Self.number(&bytes),
            let timestamp = Self.number(&bytes), Self.skipFlags(&bytes)
        else { return nil }
        facility = UInt8(priority >> 3)
        level = UInt8(priority & 7)
        self.sequenceNumber = sequenceNumber
        self.timestamp = timestamp
        isVirtualMachineFork = facility == 0 && Self.isFork(&bytes)
    }

    /// Whether a line may be such a record: a look at its end tells of hardly any that it has to be parsed.
    static func mayBeVirtualMachineFork(_ line: UnsafeRawBufferPointer) -> Bool { line.ends(with: forkText) }

    static let forkText: StaticString = "random: crng reseeded due to virtual machine fork"

    /// The number that ends with the next comma; nil where there is none.
    private static func number(_ bytes: inout some IteratorProtocol<UInt8>) -> UInt64? {
        var (value, count): (UInt64, Int) = (0, 0)
        while let byte = bytes.next() {
            if byte == UInt8(ascii: ",") { return count > 0 ? value : nil }
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
            let product = value.multipliedReportingOverflow(by: 10)
            let sum = product.partialValue.addingReportingOverflow(UInt64(byte - UInt8(ascii: "0")))
            guard !product.overflow, !sum.overflow else { return nil }
            (value, count) = (sum.partialValue, count + 1)
        }
        return nil
    }

    /// Goes on behind the flags, and the fields that not every kernel has, as the caller; whether a text is there.
    private static func skipFlags(_ bytes: inout some IteratorProtocol<UInt8>) -> Bool {
        while let byte = bytes.next(), byte != UInt8(ascii: "\n") {
            if byte == UInt8(ascii: ";") { return true }
        }
        return false
    }

    /// Whether the rest of the line is the kernel's text.
    private static func isFork(_ bytes: inout some IteratorProtocol<UInt8>) -> Bool {
        for place in 0..<forkText.utf8CodeUnitCount where bytes.next() != forkText.utf8Start[place] { return false }
        let next = bytes.next()
        return next == nil || next == UInt8(ascii: "\n")
    }
}
