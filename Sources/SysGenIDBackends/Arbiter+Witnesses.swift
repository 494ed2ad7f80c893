internal import SysGenIDCore

// What the witnesses show, and which of it is a resume that is not counted yet.

extension Arbiter {
    /// Hears each witness by the best of its sources, in the order of the sources: the log, which comes last, may tell
    /// of what another has just shown.
    ///
    /// - Parameter isLineDue: all were looked at since the log told of a resume.
    mutating func hear(isFirst: Bool, isLineDue: Bool, _ now: UInt64, _ report: Report) {
        let voices = voices()
        for place in witnesses.indices {
            let isHeard = voices.contains { $0.identity.domain == witnesses[place].domain }
            witnesses[place].isBack = isHeard && !witnesses[place].isHeard
            witnesses[place].isHeard = isHeard
            if !witnesses[place].isHeard { witnesses[place].release() }
        }
        var unknown: [Identity.Domain] = []
        for voice in voices {
            guard let place = witnesses.firstIndex(where: { $0.domain == voice.identity.domain }) else {
                witnesses.append(Witness(voice.identity))
                witnesses[witnesses.count - 1].isBack = !isFirst
                let recognition = report(.identity(voice.identity, by: voice.name))
                if recognition == .resumed { count(by: witnesses.count - 1, now) }
                if recognition == .adopted { unknown.append(voice.identity.domain) }
                continue
            }
            guard voice.identity != witnesses[place].seen else { continue }
            hear(voice, at: place, isLineDue: isLineDue, now, report)
        }
        if isFirst { expectResume(from: unknown, now) }
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
        let voices = voices()
        for place in witnesses.indices where refuted.contains(witnesses[place].domain) {
            witnesses[place].isHeard = voices.contains { $0.identity.domain == witnesses[place].domain }
        }
        for voice in voices where refuted.contains(voice.identity.domain) {
            guard let place = witnesses.firstIndex(where: { $0.domain == voice.identity.domain }),
                witnesses[place].seen != voice.identity
            else { continue }
            witnesses[place].show(voice.identity)
        }
    }

    private typealias Voice = (name: String, identity: Identity)

    /// What the best source of each domain says.
    private func voices() -> [Voice] {
        var voices: [Voice] = []
        for source in sources where source.canDecide {
            guard let identity = source.identity, !voices.contains(where: { $0.identity.domain == identity.domain })
            else { continue }
            voices.append((source.name, identity))
        }
        return voices
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

    /// What a witness showed that the registry does not know, as it knows another or has forgotten this one: a resume was
    /// counted, by a daemon before this one or since the start, and the witness may not have shown it yet.
    private mutating func expectResume(from unknown: [Identity.Domain], _ now: UInt64) {
        adopted += unknown
        let isCounted = settlesAt != nil
        for domain in adopted.count < witnesses.count ? adopted : isCounted ? unknown : [] {
            guard let place = witnesses.firstIndex(where: { $0.domain == domain && !$0.isOwing }) else { continue }
            witnesses[place].owe()
            settlesAt = now + Self.settlingTime
        }
    }
}
