import Glibc
import SysGenIDSystem

/// A thread of this process that waits for something. Whatever it does is looking for that, and no movement: two tests that
/// hang would keep each other from ending.
final class Waiter: Sendable {
    private static let counts = Lock<[pid_t: Int]>([:])

    /// All that wait.
    static var threads: Set<pid_t> { counts.withLock { Set($0.keys) } }

    private let thread = ProcessActivity.thisThread

    /// Counts the calling thread as one that waits, for as long as this is referred to.
    init() {
        if let thread { Self.counts.withLock { $0[thread, default: 0] += 1 } }
    }

    deinit {
        guard let thread else { return }
        Self.counts.withLock { counts in
            let others = counts[thread, default: 0] - 1
            counts[thread] = others > 0 ? others : nil
        }
    }
}
