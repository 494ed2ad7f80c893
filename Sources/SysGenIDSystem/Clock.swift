internal import Glibc

/// The clock that waits are measured by. It does not run while the system is suspended or stopped, and
/// nobody can set it. See clock_gettime(2), CLOCK_MONOTONIC.
public enum MonotonicClock {
    /// Nanoseconds since an arbitrary moment.
    public static func now() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
}

/// The time of day. See clock_gettime(2), CLOCK_REALTIME.
public enum WallClock {
    /// Seconds since 1970, UTC.
    public static func now() -> Int { time(nil) }
}
