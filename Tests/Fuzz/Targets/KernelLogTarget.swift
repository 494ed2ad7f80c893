@testable import SysGenIDBackends

extension FuzzTarget {
    /// The parser of the kernel's log. The bytes are what one read of /dev/kmsg gives; each line in them is
    /// parsed, as the daemon does it, and so is the whole.
    static let kernelLog = FuzzTarget(name: "kernel-log") { bytes in
        var isFork = try checkRecord(bytes)
        for line in bytes.split(separator: UInt8(ascii: "\n")) { isFork = try checkRecord(Array(line)) || isFork }
        return isFork
    }

    private static let fork = Array("random: crng reseeded due to virtual machine fork".utf8)

    /// Returns whether the record tells of a fork.
    private static func checkRecord(_ bytes: [UInt8]) throws(Violation) -> Bool {
        let record = KernelLogRecord(bytes)
        let line = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).first ?? []
        let isWorthALook = Array(line).withUnsafeBytes { KernelLogRecord.mayBeVirtualMachineFork($0) }
        try demand(isWorthALook || record?.isVirtualMachineFork != true, "a fork that would not have been parsed")
        try demand(record == KernelLogRecord(bytes), "another record at the second time")
        guard let record else { return false }
        let parts = line.split(separator: UInt8(ascii: ";"), maxSplits: 1, omittingEmptySubsequences: false)
        try demand(parts.count == 2, "a record without a text")
        try demand(record.level < 8, "level \(record.level)")
        let priority = UInt64(record.facility) * 8 + UInt64(record.level)
        let numbers = [priority, record.sequenceNumber, record.timestamp]
        let fields = parts[0].split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
        for (number, field) in zip(numbers, fields) {
            try demand(Array("\(number)".utf8) == field.trimmingZeros, "\(number) for \(Array(field))")
        }
        let prefix = numbers.map { "\($0)," }.joined() + "-;"
        try demand(KernelLogRecord(Array(prefix.utf8) + parts[1]) == record, "another record when written anew")
        try demand(
            record.isVirtualMachineFork == (priority < 8 && parts[1].elementsEqual(fork)),
            "a fork is \(record.isVirtualMachineFork) for facility \(record.facility), \(Array(parts[1]))")
        return record.isVirtualMachineFork
    }
}

extension ArraySlice<UInt8> {
    /// The digits of a number without those that add nothing.
    fileprivate var trimmingZeros: [UInt8] {
        let digits = drop { $0 == UInt8(ascii: "0") }
        return digits.isEmpty && !isEmpty ? [UInt8(ascii: "0")] : Array(digits)
    }
}
