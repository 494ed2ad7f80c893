internal import SysGenIDCore
internal import SysGenIDSystem

/// For how many watchers there is memory. Under a limit the daemon refuses those that are too many, with EMFILE: one
/// that runs out of memory would be ended, and everybody with it.
enum WatcherRoom {
    /// What a watcher takes at most, with a request that is parked and the change that ends it; `LoadTests` holds the
    /// daemon to it.
    static let bytesPerWatcher = 2_048
    /// What the daemon itself takes besides.
    static let reserve = 16 << 20
    /// So many there are in any case: with less, nothing would be served.
    static let least = 64
    /// A thread for each frontend, two for page caches, the backend, the host's entropy, the log, and the probe of a mount
    /// that was left behind.
    static let threads = 9

    /// The limits that were asked for, or narrower ones where there is not enough memory, and why.
    static func limits(
        _ wanted: Limits, under limit: MemoryLimits.Limit?
    ) -> (limits: Limits, remark: String?) {
        guard let limit else { return (wanted, nil) }
        let room = max(least, (limit.bytesLeft - reserve) / bytesPerWatcher)
        guard room < wanted.watchers else { return (wanted, nil) }
        let remark =
            "\(limit.name) leaves \(max(0, limit.bytesLeft) >> 20) MiB: --max-watchers is \(room) instead of"
            + " \(wanted.watchers)"
        return (Limits(watchers: room), remark)
    }
}
