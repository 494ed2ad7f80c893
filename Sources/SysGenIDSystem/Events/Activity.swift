internal import CSysGenID
internal import Synchronization

/// What a thread does: it waits for work, or it is at work, and since when. The thread takes note of it in the
/// waits of this module, and others look.
public final class Activity: Sendable {
    public enum State: Hashable, Sendable {
        /// It waits. At this tick of the monotonic clock it came back from a wait last, if only to wait again.
        case waiting(lastBack: UInt64)
        /// It is at work on what it found at this moment.
        case working(since: UInt64)
    }

    /// The moment in the upper bits, and in the lowest one whether the thread is at work: one word, so that
    /// nobody sees one of them without the other.
    private let word: Atomic<UInt64>

    init() {
        word = Atomic(Self.working(since: MonotonicClock.lastTick()))
    }

    public var state: State {
        let word = word.load(ordering: .relaxed)
        return word & 1 == 0 ? .waiting(lastBack: word >> 1) : .working(since: word >> 1)
    }

    private static func working(since moment: UInt64) -> UInt64 { moment << 1 | 1 }

    // MARK: The thread's own part

    /// Waits for work, by a call that blocks, and takes note of it for the calling thread.
    static func waiting<Value>(_ call: () -> Value) -> Value {
        guard let own else { return call() }
        own._withUnsafeGuaranteedRef { $0.word.store($0.word.load(ordering: .relaxed) & ~1, ordering: .relaxed) }
        defer {
            own._withUnsafeGuaranteedRef {
                $0.word.store(working(since: MonotonicClock.lastTick()), ordering: .relaxed)
            }
        }
        return call()
    }

    /// Makes this the activity of the calling thread, as long as the body runs.
    func whileOfThisThread(_ body: () -> Void) {
        csysgenid_set_of_this_thread(Unmanaged.passUnretained(self).toOpaque())
        defer { csysgenid_set_of_this_thread(nil) }
        body()
    }

    /// Without a reference that is counted, since this is asked for at each request; the thread keeps the activity.
    private static var own: Unmanaged<Activity>? { csysgenid_of_this_thread().map { Unmanaged.fromOpaque($0) } }
}
