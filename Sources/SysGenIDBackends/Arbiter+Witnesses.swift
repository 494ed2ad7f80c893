internal import SysGenIDCore

// What the witnesses show, and which of it is a resume that is not counted yet.

extension Arbiter {
    /// Hears each witness by the best of its sources, in the order of the sources: the log, which comes last, may tell
    /// of what another has just shown.
    ///
    /// - Parameters:
    ///   - areSeen: whether all that can decide were looked at, now or since a line of the log that is waiting.
    ///   - isBeginning: whether it is the first time for those that are new.
    mutating func hear(
        after before: Phase, areSeen: Bool, isBeginning: Bool, _ now: UInt64, _ report: Report
    ) {
        for place in witnesses.indices {
            witnesses[place].note(isHeard: voice(of: witnesses[place].domain) != nil)
        }
        var unknown: [Int] = []
        for index in sources.indices {
            guard let voice = voice(of: index) else { continue }
            if let place = witnesses.firstIndex(where: { $0.domain == voice.identity.domain }) {
                hear(voice, at: place, after: before, areSeen: areSeen, now, report)
            } else {
                let place = witnesses.count
                witnesses.append(Witness(voice.identity, isBeginning ? .here : .back))
                if tell(voice, at: place, now, report) == .adopted { unknown.append(place) }
            }
        }
        if isBeginning { expectResume(from: unknown, now) }
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
            let voice = voice(of: witnesses[place].domain)
            witnesses[place].note(isHeard: voice != nil)
            if let voice, voice.identity != witnesses[place].seen { witnesses[place].show(voice.identity) }
        }
    }

    typealias Voice = (name: String, identity: Identity)

    /// What a source says, where it is the best of its domain.
    func voice(of index: Int) -> Voice? {
        guard sources[index].canDecide, let identity = sources[index].identity,
            !sources[..<index].contains(where: { $0.canDecide && $0.identity?.domain == identity.domain })
        else { return nil }
        return (sources[index].name, identity)
    }

    /// What the best source of a domain says.
    private func voice(of domain: Identity.Domain) -> Voice? {
        for source in sources where source.canDecide {
            if let identity = source.identity, identity.domain == domain { return (source.name, identity) }
        }
        return nil
    }

    private mutating func hear(
        _ voice: Voice, at place: Int, after before: Phase, areSeen: Bool, _ now: UInt64, _ report: Report
    ) {
        let sign = sign(voice.identity, of: witnesses[place], after: before, areSeen: areSeen)
        let ruling = Self.ruling(on: sign, of: witnesses[place].account)
        // A line that is compared with nothing checks nobody.
        if sign.isLine, ruling != .remember { phase.due = phase.due.afterLine(at: now) }
        switch ruling {
        case .leave: break
        case .remember: witnesses[place].show(voice.identity)
        case .attribute:
            witnesses[place].show(voice.identity)
            witnesses[place].noteResume()
        case .postpone: phase = .undecided(.unexplainedLine, phase.due)
        case .report:
            witnesses[place].show(voice.identity)
            if tell(voice, at: place, now, report) == .resumed { witnesses[place].noteResume() }
        }
    }

    func sign(_ identity: Identity, of witness: Witness, after before: Phase, areSeen: Bool) -> Sign {
        guard identity != witness.seen else { return .same }
        guard identity.domain == .kernelLog else { return .another }
        let isExplained = witnesses.contains { $0.domain == .vmGenerationID && $0.isHeard && $0.hasShownResume }
        if isExplained && areSeen { return .explainedLine }
        return before.isLineWaiting || witnesses.count { $0.isHeard } < 2 ? .lateLine : .earlyLine
    }

    /// The registry says whether it is a resume. One that is is counted, and the others owe it.
    private mutating func tell(_ voice: Voice, at place: Int, _ now: UInt64, _ report: Report) -> Recognition? {
        let recognition = report(.identity(voice.identity, by: voice.name))
        witnesses[place].noteRemembered()
        guard recognition == .resumed else { return recognition }
        for other in witnesses.indices where other != place { witnesses[other].owe() }
        phase.due = phase.due.afterResume(at: now)
        phase.noteStaleReadings()
        return recognition
    }

    /// What a witness showed that the registry does not know, as it knows another or has forgotten this one: a resume was
    /// counted, by a daemon before this one or since the start, and the witness may not have shown it yet.
    private mutating func expectResume(from unknown: [Int], _ now: UInt64) {
        adopted += unknown
        let isCounted = if case .settle = phase.due { true } else { false }
        let owing = adopted.count < witnesses.count ? adopted : isCounted ? unknown : []
        for place in owing where !witnesses[place].isOwing {
            witnesses[place].owe()
            phase.due = phase.due.afterResume(at: now)
        }
    }
}
