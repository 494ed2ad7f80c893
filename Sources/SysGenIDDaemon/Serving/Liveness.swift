internal import SysGenIDSystem

/// Tells from what threads do which of them are stuck. It is told again and again, and says whom to ask for a sign
/// of life: a thread that waits for work cannot be told from one that nobody lets run.
struct Liveness: Sendable {
    /// A thread that does not get on.
    struct Stuck: Hashable, Sendable, CustomStringConvertible {
        var name: String
        /// Whether it is at work on something; else it waits, and does not answer.
        var isWorking: Bool
        /// For how long, in nanoseconds.
        var duration: UInt64

        var description: String {
            let seconds = "\(duration / 1_000_000_000).\(duration / 100_000_000 % 10) s"
            return isWorking
                ? "the thread \(name) has been busy with one request for \(seconds)"
                : "the thread \(name) has not answered for \(seconds)"
        }
    }

    /// After how long a thread counts as stuck, in nanoseconds.
    private let patience: UInt64
    /// Since when the waiting threads have been asked in vain, by their names.
    private var asked: [String: UInt64] = [:]

    init(patience: UInt64) {
        self.patience = patience
    }

    /// Looks at the threads. All that wait are to be woken after it, so that they have an answer by the next time.
    ///
    /// - Returns: those that are stuck.
    mutating func check(_ threads: [(name: String, activity: Activity.State)], now: UInt64) -> [Stuck] {
        threads.compactMap { name, activity in
            // A moment that the thread has noted since is later than now.
            func age(_ moment: UInt64) -> UInt64 { now > moment ? now - moment : 0 }
            switch activity {
            case .working(let since):
                asked[name] = nil
                return age(since) > patience ? Stuck(name: name, isWorking: true, duration: age(since)) : nil
            case .waiting(let lastBack):
                guard let moment = asked[name], lastBack < moment else {
                    asked[name] = now
                    return nil
                }
                return age(moment) > patience ? Stuck(name: name, isWorking: false, duration: age(moment)) : nil
            }
        }
    }
}
