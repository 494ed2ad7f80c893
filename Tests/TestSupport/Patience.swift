import Glibc
import SysGenIDSystem

/// How long to wait for what has to come: as long as anything moves, however little the machine lets it.
///
/// No clock ends a wait but the cap. What is counted is how often the waiter was woken: on a busy machine that is late
/// for the waiter, too. Now and then it looks at the processes that it waits for. Where a look finds that nothing has
/// moved, again and again, that is a hang. It belongs to the thread that makes it.
public struct Patience {
    /// No wait is longer, whatever moves: an hour.
    public static let capMilliseconds: UInt32 = 3_600_000
    /// A look that has seen something move makes up for so many that have not, so that a daemon that looks whether it has
    /// anything to do, and has not, is no progress.
    static let worth = 3

    private let process: pid_t
    private let looks: Int
    private let wakeUpsPerLook: Int
    private let end = MonotonicClock.now() + UInt64(capMilliseconds) * 1_000_000
    private var wakeUps = 0
    private var stillLooks = 0
    private var last: (activity: ProcessActivity, progress: Int)?
    private let waiter = Waiter()

    /// - Parameter process: the one that is waited for, with all that it has started. Without one it is this process: all
    ///   that runs for the tests.
    public init(for process: pid_t = getpid()) {
        // Two minutes where nothing else is done, with the two milliseconds that `waitUntil` sleeps.
        self.init(for: process, looks: 150, wakeUpsPerLook: 400)
    }

    /// For what may wait for others than this machine, as one that fetches something does: it ends at the cap.
    public static var untilTheCap: Patience { Patience(for: getpid(), looks: .max, wakeUpsPerLook: 400) }

    /// - Parameters:
    ///   - looks: how many that have seen nothing move are a hang.
    ///   - wakeUpsPerLook: how often the waiter wakes up for each.
    init(for process: pid_t, looks: Int, wakeUpsPerLook: Int) {
        (self.process, self.looks, self.wakeUpsPerLook) = (process, looks, wakeUpsPerLook)
    }

    /// Whether there is no reason to wait any longer. It is to be asked once after each sleep.
    ///
    /// - Parameter progress: a number that is another one where something has moved that no process shows.
    public mutating func isOver(_ progress: () -> Int = { 0 }) -> Bool {
        wakeUps += 1
        guard wakeUps % wakeUpsPerLook == 0 else { return false }
        guard looks < .max else { return MonotonicClock.now() >= end }
        let now = (activity: ProcessActivity(of: process), progress: progress())
        let hasMoved =
            last.map { now.progress != $0.progress || now.activity.hasMoved(since: $0.activity) } ?? true
        stillLooks = hasMoved ? max(0, stillLooks - Self.worth) : stillLooks + 1
        last = now
        return stillLooks >= looks || MonotonicClock.now() >= end
    }
}
