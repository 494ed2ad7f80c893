internal import SysGenIDCore

/// The interface as its description reads, with no thought of speed: everything is looked up in plain
/// arrays and counted anew each time it is asked for.
struct Model {
    struct File {
        var id: WatcherID
        var opener: Opener
        var seen: UInt32
        var isTracked = false
        var pollSleeps = false
    }

    struct Call {
        enum Kind { case read, newerWait, olderWait }
        var kind: Kind
        var request: RequestID
        var file: WatcherID
        var end: UInt64?
        /// When it ends as by a signal.
        var limit: UInt64?
    }

    var counter: UInt32
    /// One of each domain, in the order in which the domains came.
    var identities: [Identity]
    var files: [File] = []
    var calls: [Call] = []
    var isEnding = false
    /// All that ever was, far fewer than a registry keeps.
    var forged: Set<UInt32> = []
    let limits: Limits

    init(record: Record, limits: Limits) {
        counter = record.generation.rawValue
        identities = record.identities.all
        self.limits = limits
    }

    var outdated: [File] { files.filter { $0.seen != counter } }
    var tracked: [File] { files.filter(\.isTracked) }
    var trackedOutdated: [File] { outdated.filter(\.isTracked) }

    var record: Record {
        Record(generation: Generation(rawValue: counter), identities: KnownIdentities(identities))
    }

    func place(_ id: WatcherID) -> Int? { files.firstIndex { $0.id == id } }

    /// The refusal of one more sleeping call on this file; nil where it may sleep.
    func refusalToSleep(on id: WatcherID) -> Refusal? {
        if isEnding { return .shuttingDown }
        let owners = calls.compactMap { call in place(call.file).map { files[$0].opener } }
        let isFull = place(id).map {
            isRefused(files[$0].opener, among: owners, limits.watchers + limits.parkedPerWatcher)
        }
        let isGreedy = calls.filter { $0.file == id }.count >= limits.parkedPerWatcher
        return isFull ?? true || isGreedy ? .tooManyParked : nil
    }

    /// Whether an opener may have no more of what these openers have already: who is privileged all, others an eighth
    /// of what is not reserved, and the less the more of it is taken.
    func isRefused(_ opener: Opener, among owners: [Opener], _ limit: Int) -> Bool {
        if opener.account == .privileged { return owners.count >= limit }
        let reserve = Double(max(limit / 16, min(16, limit / 2)))
        let whole = Double(limit) - reserve
        if Double(owners.count) >= whole { return true }
        return [opener.account, opener.group].compactMap(\.self).contains { account in
            let isOwn = { (owner: Opener) in
                owner.account != .privileged && (owner.account == account || owner.group == account)
            }
            let own = Double(owners.filter(isOwn).count)
            let leftByOthers = whole - Double(owners.count) + own
            return own >= whole / 8 * (leftByOthers / whole) * (leftByOthers / whole)
        }
    }

    /// Takes the calls that the condition holds for out of their sleep.
    mutating func wake(_ answer: (Call) -> Answer, where condition: (Call) -> Bool) -> [RequestID: Answer] {
        let woken = calls.filter(condition)
        calls.removeAll(where: condition)
        return Dictionary(uniqueKeysWithValues: woken.map { ($0.request, answer($0)) })
    }

    /// The waits that have nobody left to wait for.
    mutating func wakeSatisfied() -> [RequestID: Answer] {
        let isNobodyOutdated = outdated.isEmpty
        let isNobodyTrackedOutdated = trackedOutdated.isEmpty
        return wake({ _ in .done }) {
            $0.kind == .newerWait && isNobodyTrackedOutdated || $0.kind == .olderWait && isNobodyOutdated
        }
    }

    /// The generation after this one, computed in numbers that cannot overflow.
    func successor(minimum: UInt32) -> UInt32 {
        let next = counter == UInt32.max ? 1 : Int64(counter) + 1
        let larger = Int64(minimum) > next ? Int64(minimum) : next
        return larger == Int64(counter) ? 1 : UInt32(larger)
    }

    mutating func change(minimum: UInt32 = 0) -> Outcome {
        let before = counter
        var next = successor(minimum: minimum)
        while forged.contains(next) || next == counter { next = next == .max ? 1 : next + 1 }
        counter = next
        let generation = Generation(rawValue: counter)
        var outcome = Outcome(answer: .done, commit: .change(record))
        if counter < before { outcome.reports.append(.reportWrapAround) }
        outcome.completions = wake({ $0.kind == .read ? .generation(generation) : .refused(.callerOutdated) }) { _ in
            true
        }
        for place in files.indices where files[place].pollSleeps && files[place].seen != counter {
            files[place].pollSleeps = false
            outcome.notified.insert(files[place].id)
        }
        return outcome
    }
}
