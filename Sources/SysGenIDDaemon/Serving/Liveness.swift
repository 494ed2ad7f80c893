internal import SysGenIDSystem

/// Who is stuck, and how that is known.
///
/// Each thread leaves a mark when it begins to wait for work and when it is back (`Activity`). Stuck is, for longer than
/// the patience,
///
/// - who is at work on the same request;
/// - who waits, and has not been back since it was asked to. Each look asks all that wait, since a thread that waits for
///   work cannot be told from one that nobody lets run.
struct Liveness: Sendable {
    /// What a thread does, by the mark that it left last.
    typealias Mark = (name: String, activity: Activity.State)

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
    mutating func check(_ marks: [Mark], now: UInt64) -> [Stuck] {
        marks.compactMap { name, activity in
            let start = start(of: activity, by: name, now)
            // A moment that the thread has noted since is later than now.
            guard let start, now > start, now - start > patience else { return nil }
            let isWorking = if case .working = activity { true } else { false }
            return Stuck(name: name, isWorking: isWorking, duration: now - start)
        }
    }

    /// Since when the thread may have been stuck; nil where it has just been asked.
    private mutating func start(of activity: Activity.State, by name: String, _ now: UInt64) -> UInt64? {
        switch activity {
        case .working(let since):
            asked[name] = nil
            return since
        case .waiting(let lastBack):
            if let moment = asked[name], lastBack < moment { return moment }
            asked[name] = now
            return nil
        }
    }
}

/// What follows from who is stuck. The service manager's watchdog is fed as long as every thread that serves clients
/// gets on with its work. The backend's thread is looked at, too, but only told of: where it hangs, it most likely hangs
/// on a file whose server is gone, a successor would hang there as well, and clients would lose their open files for
/// nothing.
struct Watchdog: Sendable {
    /// What to do after a look.
    struct Verdict: Hashable, Sendable {
        var isFed: Bool
        /// What to tell of the threads that have got stuck since the last look, and of those that get on again.
        var errors: [String] = []
        var notices: [String] = []
    }

    private let interval: UInt64
    private var liveness: Liveness
    private var nextLook: UInt64 = 0
    /// The threads that were told to be stuck.
    private var stuck: Set<String> = []
    /// Who is stuck, in words; empty where nobody is.
    private(set) var complaint = ""

    /// - Parameter interval: within which it has to be fed, in nanoseconds.
    init(interval: UInt64) {
        self.interval = interval
        liveness = Liveness(patience: interval / 2)
    }

    func isDue(at now: UInt64) -> Bool { now >= nextLook }

    /// Looks at the threads. All that wait are to be woken after it.
    mutating func look(serving: [Liveness.Mark], backend: Liveness.Mark?, now: UInt64) -> Verdict {
        nextLook = now + interval / 3
        let found = liveness.check(serving + [backend].compactMap(\.self), now: now)
        var verdict = Verdict(isFed: found.allSatisfy { $0.name == backend?.name })
        for thread in found where !stuck.contains(thread.name) {
            let remark = thread.name == backend?.name ? Self.backendRemark : Self.servingRemark
            verdict.errors.append("\(thread): \(remark)")
        }
        let names = Set(found.map(\.name))
        verdict.notices = stuck.subtracting(names).sorted().map { "the thread \($0) gets on again" }
        stuck = names
        complaint = names.sorted().map { "the thread \($0) is stuck" }.joined(separator: ", ")
        return verdict
    }

    private static let servingRemark = "the watchdog is not fed, so that the service manager starts sysgenidd again"
    private static let backendRemark = "resumes go unnoticed until it gets on; is the server of its file gone?"
}
