import SysGenIDSystem

/// What one service takes of its callers.
public struct VarlinkLimits: Hashable, Sendable {
    /// Connections of this system's processes.
    public var localConnections = 64
    /// So many of those are for root alone.
    public var connectionsForRoot = 16
    /// Connections of one user other than root.
    public var connectionsPerUser = 16
    /// Connections of the host.
    public var hostConnections = 16
    /// The greatest size of a message that comes, in bytes.
    public var messageSize = 64 << 10

    public init() {}
}

/// Who may connect when there are many: everybody who has not enough already, and root and the host always.
struct Places {
    /// One who is connected.
    struct Holder {
        var key: UInt64
        var peer: Peer
        /// Whether he has no call in hand.
        var isIdle: Bool
        /// The greater, the later was the last thing that he said or was told.
        var lastUse: UInt64
    }

    enum Decision: Hashable {
        case free
        /// In the place of the one with this key.
        case insteadOf(UInt64)
        case refused
    }

    let limits: VarlinkLimits
    /// The one context of vsock(7) that is served.
    let hostContext: UInt32

    func decide(on newcomer: Peer, among holders: [Holder]) -> Decision {
        let sameKind = holders.filter { $0.peer.isHost == newcomer.isHost }
        if case .host(let context) = newcomer, context != hostContext { return .refused }
        guard case .process(let user, _, _) = newcomer else {
            return sameKind.count < limits.hostConnections ? .free : Self.place(of: Self.leastNeeded(sameKind))
        }
        if newcomer.isRoot {
            guard sameKind.count >= limits.localConnections else { return .free }
            let others = sameKind.filter { !$0.peer.isRoot }
            return Self.place(of: Self.leastNeeded(others.isEmpty ? sameKind : others))
        }
        let own = sameKind.filter { $0.peer.userID == user }
        guard own.count < limits.connectionsPerUser else {
            return Self.place(of: Self.oldest(own.filter(\.isIdle)))
        }
        let others = sameKind.filter { !$0.peer.isRoot }
        guard others.count >= limits.localConnections - limits.connectionsForRoot else { return .free }
        // Of those of one user who has more, one that is idle first.
        let counts = Dictionary(grouping: others, by: \.peer.userID).mapValues(\.count)
        let most = counts.values.max() ?? 0
        guard most > own.count + 1 else { return Self.place(of: Self.oldest(others.filter(\.isIdle))) }
        return Self.place(of: Self.leastNeeded(others.filter { counts[$0.peer.userID] == most }))
    }

    /// The oldest that is idle; where none is, the oldest.
    private static func leastNeeded(_ holders: [Holder]) -> Holder? {
        oldest(holders.filter(\.isIdle)) ?? oldest(holders)
    }

    private static func oldest(_ holders: [Holder]) -> Holder? { holders.min { $0.lastUse < $1.lastUse } }

    private static func place(of holder: Holder?) -> Decision { holder.map { .insteadOf($0.key) } ?? .refused }
}

extension Peer {
    /// nil for one of another machine.
    fileprivate var userID: UInt32? {
        if case .process(let user, _, _) = self { user } else { nil }
    }

    fileprivate var isRoot: Bool { userID == 0 }

    var isHost: Bool {
        if case .host = self { true } else { false }
    }
}
