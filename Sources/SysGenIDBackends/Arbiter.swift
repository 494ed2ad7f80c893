internal import SysGenIDCore

/// Tells from what the sources of an identity say what is worth a report: one resume once, whichever of them shows it
/// first, and by which source resumes are noticed best.
///
/// Every source that can be read is a witness. A resume that one has shown is counted, and what the others show
/// of it later is only remembered. The kernel's line is a witness as the others, and checks them, too: a source that
/// shows nothing new when the kernel tells of a resume is not believed any more.
struct Arbiter {
    typealias Report = (BackendReport) -> Recognition?

    private(set) var sources: [Source]
    var witnesses: [Witness] = []
    var phase = Phase.unlooked
    /// The places of the witnesses whose identities the registry did not know at the start.
    var adopted: [Int] = []

    /// The name that stands for no source at all.
    static let noSource = "manual"

    init(_ names: [String]) {
        sources = names.map { Source($0) }
    }

    /// The name of the source that decides: the best that can be read and is believed.
    var deciding: String { sources.first(where: \.canDecide)?.name ?? Self.noSource }

    /// Whether all sources have to be looked at again at once.
    var isUndecided: Bool { phase.isUndecided }

    /// Whether something follows by now although the sources say what they said.
    func isDue(at now: UInt64) -> Bool { phase.isDue(now) }

    /// The log, where they have to be only because of what it has told.
    var speaker: Int? {
        phase.isLineWaiting ? sources.firstIndex { $0.identity?.domain == .kernelLog } : nil
    }

    /// Takes what the sources say, in their order; nil for those that were not looked at.
    ///
    /// - Parameter isBeginning: some of them are read for the first time, since they were put off at the start.
    mutating func take(_ readings: [Reading?], now: UInt64, isBeginning: Bool = false, report: Report) {
        switch course(readings, now) {
        case .nothing: break
        case .lookAgain: phase.noteStaleReadings()
        case .judge: judge(readings, now, isBeginning: isBeginning, report)
        }
    }

    private enum Course {
        case nothing, lookAgain, judge
    }

    /// What follows from the readings.
    private func course(_ readings: [Reading?], _ now: UInt64) -> Course {
        guard isDue(at: now) || !isAsBefore(readings) else { return .nothing }
        // The sources are compared at the moment of a change of hands: all are looked at then.
        let isComparing = readings.indices.contains { sources[$0].isChangingHands(readings[$0]) }
        return isComparing && !areWhole(readings) ? .lookAgain : .judge
    }

    /// Whether all that can decide were looked at.
    private func areWhole(_ readings: [Reading?]) -> Bool {
        !readings.indices.contains { sources[$0].canDecide && readings[$0] == nil }
    }

    /// Whether the sources say what they said last, so that nothing follows from it which has not followed already.
    private func isAsBefore(_ readings: [Reading?]) -> Bool {
        readings.indices.allSatisfy { index in
            switch readings[index] {
            case nil: true
            case .failure?: sources[index].standing.isFailing
            case .identity(let seen)?: !sources[index].standing.isFailing && seen == sources[index].identity
            }
        }
    }

    private mutating func judge(_ readings: [Reading?], _ now: UInt64, isBeginning: Bool, _ report: Report) {
        let before = (phase: phase, deciding: deciding)
        let areSeen = phase.isLineWaiting || areWhole(readings)
        phase = .decided(phase.due)
        for index in readings.indices {
            if let reading = readings[index], let news = sources[index].take(reading, now: now) { _ = report(news) }
        }
        settle(now)
        remember(report)
        check(now, report)
        if before.phase == .unlooked || before.deciding != deciding { _ = report(.deciding(deciding)) }
        hear(
            after: before.phase, areSeen: areSeen, isBeginning: isBeginning || before.phase == .unlooked, now, report)
        if before.phase == .unlooked { _ = report(.hasLooked) }
    }

    /// Ends what the witnesses owe some time after a resume.
    private mutating func settle(_ now: UInt64) {
        guard case .settle = phase.due, phase.due.isPast(now) else { return }
        phase.due = phase.due.next
        for place in witnesses.indices { witnesses[place].release() }
    }

    /// Disbelieves the sources that have shown nothing new, neither before the kernel's line nor after it, once what they
    /// show is remembered.
    private mutating func check(_ now: UInt64, _ report: Report) {
        guard case .check(let line) = phase.due, phase.due.isPast(now) else { return }
        phase.due = phase.due.next
        // They are read from the wrong place, or the host does not keep them.
        let refuted = sources.indices.filter { sources[$0].isUnmoved(by: line) }
        for index in refuted { sources[index].refute() }
        replace(Set(refuted.compactMap { sources[$0].identity?.domain }))
        for index in refuted {
            _ = report(
                .unreadable(
                    "\(sources[index].name): its identity stays the same, and the kernel says that this system was "
                        + "resumed as another one: it is not believed any more"))
        }
    }
}
