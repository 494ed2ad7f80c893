import SysGenIDSystem

/// A vmclock page, field by field, as in include/uapi/linux/vmclock-abi.h of the kernel.
struct VMClockFixture {
    var magic: UInt32 = 0x4b4c_4356
    var size: UInt32 = 0x1000
    var version: UInt16 = 1
    var sequence: UInt32 = 6
    var disruptionMarker: UInt64 = 0x4444_3333_2222_1111
    var flags: UInt64 = 1 << 8 | 1 << 7 | 1
    var generationCounter: UInt64 = 0x0807_0605_0403_0201

    /// The page's first 112 bytes.
    var structure: [UInt8] {
        var bytes: [UInt8] = []
        func append(_ value: some FixedWidthInteger) {
            withUnsafeBytes(of: value.littleEndian) { bytes += Array($0) }
        }
        append(magic)  // 0x00
        append(size)  // 0x04
        append(version)  // 0x08
        append(UInt8(1))  // 0x0a, counter_id: the time stamp counter
        append(UInt8(0))  // 0x0b, time_type: UTC
        append(sequence)  // 0x0c
        append(disruptionMarker)  // 0x10
        append(flags)  // 0x18
        append(UInt16(0))  // 0x20, pad
        append(UInt8(2))  // 0x22, clock_status: synchronized
        append(UInt8(0))  // 0x23, leap_second_smearing_hint
        append(Int16(37))  // 0x24, tai_offset_sec
        append(UInt8(0))  // 0x26, leap_indicator
        append(UInt8(9))  // 0x27, counter_period_shift
        append(UInt64(0x1234_5678_9abc))  // 0x28, counter_value
        append(UInt64(0x00aa_bbcc_ddee_ff00))  // 0x30, counter_period_frac_sec
        append(UInt64(3))  // 0x38, counter_period_esterror_rate_frac_sec
        append(UInt64(4))  // 0x40, counter_period_maxerror_rate_frac_sec
        append(UInt64(1_700_000_000))  // 0x48, time_sec
        append(UInt64(0x8000_0000_0000_0000))  // 0x50, time_frac_sec
        append(UInt64(5))  // 0x58, time_esterror_nanosec
        append(UInt64(6))  // 0x60, time_maxerror_nanosec
        append(generationCounter)  // 0x68
        return bytes
    }

    var page: [UInt8] { structure + [UInt8](repeating: 0, count: 4096 - structure.count) }

    func write(to root: String) throws {
        try Files.makeDirectories(root + "/dev", permissions: 0o755)
        try Files.replace(root + "/dev/vmclock0", with: page, permissions: 0o644)
    }
}
