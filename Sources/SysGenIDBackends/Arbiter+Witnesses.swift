internal import SysGenIDCore

// What the witnesses show, and which of it is a resume that is not counted yet.

extension Arbiter {
    /// Hears each witness by the best of its sources, in the order of the sources: the log, which comes last, may tell
    /// of what another has just shown.
    ///
    /// - Parameter isLineDue: all were looked at since the log told of a resume.
    mutating func hear(isFirst: Bool, isLineDue: Bool, _ now: UInt64, _ report: Report) {
        for place in witnesses.indices {
            let isHeard = hasVoice(witnesses[place].domain)
            witnesses[place].isBack = isHeard && !witnesses[place].isHeard
            witnesses[place].isHeard = isHeard
            if !witnesses[place].isHeard { witnesses[place].release() }
        }
        var adopted: [Identity.Domain] = []
        for index in sources.indices {
            guard let voice = voice(of: index) else { continue }
            guard let place = witnesses.firstIndex(where: { $0.domain == voice.identity.domain }) else {
                witnesses.append(Witness(voice.identity))
                witnesses[witnesses.count - 1].isBack = !isFirst
                let recognition = report(.identity(voice.identity, by: voice.name))
                if recognition == .resumed { count(by: witnesses.count - 1, now) }
                if recognition == .adopted { adopted.append(voice.identity.domain) }
                continue
            }
            guard voice.identity != witnesses[place].seen else { continue }
            hear(voice, at: place, isLineDue: isLineDue, now, report)
        }
        // A daemon before this one has counted a resume, and not lived to see this witness show it.
        if isFirst, adopted.count < witnesses.count { adopted.forEach { expectResume(from: $0, now) } }
        remember(report)
    }

    /// Tells the registry of what will be compared with what comes.
    mutating func remember(_ report: Report) {
        for place in witnesses.indices where witnesses[place].isToBeRemembered {
            _ = report(.reserve(witnesses[place].seen))
            witnesses[place].noteRemembered()
        }
    }

    /// Takes the next best source of each domain: what it differs in from one that is not believed any more is no resume.
    mutating func replace(_ refuted: Set<Identity.Domain>) {
        for place in witnesses.indices where refuted.contains(witnesses[place].domain) {
            witnesses[place].isHeard = hasVoice(witnesses[place].domain)
        }
        for index in sources.indices {
            guard let voice = voice(of: index), refuted.contains(voice.identity.domain),
                let place = witnesses.firstIndex(where: { $0.domain == voice.identity.domain }),
                witnesses[place].seen != voice.identity
            else { continue }
            witnesses[place].show(voice.identity)
        }
    }

    private typealias Voice = (name: String, identity: Identity)

    /// What a source says, where it is the best of its domain.
    private func voice(of index: Int) -> Voice? {
        guard sources[index].canDecide, let identity = sources[index].identity,
            !sources[..<index].contains(where: { $0.canDecide && $0.identity?.domain == identity.domain })
        else { return nil }
        return (sources[index].name, identity)
    }

    private func hasVoice(_ domain: Identity.Domain) -> Bool {
        sources.contains { $0.canDecide && $0.identity?.domain == domain }
    }

    /// A witness shows another identity than before.
    private mutating func hear(_ voice: Voice, at place: Int, isLineDue: Bool, _ now: UInt64, _ report: Report) {
        // The registry has forgotten it over a resume that was counted while nobody could read it.
        guard witnesses[place].isOwing || witnesses[place].isRemembered else {
            return witnesses[place].show(voice.identity)
        }
        let isLine = voice.identity.domain == .kernelLog
        let isOfCounted = witnesses[place].isOwing || (isLine && isExplained)
        if isLine {
            lineMoment = lineMoment ?? now
            // What the line tells of was there to be seen before it, and so before these readings.
            isLinePending = !isOfCounted && !isLineDue && witnesses.count { $0.isHeard } > 1
            if isLinePending { return }
        }
        witnesses[place].show(voice.identity)
        guard !isOfCounted else { return witnesses[place].noteResume() }
        let recognition = report(.identity(voice.identity, by: voice.name))
        witnesses[place].noteRemembered()
        guard recognition == .resumed else { return }
        witnesses[place].noteResume()
        count(by: place, now)
    }

    /// Whether a line of the log says nothing that is not known: the kernel tells in it of another VM generation ID, which
    /// is read here, too, from the right place.
    private var isExplained: Bool {
        witnesses.contains { $0.domain == .vmGenerationID && $0.isHeard && $0.hasShownResume }
    }

    /// A resume is counted by what one witness shows, and the others owe it.
    private mutating func count(by place: Int, _ now: UInt64) {
        for other in witnesses.indices where other != place { witnesses[other].owe() }
        settlesAt = now + Self.settlingTime
        isStale = true
    }

    private mutating func expectResume(from domain: Identity.Domain, _ now: UInt64) {
        guard let place = witnesses.firstIndex(where: { $0.domain == domain && !$0.isOwing }) else { return }
        witnesses[place].owe()
        settlesAt = now + Self.settlingTime
    }
}
