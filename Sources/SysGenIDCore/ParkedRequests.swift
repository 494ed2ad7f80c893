/// The parked requests, found by their number, by their watcher and by whom they wait for. Whatever is done to one of
/// them, or to those of one watcher, costs nothing that grows with those of others.
struct ParkedRequests: Sendable {
    /// What a request waits for.
    enum Kind: Int, Sendable {
        /// A change.
        case read
        /// That no watcher of the scope is outdated.
        case trackedWait, everyWait

        init(_ scope: WatcherScope) {
            self = scope == .tracked ? .trackedWait : .everyWait
        }

        /// The scope of a wait; nil for a read.
        var scope: WatcherScope? {
            switch self {
            case .read: nil
            case .trackedWait: .tracked
            case .everyWait: .everyOpenFile
            }
        }
    }

    /// A request, in the list of its watcher.
    private struct Member {
        var watcher: WatcherID
        var device: DeviceID
        var kind: Kind
        var deadline: Deadline?
        /// What it is answered with at the deadline.
        var end: Refusal
        var previous: RequestID?
        var next: RequestID?
    }

    private var members: [RequestID: Member] = [:]
    /// Those of each kind of wait. Reads end together, or by themselves.
    private var waits: [Wait: Set<RequestID>] = [:]
    private var deadlines = DeadlineQueue()

    var count: Int { members.count }
    private(set) var waitCount = 0

    /// What a wait waits for.
    private struct Wait: Hashable {
        var device: DeviceID
        var scope: WatcherScope
    }

    /// Adds a request.
    ///
    /// - Parameters:
    ///   - first: the first request of the watcher's list, which this one takes the place of.
    ///   - deadline: when the time of a wait is over; nil is never.
    ///   - limit: when it ends as by a signal, if nothing else ends it before; nil is never.
    mutating func add(
        _ request: RequestID, of watcher: WatcherID, at device: DeviceID = .system, as kind: Kind,
        before first: inout RequestID?, until deadline: Deadline? = nil, atMostUntil limit: Deadline? = nil
    ) {
        if let first { members[first]?.previous = request }
        var member = Member(
            watcher: watcher, device: device, kind: kind, deadline: limit, end: .interrupted, previous: nil, next: first
        )
        if let deadline, limit.map({ deadline <= $0 }) ?? true {
            (member.deadline, member.end) = (deadline, kind.scope?.timeoutRefusal ?? .interrupted)
        }
        members[request] = member
        first = request
        if let scope = kind.scope {
            waits[Wait(device: device, scope: scope), default: []].insert(request)
            waitCount += 1
        }
        if let moment = member.deadline { deadlines.add(request, at: moment) }
    }

    /// The watcher of a request; nil where it is not parked.
    func watcher(of request: RequestID) -> WatcherID? { members[request]?.watcher }

    /// Takes a request out, and out of its watcher's list.
    ///
    /// - Returns: what it is answered with where its time is over; nil where it is not parked.
    mutating func remove(_ request: RequestID, from first: inout RequestID?) -> Refusal? {
        guard let member = members.removeValue(forKey: request) else { return nil }
        if let next = member.next { members[next]?.previous = member.previous }
        if let previous = member.previous { members[previous]?.next = member.next } else { first = member.next }
        if let scope = member.kind.scope {
            waits[Wait(device: member.device, scope: scope)]?.remove(request)
            waitCount -= 1
        }
        if member.deadline != nil { deadlines.tidy(waiting: count) { [members] in members[$0]?.deadline == $1 } }
        return member.end
    }

    /// Whether it waits for a change; false where it is not parked, or waits for watchers.
    func isRead(_ request: RequestID) -> Bool { members[request]?.kind == .read }

    /// All waits for the watchers of a device.
    func all(_ scope: WatcherScope, at device: DeviceID = .system) -> Set<RequestID> {
        waits[Wait(device: device, scope: scope)] ?? []
    }

    /// The device is gone; nobody waits for its watchers any more.
    mutating func forget(_ device: DeviceID) {
        for scope in [WatcherScope.tracked, .everyOpenFile] { waits[Wait(device: device, scope: scope)] = nil }
    }

    /// Takes all out; the lists of the watchers are void then.
    mutating func removeAll(_ body: (RequestID, WatcherID, DeviceID, Kind) -> Void) {
        for (request, member) in members { body(request, member.watcher, member.device, member.kind) }
        members.removeAll(keepingCapacity: true)
        waits.removeAll(keepingCapacity: true)
        waitCount = 0
        deadlines.removeAll()
    }

    // MARK: Deadlines

    /// The earliest request whose time is over; it is to be removed.
    mutating func takeDue(now: Deadline) -> RequestID? {
        deadlines.takeDue(now: now) { [members] in members[$0]?.deadline == $1 }
    }

    /// When the time of the next request is over; nil where none has a deadline.
    mutating func nextDeadline() -> Deadline? {
        deadlines.earliest { [members] in members[$0]?.deadline == $1 }
    }
}
