import SysGenID

/// What a host tells of a resume (`Changed`).
struct Announcement: Hashable, Sendable {
    /// What became of the bytes that came with it, before anything else was done.
    enum Entropy: Hashable, Sendable {
        case none
        case taken
        case refused(String)
    }

    /// What the host calls the resume: the same one means the same.
    var identity: String
    var entropy = Entropy.none
    /// The least generation that it is to have.
    var minimum: UInt32 = 0
    /// Whether the backend of sysgenidd may see the same resume.
    var isSeenByBackend = false
}

/// Which resumes hosts have announced, and which change each of them is: a resume that a backend sees and a host
/// announces is one.
struct Announcements: Hashable, Sendable {
    /// An announced resume, the generation that it has brought, and what became of the bytes that came with it.
    struct Known: Hashable, Sendable {
        var identity: String
        var generation: Generation
        var entropy: Announcement.Entropy
    }

    /// One that has no change yet.
    struct Pending: Hashable, Sendable {
        var announcement: Announcement
        /// Until when a backend's change is waited for, on the monotonic clock.
        var graceEnd: UInt64
    }

    /// A resume that a backend has seen.
    private struct Seen: Hashable {
        var generation: Generation
        var moment: UInt64
    }

    /// The last ones, the oldest first.
    private(set) var known: [Known] = []
    private(set) var pending: [Pending] = []
    /// For which of them a change is being made.
    private(set) var triggering: String?
    /// What backends have seen and nobody has claimed.
    private var seen: [Seen] = []
    private var lastResume: Generation?

    /// How many are remembered.
    static let limit = 16
    /// For how long a change that a backend has seen can be the one that is announced, in nanoseconds.
    static let claimTime: UInt64 = 10_000_000_000

    init(known: [Known] = []) {
        self.known = Array(known.suffix(Self.limit))
    }

    /// The generation of an announced resume; nil where it is not known, or has none yet.
    func generation(of identity: String) -> Generation? { known.last { $0.identity == identity }?.generation }

    /// Whether it was announced before, and is remembered.
    func isKnown(_ identity: String) -> Bool { generation(of: identity) != nil || isPending(identity) }

    func isPending(_ identity: String) -> Bool { pending.contains { $0.announcement.identity == identity } }

    /// When something is due by itself.
    var nextMoment: UInt64? { triggering == nil ? pending.map(\.graceEnd).min() : nil }

    /// Takes a resume that is not known.
    ///
    /// - Parameter grace: how long a backend is given to see it, in nanoseconds.
    /// - Returns: the generation that it is, where a backend has seen it already.
    mutating func add(_ announcement: Announcement, grace: UInt64, now: UInt64) -> Generation? {
        seen.removeAll { now > $0.moment + Self.claimTime }
        if announcement.isSeenByBackend,
            let index = seen.firstIndex(where: { $0.generation.rawValue >= announcement.minimum })
        {
            let generation = seen.remove(at: index).generation
            remember(announcement, generation)
            return generation
        }
        let end = announcement.isSeenByBackend ? now + grace : now
        pending.append(Pending(announcement: announcement, graceEnd: end))
        return nil
    }

    /// A backend has seen a resume, which had this generation. It may be told more than once.
    ///
    /// - Returns: the identity of the announcement that it is; nil where there is none so far.
    mutating func noteResume(_ generation: Generation, now: UInt64) -> String? {
        guard generation != lastResume else { return nil }
        lastResume = generation
        let index = pending.firstIndex { pending in
            pending.announcement.identity != triggering && pending.announcement.minimum <= generation.rawValue
        }
        guard let index else {
            seen.append(Seen(generation: generation, moment: now))
            if seen.count > Self.limit { seen.removeFirst() }
            return nil
        }
        let announcement = pending.remove(at: index).announcement
        remember(announcement, generation)
        return announcement.identity
    }

    /// The announcement for which a change has to be made now; nil where there is none, or where one is being made.
    mutating func nextTrigger(now: UInt64) -> Announcement? {
        guard triggering == nil, let next = pending.first(where: { $0.graceEnd <= now }) else { return nil }
        triggering = next.announcement.identity
        return next.announcement
    }

    /// The change was made, or could not be: nil.
    ///
    /// - Returns: the announcement that it was for.
    mutating func noteTrigger(_ generation: Generation?) -> Announcement? {
        defer { triggering = nil }
        guard let index = pending.firstIndex(where: { $0.announcement.identity == triggering }) else { return nil }
        let announcement = pending.remove(at: index).announcement
        if let generation { remember(announcement, generation) }
        return announcement
    }

    private mutating func remember(_ announcement: Announcement, _ generation: Generation) {
        known.append(
            Known(identity: announcement.identity, generation: generation, entropy: announcement.entropy))
        if known.count > Self.limit { known.removeFirst() }
    }
}
