internal import CSysGenID
internal import Glibc

/// A number that one thread advances and another waits for, each by one system call: a descriptor takes one more to be cleared,
/// and one to be waited for. See futex(2).
// Sendable: the address never changes, and the number is loaded and stored atomically.
final class EventCount: @unchecked Sendable {
    private let number = UnsafeMutablePointer<UInt32>.allocate(capacity: 1)

    init() { number.initialize(to: 0) }

    deinit { number.deallocate() }

    /// How often it was advanced. What was stored before that is seen after this.
    var current: UInt32 { csysgenid_load_acquire(number) }

    /// Advances the number and wakes who waits.
    func advance() { csysgenid_advance(number) }

    /// Waits until the number is another one than was seen, or the moment has come.
    ///
    /// - Parameter moment: of the monotonic clock, in nanoseconds; nil is never.
    /// - Returns: whether it is another one.
    func wait(past seen: UInt32, until moment: UInt64? = nil) -> Bool {
        while current == seen {
            let failure = Activity.waiting { csysgenid_wait_past(number, seen, moment ?? .max) }
            switch failure {
            case 0, EAGAIN, EINTR: break
            case ETIMEDOUT: return current != seen
            // The kernel has no reason for another; whoever is told of one does not ask all the time.
            default:
                MonotonicClock.sleep(milliseconds: 1)
                if let moment, MonotonicClock.now() >= moment { return current != seen }
            }
        }
        return true
    }
}
