internal import SysGenIDCore

// Which source needs no other to be heard: it is known before anything is to be seen.

extension Arbiter {
    /// A source that decides alone. Where it is looked at alone and shows another identity than this, that is reported
    /// first, whatever the other sources say.
    struct Decisive: Hashable {
        let index: Int
        /// What it showed last.
        let seen: Identity
    }

    /// The source that decides what an announcement means; nil where more than one has to be heard.
    ///
    /// The kernel's line speaks of the VM generation ID: where that can be read, the line is only the reason to look at it.
    ///
    /// - Parameter announcer: the source that announces something new.
    func decisive(announcedBy announcer: Int) -> Decisive? {
        // What is still to be remembered, or to be looked at, comes before a report.
        guard case .decided = phase, !witnesses.contains(where: \.isToBeRemembered) else { return nil }
        guard sources[announcer].isKernelLog else { return decisive(announcer) }
        if let spokenOf = sources.firstIndex(where: { $0.identity?.domain == .vmGenerationID && $0.canDecide }) {
            return decisive(spokenOf)
        }
        return witnesses.count(where: \.isHeard) == 1 ? decisive(announcer) : nil
    }

    private func decisive(_ index: Int) -> Decisive? {
        guard let seen = voice(of: index)?.identity, let witness = witnesses.first(where: { $0.domain == seen.domain }),
            witness.isHeard, witness.seen == seen, witness.account == .told
        else { return nil }
        return Decisive(index: index, seen: seen)
    }
}
