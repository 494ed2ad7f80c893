import SysGenIDCore
import SysGenIDFuse
public import SysGenIDSystem

// What the service continues, and how it goes on with it.

/// What outlives a daemon, and what of it a predecessor has left.
public struct Handover: Sendable {
    public let memory: HandoverMemory
    /// The page that clients map; nil where a new one is to be made.
    public let page: CounterPage?
    /// What the memory held; nil where it is new.
    public var inheritance: Inheritance?

    /// Memory of its own, for a daemon that has no predecessor.
    public init(new memory: HandoverMemory) {
        self.memory = memory
        page = nil
        inheritance = nil
    }

    /// Continues with what a predecessor has left.
    public init(continuing memory: SharedMemory, _ page: CounterPage) throws(HandoverDefect) {
        var (continued, inheritance) = try HandoverReader(memory).continued()
        inheritance.condemned = Self.blame(inheritance, in: continued)
        self.memory = continued
        self.page = page
        self.inheritance = inheritance
    }

    /// How many daemons in a row may end over the same request, before it is not served again. That they are killed for
    /// another reason, each in the midst of the same request, hardly happens so often.
    static let suspicionLimit: UInt32 = 5

    /// Lays the end of the predecessor to the requests that it was serving.
    ///
    /// - Returns: those over which too many have ended.
    private static func blame(
        _ inheritance: Inheritance, in memory: HandoverMemory
    ) -> [FrontendKind: RequestKey] {
        var condemned: [FrontendKind: RequestKey] = [:]
        var isExplained = false
        for kind in FrontendKind.allCases {
            guard let key = inheritance.servedKey(of: kind), let suspicions = memory.blame(key, of: kind) else {
                continue
            }
            isExplained = true
            if suspicions >= suspicionLimit { condemned[kind] = key }
        }
        memory.begin(isExplained: isExplained)
        return condemned
    }
}

/// What was inherited and has not been asked for again.
struct Inherited: Sendable {
    var unansweredOpens: [RequestKey: WatcherID] = [:]
    var triggers: Set<RequestKey> = []
    var parked: [RequestKey: Inheritance.HandedRequest] = [:]
    /// Watchers with sleeping polls that were not told of the last change, as far as can be known.
    var stalePolls: Set<WatcherID> = []

    init() {}

    /// - Parameter registry: which continues with the watchers.
    init(_ inheritance: Inheritance?, in registry: GenerationRegistry) {
        guard let inheritance else { return }
        unansweredOpens = inheritance.unansweredOpens
        triggers = inheritance.triggers
        parked = inheritance.parked
        for (id, watcher) in inheritance.watchers where watcher.pollNumber != 0 {
            if watcher.polledAt != registry.shown(to: id) { stalePolls.insert(id) }
        }
    }
}

extension GenerationService {
    /// Finishes the change that a predecessor may have begun: from here on page and journal hold what the memory says.
    public func finishInheritedChange() {
        let failure: SystemCallFailure? = guarded.withLock { guarded in
            let record = guarded.registry.record
            if page.load() != record.generation.rawValue { page.store(record.generation.rawValue) }
            if handover?.holdsNoChange == true { handover?.commit(record) }
            return guarded.write(record, to: journal)
        }
        if let failure { report(.recordFailed(failure)) }
    }

    /// Takes over the sleeping polls of a frontend.
    func inheritPolls(_ watchers: [WatcherID: Inheritance.HandedState], of kind: FrontendKind, connection: CInt) {
        guarded.withLock { guarded in
            for (id, watcher) in watchers where watcher.kind == kind && watcher.pollNumber != 0 {
                guarded.pollHandles[id] = PollHandle(number: watcher.pollNumber, connection: connection)
            }
        }
    }

    /// A request over which predecessors have ended was refused.
    func dropped(opcode: UInt32, thread: Int32, userID: UInt32) {
        report(.requestDropped(opcode: opcode, thread: thread, userID: userID))
    }

    /// A frontend serves no longer, or did not come to serve: soon the number of its connection is that of another
    /// descriptor, which no change must write to.
    func dropPolls(over connection: CInt) {
        guarded.withLock { guarded in
            guarded.pollHandles = guarded.pollHandles.filter { $0.value.connection != connection }
        }
    }

    /// Whether a predecessor has made the change that this request asks for; only its answer is missing.
    func hasMadeChange(for key: RequestKey) -> Bool {
        guarded.withLock { $0.inherited.triggers.contains(key) }
    }

    /// When the time of a request is over that a predecessor had parked.
    func inheritedDeadline(of key: RequestKey) -> Deadline? {
        guarded.withLock { $0.inherited.parked[key]?.deadline }
    }

    /// When a request that a predecessor had parked ends as by a signal. The kernel counts its time from when it was made.
    func inheritedLimit(of key: RequestKey) -> Deadline? {
        guarded.withLock { $0.inherited.parked[key]?.limit }
    }

    /// A frontend has served all that its predecessor had not answered. Polls that were told nothing of the last change
    /// are told now; they were left in peace so long, since those that ask again know it already.
    func caughtUp(_ kind: FrontendKind, watchers: [WatcherID: Inheritance.HandedState]) {
        publish(
            guarded.withLock { guarded in
                for (key, request) in guarded.inherited.parked where key.kind == kind {
                    handover?.unpark(request.slot)
                    guarded.inherited.parked[key] = nil
                }
                guarded.inherited.unansweredOpens = guarded.inherited.unansweredOpens.filter { $0.key.kind != kind }
                guarded.inherited.triggers = guarded.inherited.triggers.filter { $0.kind != kind }
                handover?.getOn()
                handover?.acquit(kind)
                var followUp = FollowUp(guarded.publication)
                followUp.publication.awaitPredecessor(at: kind)
                followUp.wakeups = guarded.inherited.stalePolls.filter { watchers[$0]?.kind == kind }.compactMap { id in
                    guarded.inherited.stalePolls.remove(id)
                    return guarded.registry.isUpToDate(id) ? nil : guarded.pollHandles[id].map { .notify($0) }
                }
                return followUp
            })
    }
}
