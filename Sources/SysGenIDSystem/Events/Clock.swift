internal import Glibc

/// The clock that waits are measured by. It does not run while the system is suspended or stopped, and
/// nobody can set it. See clock_gettime(2), CLOCK_MONOTONIC.
public enum MonotonicClock {
    /// Nanoseconds since an arbitrary moment.
    public static func now() -> UInt64 { nanoseconds(CLOCK_MONOTONIC) }

    /// The same as of the kernel's last tick, up to ten milliseconds ago: a few memory accesses. A moment that was taken
    /// so is compared with others that were. See clock_gettime(2), CLOCK_MONOTONIC_COARSE.
    public static func lastTick() -> UInt64 { nanoseconds(CLOCK_MONOTONIC_COARSE) }

    private static func nanoseconds(_ clock: clockid_t) -> UInt64 {
        var time = timespec()
        clock_gettime(clock, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }

    /// Waits, but no longer than until a signal. See poll(2).
    public static func sleep(milliseconds: CInt) {
        _ = poll(nil, 0, milliseconds)
    }
}

/// The time of day. See clock_gettime(2), CLOCK_REALTIME.
public enum WallClock {
    /// Seconds since 1970, UTC.
    public static func now() -> Int { time(nil) }

    /// A time in seconds since 1970 as a date and a time of day in UTC, as 2021-03-01T00:00:00Z. See RFC 3339.
    public static func text(of moment: Int) -> String {
        var (moment, parts) = (moment, tm())
        var text = [CChar](repeating: 0, count: 32)
        let length = gmtime_r(&moment, &parts).map { strftime(&text, text.count, "%Y-%m-%dT%H:%M:%SZ", $0) } ?? 0
        return String(decoding: text.prefix(length).map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}
