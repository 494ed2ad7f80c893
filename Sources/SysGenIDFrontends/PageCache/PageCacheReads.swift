import SysGenIDCore
import SysGenIDSystem

/// Tells apart what the kernel asks where the file is served from its cache (kernels before 6.9).
///
/// A read of a cached file never reaches the daemon, unless it is open with O_DIRECT. But the kernel asks for the
/// attributes before it, through the open file, and that request can be parked, so that the read blocks.
final class PageCacheReads: Sendable {
    /// The watchers whose files are cached: those open for reading only; true where opened with O_NONBLOCK.
    /// The kernel does not tell when that is set later.
    private let cached = Lock<[WatcherID: Bool]>([:])

    func opened(_ watcher: WatcherID, isNonBlocking: Bool) {
        cached.withLock { $0[watcher] = isNonBlocking }
    }

    func closed(_ watcher: WatcherID) {
        _ = cached.withLock { $0.removeValue(forKey: watcher) }
    }

    /// Whether a read of the watcher's file may block; nil where its file is not cached.
    func mayBlock(_ watcher: WatcherID) -> Bool? {
        cached.withLock { $0[watcher] }.map { !$0 }
    }
}
