/// Which kernel the daemons serve.
enum Release: CaseIterable, Sendable {
    /// Delivers again what was not answered, where it is asked to (6.9).
    case resending
    /// Delivers each request once; a successor goes by the memory.
    case forgetting
}

/// The connection: what clients have called and nobody has answered.
struct Kernel: Hashable {
    struct Queued: Hashable {
        var request: Request
        /// It was delivered before, and is marked so.
        var isResent = false
    }

    /// What no daemon was given yet.
    var queue: [Queued] = []
    /// What a daemon was given.
    var unanswered: [Request] = []
    /// The request whose caller has got a signal.
    var interrupted: Request?
    /// The daemon is to be told of that, before all else.
    var isInterruptQueued = false

    mutating func send(_ request: Request) {
        queue.append(Queued(request: request))
    }

    /// The caller of the request gets a signal.
    mutating func interrupt(_ request: Request) {
        interrupted = request
        isInterruptQueued = unanswered.contains(request)
    }

    /// Gives the daemon the next request.
    mutating func deliver() -> Queued {
        let next = queue.removeFirst()
        unanswered.append(next.request)
        if interrupted == next.request { isInterruptQueued = true }
        return next
    }

    /// - Returns: whether somebody waits for the answer.
    mutating func answer(_ request: Request) -> Bool {
        guard let place = unanswered.firstIndex(of: request) else { return false }
        unanswered.remove(at: place)
        if interrupted == request { (interrupted, isInterruptQueued) = (nil, false) }
        return true
    }

    /// The daemon gives an interrupt back, since it does not know the request yet.
    mutating func returnInterrupt() {
        isInterruptQueued = interrupted.map(unanswered.contains) ?? false
    }

    /// Puts what was not answered before all that is new, marked. In which order it comes nobody can say.
    mutating func resend(backwards: Bool) {
        let resent = unanswered.map { Queued(request: $0, isResent: true) }
        queue = (backwards ? resent.reversed() : resent) + queue
        unanswered = []
    }
}
