internal import SysGenIDCore

/// Decides by which source resumes are noticed, and tells from what the sources say what is worth a report.
///
/// The best source that can be read decides. What the others say is reported, too, so that one of them can take
/// over at any moment, also in the one in which a resume makes the better source unreadable. The kernel's log
/// checks the others: a resume that it tells of must be one that the deciding source has shown.
struct Arbiter {
    private var sources: [Source]
    private var decider: Int?
    /// The name that was reported last as that of the deciding source.
    private var announced: String?
    /// Changes of the deciding source that the kernel's log has not told of yet.
    private var unannounced = 0
    /// Whether the log has told of a resume, and the deciding source was not looked at since.
    private var isLinePending = false
    /// Whether there are sources whose last reading is older than what is known by now.
    private var isStale = false
    /// Until when a line may belong to a resume that came before the first look.
    private let startsUntil: UInt64

    private struct Source {
        let name: String
        /// What was read last, where it can be read.
        var identity: Identity?
        /// What was reported last and counts still.
        var reported: Identity?
        /// It was read, and cannot be now.
        var isFailing = false
        /// Its identity stayed the same when the system was resumed.
        var isRefuted = false

        var canDecide: Bool { identity != nil && !isFailing && !isRefuted }
        var isKernelLog: Bool { identity?.domain == .kernelLog }
    }

    /// The name that stands for no source at all.
    static let noSource = "manual"
    /// How long after the first look a line of the log may be late, in nanoseconds. It was seen to come 7 to 25 ms
    /// after the identity.
    static let startDuration: UInt64 = 10_000_000_000
    private static let unannouncedLimit = 8

    init(_ names: [String], now: UInt64) {
        sources = names.map { Source(name: $0) }
        startsUntil = now + Self.startDuration
    }

    /// The name of the source that decides.
    var deciding: String { decider.map { sources[$0].name } ?? Self.noSource }

    /// Whether all sources have to be looked at again at once.
    var isUndecided: Bool { isLinePending || isStale }

    /// Takes what the sources say, in their order; nil for those that were not looked at.
    mutating func take(_ readings: [Reading?], now: UInt64) -> [BackendReport] {
        guard isUndecided || announced == nil || !isAsBefore(readings) else { return [] }
        let (past, before, former) = (self, sources, decider)
        // What the line tells of was there to be seen before it, and so before these readings.
        let isLineDue = isLinePending
        isLinePending = false
        var reports: [BackendReport] = []
        for (index, reading) in readings.enumerated() {
            if let reading { reports += note(reading, of: index) }
        }

        decider = sources.firstIndex(where: \.canDecide)
        if decider != former, sources.indices.contains(where: { sources[$0].canDecide && readings[$0] == nil }) {
            // The sources are compared at the moment of the change of hands: all are looked at once more.
            self = past
            isStale = true
            return []
        }
        isStale = false
        var witness = witness(since: before)
        if hasChanged(witness, since: before) {
            unannounced = min(unannounced + 1, Self.unannouncedLimit)
        }
        if isLineDue { reports += explainLine(&witness, since: before, now: now) }
        if decidesByKernelLog { (isLinePending, unannounced) = (false, 0) }
        return reports + announcement()
            + identities(witness, hasChanged: hasChanged(witness, since: before), isNew: decider != former)
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

    /// The source that shows whether the system was resumed since the last look: the best that could be read then,
    /// too. It is not the deciding one where that one has just come back.
    private func witness(since before: [Source]) -> Int? {
        sources.indices.first { before[$0].canDecide && sources[$0].canDecide }
    }

    private func hasChanged(_ witness: Int?, since before: [Source]) -> Bool {
        guard let witness else { return false }
        return sources[witness].identity != before[witness].identity
    }

    private mutating func announcement() -> [BackendReport] {
        guard deciding != announced else { return [] }
        announced = deciding
        return [.deciding(deciding)]
    }

    private var decidesByKernelLog: Bool { decider.map { sources[$0].isKernelLog } ?? false }

    private mutating func note(_ reading: Reading, of index: Int) -> [BackendReport] {
        let name = sources[index].name
        let wasFailing = sources[index].isFailing
        switch reading {
        case .failure(let reason):
            sources[index].isFailing = true
            return wasFailing ? [] : [.unreadable("\(name): \(reason)")]
        case .identity(let seen):
            if let last = sources[index].identity, last != seen, seen.domain == .kernelLog { isLinePending = true }
            sources[index].identity = seen
            sources[index].isFailing = false
            return wasFailing ? [.readable(name)] : []
        }
    }

    /// Finds the change that a line of the kernel's log belongs to. A source that has shown none is read from the
    /// wrong place, and is not believed any more.
    private mutating func explainLine(
        _ witness: inout Int?, since before: [Source], now: UInt64
    ) -> [BackendReport] {
        guard unannounced == 0 else {
            unannounced -= 1
            return []
        }
        var reports: [BackendReport] = []
        while let index = decider, !decidesByKernelLog, !hasChanged(witness, since: before), now >= startsUntil {
            sources[index].isRefuted = true
            reports.append(
                .unreadable(
                    "\(sources[index].name): its identity stays the same, and the kernel says that this system was "
                        + "resumed as another one: it is not believed any more"))
            decider = sources.firstIndex(where: \.canDecide)
            witness = self.witness(since: before)
        }
        return reports
    }

    /// What is to be reported of the identities: that of the witness, then the deciding one, then the others.
    private mutating func identities(_ witness: Int?, hasChanged: Bool, isNew: Bool) -> [BackendReport] {
        guard let decider, let domain = sources[decider].identity?.domain else { return [] }
        if hasChanged {
            // The registry forgets all other identities with a change, and they are looked at anew before they are told.
            for index in sources.indices { sources[index].reported = nil }
            isStale = true
        }
        if isNew { sources[decider].reported = nil }
        var reports: [BackendReport] = []
        if isNew, let witness, witness != decider { report(witness, &reports) { .identity($0) } }
        report(decider, &reports) { .identity($0) }
        guard !hasChanged else { return reports }
        for index in sources.indices where index != decider && sources[index].canDecide {
            // The same identity by another way is known, and a line that may belong to a change is none of its own.
            let isOwn = !sources[index].isKernelLog || (!isLinePending && unannounced == 0)
            guard sources[index].identity?.domain != domain, isOwn else { continue }
            report(index, &reports) { .reserve($0) }
        }
        return reports
    }

    private mutating func report(
        _ index: Int, _ reports: inout [BackendReport], as form: (Identity) -> BackendReport
    ) {
        guard let identity = sources[index].identity, identity != sources[index].reported else { return }
        sources[index].reported = identity
        reports.append(form(identity))
    }
}
