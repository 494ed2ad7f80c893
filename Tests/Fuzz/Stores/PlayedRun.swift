import CSysGenID
import SysGenIDCore

@testable import StateModel
@testable import SysGenIDFrontends

/// What the model says of a daemon and its clients, and what the kernel knows: held against what the daemon tells and what
/// it holds.
struct PlayedRun {
    private(set) var model: Model
    private(set) var source: MoveSource
    /// The requests without an answer.
    private(set) var sent: [Sent] = []
    /// Watchers that have polled.
    private var polled: Set<WatcherID> = []
    /// When the waits end that were looked at.
    private var deadlines: [RequestKey: Deadline] = [:]

    init(_ way: PlayedDaemon.Way, at record: Record) {
        model = Model(record: record, limits: Remains.limits)
        source = MoveSource(way)
    }

    /// nil where a kernel sends no such thing now.
    mutating func move(for event: Event) -> Move? {
        let parked = Set(model.calls.map(\.request.rawValue))
        return source.move(for: event, parked: sent.filter { parked.contains($0.number) }.map(\.unique))
    }

    /// The kernel has sent the request.
    mutating func send(_ request: Sent?) {
        if let request { sent.append(request) }
    }

    /// The kernel delivers once more what has no answer.
    mutating func sendAgain() {
        for index in sent.indices { sent[index].message = Sent.again(sent[index].message) }
    }

    /// Holds what was told in a move, and what the daemon holds after it, against the model.
    ///
    /// - Parameters:
    ///   - move: nil is one that never came to the daemon.
    ///   - isReplayed: whether requests may have been served that had their answer.
    ///   - isRead: whether the memory is read, too, which takes longest.
    /// - Returns: what is wrong; nil where nothing is.
    mutating func account(
        for move: Move?, _ replies: [KernelReply], of daemon: PlayedDaemon, isReplayed: Bool = false,
        isRead: Bool = true
    ) -> String? {
        var told: [UInt64: Told] = [:]
        // libfuse gives an interrupt back for which there is nobody.
        for reply in replies where reply.number != 0 && reply.number & 1 == 0 {
            guard let request = sent.first(where: { $0.number == reply.number }) else {
                if isReplayed { continue }
                return "an answer to \(reply.number), for which nobody waits"
            }
            if told[reply.number] != nil, !isReplayed { return "two answers to \(reply.number)" }
            if told[reply.number] == nil { told[reply.number] = Told(reply, as: request.form) }
        }
        let (outcome, expected) = perform(move, told)
        if told != expected { return "the kernel is told \(told), expected \(expected)" }
        sent.removeAll { told[$0.number] != nil }
        return complaint(aboutWakingOf: outcome.notified, replies) ?? complaint(about: daemon, isRead: isRead)
    }

    private mutating func perform(_ move: Move?, _ told: [UInt64: Told]) -> (Outcome, [UInt64: Told]) {
        guard let event = move?.event else { return (Outcome(), [:]) }
        var expected: [UInt64: Told] = [:]
        let forms = Dictionary(uniqueKeysWithValues: sent.map { ($0.number, $0.form) })
        var opened: WatcherID?
        if let request = move?.request, case .opened(let id)? = told[request.number] { opened = id }
        let outcome = model.perform(event, opened: opened)
        if let request = move?.request {
            expected[request.number] = expectation(of: request, outcome)
            if case .poll(let id, true) = event { polled.insert(id) }
            if case .open(let isCached) = request.form, let opened { source.opened(opened, isCached: isCached) }
        }
        for (request, answer) in outcome.completions {
            expected[request.rawValue] = forms[request.rawValue].flatMap { Told(answer, as: $0) }
        }
        return (outcome, expected)
    }

    private func expectation(of request: Sent, _ outcome: Outcome) -> Told? {
        switch request.form {
        case .open: (try? outcome.opened?.get()).map { .opened($0) }
        case .poll: .events(outcome.isReadable.map { $0 ? 0x41 : 0 } ?? 0x8)
        default: outcome.answer.flatMap { Told($0, as: request.form) }
        }
    }

    /// All are woken that sleep and have something to learn, and nobody else but who has polled before and is outdated.
    private func complaint(aboutWakingOf sleeping: Set<WatcherID>, _ replies: [KernelReply]) -> String? {
        let woken = Set(
            replies.filter { $0.number == 0 && $0.error == CSYSGENID_FUSE_NOTIFY_POLL }
                .compactMap { $0.word(UInt64.self) }.map(MoveSource.watcher(ofPoll:)))
        if !woken.isSuperset(of: sleeping) { return "only \(woken) are woken of \(sleeping)" }
        let others = woken.subtracting(sleeping)
        let mayBeWoken = polled.intersection(model.outdated.map(\.id))
        return others.isSubset(of: mayBeWoken) ? nil : "\(others) are woken, and only \(mayBeWoken) may be"
    }

    private mutating func complaint(about daemon: PlayedDaemon, isRead: Bool) -> String? {
        let (registry, isStale) = daemon.service.guarded.withLock {
            ($0.registry, $0.caches.contains(where: \.isStale))
        }
        let census = registry.census
        let counts = [census.watchers, census.tracked, census.outdated, census.trackedOutdated]
        let expected = [model.files, model.tracked, model.outdated, model.trackedOutdated].map(\.count)
        if counts != expected { return "\(census), expected \(expected)" }
        if registry.record != model.record { return "\(registry.record), expected \(model.record)" }
        if registry.parkedCount != model.calls.count { return "\(registry.parkedCount) parked" }
        if daemon.page.load() != model.counter { return "the page shows \(daemon.page.load())" }
        let kept = daemon.journal.memory.load(UInt32.self, at: 0)
        if kept != model.counter { return "the journal holds \(kept)" }
        if isStale { return "answers still wait for the cache" }
        guard isRead else { return nil }
        do throws(HandoverDefect) {
            return complaint(about: try HandoverReader(daemon.memory).continued().1, registry)
        } catch {
            return "\(error)"
        }
    }

    /// What the memory holds has to be what the daemon knows.
    private mutating func complaint(about found: Inheritance, _ registry: GenerationRegistry) -> String? {
        if found.record != model.record { return "the memory holds \(found.record)" }
        let slots = { (slots: [WatcherSlot]) in
            slots.map { WatcherSlot(uses: $0.uses, watcher: $0.watcher.map(\.withoutPolls)) }
        }
        if slots(found.slots) != slots(registry.handedSlots) { return "the memory holds \(found.slots)" }
        let waiting = Dictionary(uniqueKeysWithValues: model.calls.map { ($0.request.rawValue, $0.end) })
        if Set(found.parked.keys.map(\.number)) != Set(waiting.keys) { return "the memory holds \(found.parked.keys)" }
        for (key, request) in found.parked {
            if (request.deadline == nil) != (waiting[key.number]! == nil) { return "\(key) ends at another time" }
            if let known = deadlines[key], known != request.deadline { return "\(key) ends at another time" }
            deadlines[key] = request.deadline
        }
        return nil
    }
}

extension HandedWatcher {
    /// The number of polls stays in the memory after they were woken.
    fileprivate var withoutPolls: HandedWatcher {
        HandedWatcher(
            opener: opener, acknowledged: acknowledged, isTracked: isTracked, awaitsPollNotification: false)
    }
}
