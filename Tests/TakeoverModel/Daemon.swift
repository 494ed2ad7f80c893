/// One daemon: what ends with it.
struct Daemon: Hashable {
    struct Watcher: Hashable {
        var acknowledged: UInt8
        /// A poll is to be told of the next change.
        var awaitsNotification = false
        /// By what it is told.
        var hasHandle = false
    }

    /// A thread, with what it does next.
    struct Worker: Hashable {
        var actions: [Action] = []
    }

    enum Thread: Hashable {
        case session, backend
    }

    /// The thread that starts the daemon goes on as that of the session.
    var session = Worker()
    var backend = Worker()
    /// Who holds the service's lock.
    var holder: Thread?
    var isLooking = false
    var isServing = false

    // The registry.
    var generation: UInt8 = 0
    var identity: UInt8?
    /// By their slots.
    var watchers: [Watcher?] = [nil, nil, nil]
    var parked: [Request] = []

    // What was inherited.
    var isCatchingUp = false
    var replays: [Request] = []
    /// By their slots.
    var unansweredOpens: [Request?] = [nil, nil, nil]
    var triggers: [Request] = []
    var inheritedParked: [Request] = []
    /// Slots whose polls may have missed the last change.
    var stalePolls: [UInt8] = []
    /// What the memory has given is served, and nobody may wait for the answer.
    var isReplaying = false
    /// An interrupt came for a request that is not known yet.
    var holdsInterrupt = false

    subscript(thread: Thread) -> Worker {
        get { thread == .session ? session : backend }
        set { if thread == .session { session = newValue } else { backend = newValue } }
    }
}

/// What a thread does at once, as far as others can tell.
enum Action: Hashable {
    // A start.
    case readMemory, finishPage, finishRecord, beginToLook, inheritPolls, askAgain, serve
    // A request, from its decoding to the last of its answer.
    case handle(Request), handleInterrupt, unserve, lookWhetherCaughtUp, catchUp
    // A look of the backend.
    case look
    // A change.
    case enter(Change), number
    case storePage(UInt8)
    case storeRecord(Change)
    case unlock
    case answer(Request, Answer)
    case unpark(Request)
    case notify(UInt8)
    // What the memory holds of watchers and requests.
    case remember(UInt8, Request, UInt8)
    case settle(UInt8)
    case forget(UInt8)
    case rememberAcknowledgement(UInt8, UInt8)
    case rememberPolledAt(UInt8, UInt8)
    case rememberPoll(UInt8)
    case park(Request)

    /// Without what it is about.
    var name: String { String("\(self)".prefix { $0 != "(" }) }

    /// Whether it changes nothing that others can tell, nor a successor: it is done together with what comes before it.
    var isSilent: Bool {
        switch self {
        case .unlock, .serve, .lookWhetherCaughtUp: true
        default: false
        }
    }

    /// Whether it begins something under the lock.
    var locks: Bool {
        switch self {
        case .handle, .handleInterrupt, .catchUp, .look, .finishPage, .finishRecord: true
        default: false
        }
    }
}

extension World {
    /// What the threads of the daemon would do next.
    var nextActions: Set<String> {
        guard let daemon else { return [] }
        return Set([daemon.session, daemon.backend].map { $0.actions.first?.name ?? "nothing" })
    }
}
