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
    /// The name that was reported last as that of the deciding source.
    private var announced: String?
    /// Whether the log has told of a resume that nobody has shown, and the others were not looked at since.
    var isLinePending = false
    /// Whether there are sources whose last reading is older than what is known by now.
    var isStale = false
    /// Until when a witness may still show a resume that is counted.
    var settlesAt: UInt64?
    /// When the log told of a resume by which the sources are still to be checked.
    var lineMoment: UInt64?

    struct Source {
        let name: String
        /// What was read last, where it can be read.
        var identity: Identity?
        /// When it was another than before, or was there for the first time.
        var newsMoment: UInt64 = 0
        /// It was read, and cannot be now.
        var isFailing = false
        /// Its identity stayed the same when the system was resumed.
        var isRefuted = false

        var canDecide: Bool { identity != nil && !isFailing && !isRefuted }
        var isKernelLog: Bool { identity?.domain == .kernelLog }

        /// Whether one that was not believed is, since it shows another identity: a counter that one host leaves alone may be
        /// kept by the next; memory that is the wrong one stays it.
        func isBack(with seen: Identity) -> Bool { isRefuted && identity != seen && seen.domain != .vmGenerationID }
    }

    /// The name that stands for no source at all.
    static let noSource = "manual"
    /// How long after the first sign of a resume the others may be late, in nanoseconds. The kernel's line was seen to
    /// come 7 to 25 ms after the identity.
    static let settlingTime: UInt64 = 10_000_000_000

    init(_ names: [String]) {
        sources = names.map { Source(name: $0) }
    }

    /// The name of the source that decides: the best that can be read and is believed.
    var deciding: String { sources.first(where: \.canDecide)?.name ?? Self.noSource }

    /// Whether all sources have to be looked at again at once.
    var isUndecided: Bool { isLinePending || isStale }

    /// The log, where they have to be only because of what it has told.
    var speaker: Int? { isLinePending && !isStale ? sources.firstIndex(where: \.isKernelLog) : nil }

    /// Takes what the sources say, in their order; nil for those that were not looked at.
    mutating func take(_ readings: [Reading?], now: UInt64, report: Report) {
        let isFirst = announced == nil
        guard isUndecided || isFirst || isDue(now) || !isAsBefore(readings) else { return }
        if isChangingHands(by: readings),
            sources.indices.contains(where: { sources[$0].canDecide && readings[$0] == nil })
        {
            // The sources are compared at the moment of the change of hands: all are looked at once more.
            isStale = true
            return
        }
        let isLineDue = isLinePending
        (isLinePending, isStale) = (false, false)
        var reports: [BackendReport] = []
        for index in readings.indices {
            if let reading = readings[index] { reports += note(reading, of: index, now) }
        }
        for news in reports { _ = report(news) }
        settle(now)
        remember(report)
        for news in refute(now) { _ = report(news) }
        announce(report)
        hear(isFirst: isFirst, isLineDue: isLineDue, now, report)
        if isFirst { _ = report(.hasLooked) }
    }

    /// Whether something is to be done by now although the sources say what they said.
    private func isDue(_ now: UInt64) -> Bool {
        [settlesAt, lineMoment.map { $0 + Self.settlingTime }].contains { $0.map { $0 <= now } ?? false }
    }

    /// Whether the sources say what they said last, so that nothing follows from it which has not followed already.
    private func isAsBefore(_ readings: [Reading?]) -> Bool {
        readings.indices.allSatisfy { index in
            switch readings[index] {
            case nil: true
            case .failure?: sources[index].isFailing
            case .identity(let seen)?: !sources[index].isFailing && seen == sources[index].identity
            }
        }
    }

    private func isChangingHands(by readings: [Reading?]) -> Bool {
        readings.indices.contains { index in
            let canDecideNow: Bool
            switch readings[index] {
            case nil: return false
            case .failure?: canDecideNow = false
            case .identity(let seen)?: canDecideNow = !sources[index].isRefuted || sources[index].isBack(with: seen)
            }
            return sources[index].canDecide != canDecideNow
        }
    }

    private mutating func announce(_ report: Report) {
        guard deciding != announced else { return }
        announced = deciding
        _ = report(.deciding(deciding))
    }

    private mutating func note(_ reading: Reading, of index: Int, _ now: UInt64) -> [BackendReport] {
        let name = sources[index].name
        let wasFailing = sources[index].isFailing
        switch reading {
        case .failure(let reason):
            sources[index].isFailing = true
            return wasFailing ? [] : [.unreadable("\(name): \(reason)")]
        case .identity(let seen):
            let isNews = sources[index].identity != seen
            let isBack = sources[index].isBack(with: seen)
            if isNews || wasFailing { sources[index].newsMoment = now }
            if isBack { sources[index].isRefuted = false }
            sources[index].identity = seen
            sources[index].isFailing = false
            return wasFailing || isBack ? [.readable(name)] : []
        }
    }

    /// Ends what a witness owes for some time after a resume.
    private mutating func settle(_ now: UInt64) {
        guard let settlesAt, settlesAt <= now else { return }
        self.settlesAt = nil
        for place in witnesses.indices { witnesses[place].release() }
    }

    /// Disbelieves the sources that have shown nothing new, neither before the kernel's line nor after it, once what they
    /// show is remembered.
    private mutating func refute(_ now: UInt64) -> [BackendReport] {
        guard settlesAt == nil, let line = lineMoment, line + Self.settlingTime <= now else { return [] }
        lineMoment = nil
        // They are read from the wrong place, or the host does not keep them.
        let refuted = sources.indices.filter { index in
            sources[index].canDecide && !sources[index].isKernelLog
                && sources[index].newsMoment + Self.settlingTime < line
        }
        for index in refuted { sources[index].isRefuted = true }
        replace(Set(refuted.compactMap { sources[$0].identity?.domain }))
        return refuted.map { index in
            .unreadable(
                "\(sources[index].name): its identity stays the same, and the kernel says that this system was "
                    + "resumed as another one: it is not believed any more")
        }
    }
}
