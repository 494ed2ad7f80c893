public import SysGenIDCore
import SysGenIDFuse
import SysGenIDSystem

/// What a predecessor has left in the memory that outlives it.
public struct Inheritance: Sendable {
    /// The last change, with the identities that the system had then.
    public var record: Record
    /// The path of the device.
    public var device: String
    /// The last change, where it was one of a container's device alone.
    public var lastContainerChange: DeviceChange?
    var slots: [WatcherSlot] = []
    var watchers: [WatcherID: HandedState] = [:]
    /// Opens whose answer the kernel may not have.
    var unansweredOpens: [RequestKey: WatcherID] = [:]
    /// The requests that made the last changes.
    var triggers: Set<RequestKey> = []
    var parked: [RequestKey: HandedRequest] = [:]
    /// The requests that were being served.
    var served: [FrontendKind: [UInt8]] = [:]
    var frontends: [FrontendKind: HandedConnection] = [:]
    var attributes: HandedAttributes

    /// What the frontends know of a watcher.
    struct HandedState: Hashable, Sendable {
        var kind: FrontendKind
        var isCached: Bool
        var isNonBlocking: Bool
        /// By what the kernel knows the watcher's sleeping polls; 0 where there are none.
        var pollNumber: UInt64
        /// What the watcher was told of last by a poll.
        var polledAt: Generation
    }

    struct HandedRequest: Hashable, Sendable {
        var slot: Int
        var deadline: Deadline?
        var limit: Deadline?
        var message: [UInt8]
    }

    /// Requests over which so many daemons have ended that they are not served again.
    var condemned: [FrontendKind: RequestKey] = [:]

    struct HandedConnection: Hashable, Sendable {
        /// What was agreed on with the kernel.
        var agreement: Agreement
        /// By what the kernel knows the file system that is mounted; nil where that is not known.
        var fileSystem: DeviceNumber?
    }

    /// The frontends that were connected.
    public var connected: Set<FrontendKind> { Set(frontends.keys) }

    /// What this daemon would agree on otherwise with the kernel than its predecessor has, in the words of linux/fuse.h;
    /// empty where it can go on with the connection.
    public func disagreements(of kind: FrontendKind) -> [String] {
        guard let kept = frontends[kind]?.agreement, let reply = Rehearsal.reply(to: kept.handshake) else {
            return ["its handshake"]
        }
        return Agreement.differences(kept.reply, reply, ofFile: kind != .characterDevice)
    }

    /// The devices of containers that somebody has open.
    public var openContainers: Set<DeviceID> {
        Set(slots.compactMap { $0.watcher?.device }).subtracting([.system])
    }

    /// How many watchers go on.
    public var watcherCount: Int { watchers.count }

    /// What the session of a frontend continues; nil where it was not connected.
    func session(of kind: FrontendKind) -> HandedSession? {
        frontends[kind].map {
            HandedSession(
                continuing: $0.agreement, unanswered: unanswered(of: kind), condemned: condemned[kind]?.number)
        }
    }

    /// The requests of a frontend that may be without an answer, for a kernel that does not deliver them again.
    ///
    /// The one that was being served comes first: it is kept nowhere else, and the next that is served takes its place.
    func unanswered(of kind: FrontendKind) -> [[UInt8]] {
        let parked = parked.filter { $0.key.kind == kind }.sorted { $0.key.rawValue < $1.key.rawValue }
        let last = served[kind].map { [$0] } ?? []
        let lastKey = servedKey(of: kind)
        return last + parked.filter { $0.key != lastKey }.map(\.value.message)
    }

    /// The request that was being served.
    func servedKey(of kind: FrontendKind) -> RequestKey? {
        served[kind].flatMap(HandoverReader.unique(of:)).map { RequestKey($0, of: kind) }
    }

    /// Leaves out what belongs to frontends that do not go on. See `Handover.keepOnly`.
    mutating func keepOnly(_ kinds: Set<FrontendKind>) {
        for (id, state) in watchers where !kinds.contains(state.kind) {
            slots[id.slot] = WatcherSlot(uses: id.uses &+ 1, watcher: nil)
            watchers[id] = nil
        }
        let isKept = { (key: RequestKey) in key.belongs(toAnyOf: kinds) }
        unansweredOpens = unansweredOpens.filter { isKept($0.key) }
        parked = parked.filter { isKept($0.key) }
        triggers = triggers.filter(isKept)
        served = served.filter { kinds.contains($0.key) }
        frontends = frontends.filter { kinds.contains($0.key) }
        condemned = condemned.filter { kinds.contains($0.key) }
    }
}

/// Why what a predecessor has left cannot be read.
public enum HandoverDefect: Error, Hashable, Sendable, CustomStringConvertible {
    case noMemoryOfOurs
    case otherVersion(UInt32)
    case otherTableVersion(UInt32, known: UInt32)
    case broken(String)
    /// So many successors have ended over it.
    case neverContinued(UInt32)

    public var description: String {
        switch self {
        case .noMemoryOfOurs: "it is none of sysgenidd's"
        case .otherVersion(let version):
            "its version is \(version), and only version \(HandoverLayout.version) can be read"
        case .otherTableVersion(let version, let known):
            "its version is \(version), and only version \(known) can be read"
        case .broken(let part): "\(part) is not as it can be"
        case .neverContinued(let attempts): "\(attempts) daemons in a row have ended while they tried"
        }
    }
}
