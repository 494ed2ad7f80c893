internal import SysGenIDCore

/// The sources of an identity that a machine has, the best first: it opens them, and looks at those that are due.
struct Lineup {
    private var members: [Member]

    fileprivate struct Member {
        let candidate: SourceCandidate
        var source: (any IdentitySource)?
        /// Why it could not be opened at first.
        var refusal: SourceFailure?
        var lastLook: UInt64 = 0
        var isWell = true
        /// The hypervisor's clock as it was with the last look.
        var clock: HostClock?
        /// What is readable when it has changed, as it was asked for before the last wait.
        var announcer: CInt?
        /// It was readable after that wait.
        var isAnnounced = false
        /// How often it was tried in vain to open it.
        var failedTries = 0
        var nextTry: UInt64 = 0
    }

    /// How often a source is tried again that could not be opened, at intervals of one second, two, four and so on:
    /// a daemon that starts early may be there before the modules are. What comes later takes a restart.
    static let furtherTries = 7
    fileprivate static let firstInterval: UInt64 = 1_000_000_000
    /// How long a source that announces its changes is left alone, in nanoseconds. A word that was lost, as where a
    /// machine is moved to a host whose vmclock says nothing, so costs a second at most; and one look a second costs a
    /// tenth of what the looks at a source cost that announces nothing.
    static let longestSilence: UInt64 = 1_000_000_000

    /// Opens what can be opened of the candidates.
    init(_ candidates: [SourceCandidate], now: UInt64) {
        members = candidates.map { Member(candidate: $0) }
        for index in members.indices { _ = members[index].open(now) }
    }

    var names: [String] { members.map(\.candidate.name) }

    /// Why each source cannot be used; nil for those that can.
    var refusals: [SourceFailure?] { members.map { $0.source == nil ? $0.refusal : nil } }

    /// Where each source is; nil for those that cannot be used, or that say nothing of it.
    var places: [String?] { members.map { $0.source?.place } }

    var indices: Range<Int> { members.indices }

    /// Readable when the source has changed; nil where nothing tells. To be asked for before each wait.
    mutating func announcer(of index: Int) -> CInt? {
        members[index].announcer = members[index].source?.pollDescriptor
        return members[index].announcer
    }

    /// The announcer was readable after the wait.
    mutating func noteAnnouncement(of index: Int) { members[index].isAnnounced = true }

    /// The hypervisor's clock as it was with the last look at the source that has one; nil where none has, or that cannot be
    /// read.
    var hostClock: HostClock? { members.lazy.compactMap(\.clock).first }

    /// When the next look is due, if nothing gives reason to look before; nil where there is nothing to look at.
    ///
    /// - Parameter interval: how often to look at what may have changed without a word, in nanoseconds.
    func nextLook(every interval: UInt64) -> UInt64? {
        indices.lazy.compactMap { members[$0].nextLook(every: interval) }.min()
    }

    /// Begins anew with the tries to open what is not open.
    mutating func tryAllAgain() {
        for index in members.indices { (members[index].failedTries, members[index].nextTry) = (0, 0) }
    }

    /// Lets each source that is open rehearse.
    func rehearse() {
        for member in members { member.source?.rehearse() }
    }

    /// Looks at each source that is due.
    ///
    /// - Parameters:
    ///   - isPrompted: something gives reason to look at all of them.
    ///   - speaker: the source that gives it, which has just been looked at; nil where it is none of them.
    /// - Returns: for each source what was found; nil where it was not looked at, or is not there.
    mutating func look(isPrompted: Bool, by speaker: Int? = nil, now: UInt64) -> [Reading?] {
        var readings = [Reading?](repeating: nil, count: members.count)
        look(isPrompted: isPrompted, by: speaker, now: now, into: &readings)
        return readings
    }

    /// The same, with room for what is found that is there already.
    mutating func look(isPrompted: Bool, by speaker: Int?, now: UInt64, into readings: inout [Reading?]) {
        for index in members.indices {
            readings[index] = members[index].look(isPrompted: isPrompted && index != speaker, now)
        }
    }
}

extension Lineup.Member {
    /// How long a reading is good as long as nothing gives reason to look.
    private var patience: UInt64 {
        announcer == nil ? candidate.patience : max(candidate.patience, Lineup.longestSilence)
    }

    fileprivate func nextLook(every interval: UInt64) -> UInt64? {
        guard source != nil else { return mayBeRetried ? nextTry : nil }
        return lastLook + (isWell ? max(interval, patience) : interval)
    }

    fileprivate mutating func look(isPrompted: Bool, _ now: UInt64) -> Reading? {
        guard let source else { return retry(now) }
        guard isPrompted || isAnnounced || !isWell || now - lastLook >= patience else { return nil }
        do throws(SourceFailure) {
            return note(try source.sighting(isAnnounced: isAnnounced), now)
        } catch {
            (lastLook, isAnnounced, isWell, clock) = (now, false, false, nil)
            return .failure(error.description)
        }
    }

    private var mayBeRetried: Bool { failedTries <= Lineup.furtherTries }

    private mutating func retry(_ now: UInt64) -> Reading? {
        guard mayBeRetried, now >= nextTry else { return nil }
        return open(now)
    }

    /// Opens the source, which is there only where it can be read, too.
    fileprivate mutating func open(_ now: UInt64) -> Reading? {
        do throws(SourceFailure) {
            let opened = try candidate.open()
            let sighting = try opened.sighting()
            source = opened
            return note(sighting, now)
        } catch {
            refusal = error
            nextTry = now + Lineup.firstInterval << UInt64(failedTries)
            failedTries += 1
            return nil
        }
    }

    private mutating func note(_ sighting: Sighting, _ now: UInt64) -> Reading {
        (lastLook, isAnnounced, isWell, clock) = (now, false, true, sighting.clock)
        return .identity(sighting.identity)
    }
}
