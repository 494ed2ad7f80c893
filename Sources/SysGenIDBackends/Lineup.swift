internal import SysGenIDCore

/// The sources of an identity that a machine has, the best first: it opens them, and looks at those that are due.
struct Lineup {
    private var members: [Member]

    fileprivate struct Member {
        let candidate: SourceCandidate
        var source: (any IdentitySource)?
        /// Why it could not be opened, as long as it is not.
        var refusal: SourceFailure?
        var schedule = LookSchedule.untried
        /// Whether it was not tried yet, or was only glanced at.
        var isPutOff = false
        /// The hypervisor's clock as it was with the last look.
        var clock: HostClock?
    }

    /// How long a source that announces its changes is left alone, in nanoseconds. A word that was lost, as where a
    /// machine is moved to a host whose vmclock says nothing, so costs a second at most; and one look a second costs a
    /// tenth of what the looks at a source cost that announces nothing.
    static let longestSilence: UInt64 = 1_000_000_000

    /// Opens what can be opened of the candidates.
    ///
    /// - Parameters:
    ///   - look: how closely they are looked for. What a glance does not find is put off.
    ///   - putsOff: those behind the first that can be opened are left for `tryAllAgain`, or for a second later.
    init(
        _ candidates: [SourceCandidate], now: UInt64, by look: SourceCandidate.Look = .whole,
        puttingOff putsOff: Bool = false
    ) {
        members = candidates.map { Member(candidate: $0) }
        var isDecided = false
        for index in members.indices {
            if !isDecided { _ = members[index].open(now, look) }
            let isToBeTriedSoon = members[index].refusal?.isProvisional ?? isDecided
            if isToBeTriedSoon { members[index].putOff(at: now) }
            isDecided = isDecided || putsOff && members[index].source != nil
        }
    }

    var names: [String] { members.map(\.candidate.name) }

    /// Why each source cannot be used; nil for those that can.
    var refusals: [SourceFailure?] { members.map(\.refusal) }

    /// Where each source is; nil for those that cannot be used, or that say nothing of it.
    var places: [String?] { members.map { $0.source?.place } }

    var indices: Range<Int> { members.indices }

    /// Readable when the source has changed; nil where nothing tells. To be asked for before each wait.
    mutating func announcer(of index: Int) -> CInt? {
        let announcer = members[index].source?.pollDescriptor
        members[index].schedule.announcement = announcer == nil ? .none : .awaited
        return announcer
    }

    /// The announcer was readable after the wait.
    mutating func noteAnnouncement(of index: Int) { members[index].schedule.announcement = .given }

    /// The hypervisor's clock as it was with the last look at the source that has one; nil where none has, or that cannot be
    /// read.
    var hostClock: HostClock? { members.lazy.compactMap(\.clock).first }

    /// What a source shows, where it is open and has another identity than the one that was seen last. It stays to be looked
    /// at as it was.
    func news(of index: Int, since seen: Identity) -> Sighting? { members[index].source?.news(since: seen) }

    /// When the next look is due, if nothing gives reason to look before; nil where there is nothing to look at.
    ///
    /// - Parameter interval: how often to look at what may have changed without a word, in nanoseconds.
    func nextLook(every interval: UInt64) -> UInt64? {
        indices.lazy.compactMap { members[$0].nextLook(every: interval) }.min()
    }

    /// Whether there are sources that were put off and not tried yet.
    var hasPutOff: Bool { members.contains(where: \.isPutOff) }

    /// Begins anew with the tries to open what is not open: as long as some were put off, with those alone.
    mutating func tryAllAgain() {
        let isBeginning = hasPutOff
        for index in members.indices where members[index].isPutOff || !isBeginning {
            members[index].schedule.tryAgain()
        }
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
    ///   - readings: has a place for each source, for what is found; nil where it is not looked at, or is not there.
    mutating func look(isPrompted: Bool, by speaker: Int?, now: UInt64, into readings: inout [Reading?]) {
        for index in members.indices {
            readings[index] = members[index].look(isPrompted: isPrompted && index != speaker, now)
        }
    }
}

extension Lineup.Member {
    fileprivate mutating func putOff(at now: UInt64) {
        isPutOff = true
        candidate.prepare()
        schedule = .putOff(at: now)
    }

    fileprivate func nextLook(every interval: UInt64) -> UInt64? {
        schedule.next(every: interval, patience: candidate.patience)
    }

    fileprivate mutating func look(isPrompted: Bool, _ now: UInt64) -> Reading? {
        switch schedule.due(at: now, isPrompted: isPrompted, patience: candidate.patience) {
        case nil: nil
        case .retry: open(now, .whole)
        case .prompt, .announcement, .failure, .age: source.map { read($0, now) }
        }
    }

    private mutating func read(_ source: any IdentitySource, _ now: UInt64) -> Reading {
        do throws(SourceFailure) {
            return note(try source.sighting(isAnnounced: schedule.announcement == .given), now)
        } catch {
            schedule.noteLook(at: now, isWell: false)
            clock = nil
            return .failure(error.description)
        }
    }

    /// Opens the source, which is there only where it can be read, too.
    fileprivate mutating func open(_ now: UInt64, _ look: SourceCandidate.Look) -> Reading? {
        isPutOff = false
        do throws(SourceFailure) {
            let opened = try candidate.open(look)
            let sighting = try opened.sighting()
            (source, refusal) = (opened, nil)
            return note(sighting, now)
        } catch {
            schedule.noteRefusal(at: now)
            refusal = error
            return nil
        }
    }

    private mutating func note(_ sighting: Sighting, _ now: UInt64) -> Reading {
        schedule.noteLook(at: now, isWell: true)
        clock = sighting.clock
        return .identity(sighting.identity)
    }
}
