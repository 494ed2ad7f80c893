/// The sources of an identity that a machine has, the best first: it opens them, and looks at those that are due.
struct Lineup {
    private var members: [Member]

    fileprivate struct Member {
        let candidate: SourceCandidate
        var source: (any IdentitySource)?
        /// Why it could not be opened at first.
        var refusal: String?
        var lastLook: UInt64 = 0
        var isWell = true
        /// How often it was tried in vain to open it.
        var failedTries = 0
        var nextTry: UInt64 = 0
    }

    /// How often a source is tried again that could not be opened, at intervals of one second, two, four and so on:
    /// a daemon that starts early may be there before the modules are. What comes later takes a restart.
    static let furtherTries = 7
    fileprivate static let firstInterval: UInt64 = 1_000_000_000

    /// Opens what can be opened of the candidates.
    init(_ candidates: [SourceCandidate], now: UInt64) {
        members = candidates.map { Member(candidate: $0) }
        for index in members.indices { _ = members[index].open(now) }
    }

    var names: [String] { members.map(\.candidate.name) }

    /// Why each source cannot be used; nil for those that can.
    var refusals: [String?] { members.map { $0.source == nil ? $0.refusal : nil } }

    /// Readable when there is reason to look.
    var descriptors: [CInt] { members.compactMap { $0.source?.pollDescriptor } }

    /// Begins anew with the tries to open what is not open.
    mutating func tryAllAgain() {
        for index in members.indices { (members[index].failedTries, members[index].nextTry) = (0, 0) }
    }

    /// Looks at each source that is due.
    ///
    /// - Parameter isPrompted: something gives reason to look at all of them.
    /// - Returns: for each source what was found; nil where it was not looked at, or is not there.
    mutating func look(isPrompted: Bool, now: UInt64) -> [Reading?] {
        members.indices.map { index in
            let member = members[index]
            guard let source = member.source else { return members[index].retry(now) }
            let isFresh = member.isWell && now - member.lastLook < member.candidate.patience
            guard isPrompted || !isFresh else { return nil }
            let reading = source.look()
            members[index].note(reading, now)
            return reading
        }
    }
}

extension Lineup.Member {
    fileprivate mutating func retry(_ now: UInt64) -> Reading? {
        guard failedTries <= Lineup.furtherTries, now >= nextTry else { return nil }
        return open(now)
    }

    /// Opens the source, which is there only where it can be read, too.
    fileprivate mutating func open(_ now: UInt64) -> Reading? {
        do throws(SourceFailure) {
            let opened = try candidate.open()
            let identity = try opened.identity()
            source = opened
            note(.identity(identity), now)
            return .identity(identity)
        } catch {
            refusal = error.description
            nextTry = now + Lineup.firstInterval << UInt64(failedTries)
            failedTries += 1
            return nil
        }
    }

    fileprivate mutating func note(_ reading: Reading, _ now: UInt64) {
        lastLook = now
        if case .identity = reading { isWell = true } else { isWell = false }
    }
}
