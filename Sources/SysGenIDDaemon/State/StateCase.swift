/// What is found in the slots of the state file and beside it, and what a successor loads then.
struct StateCase {
    /// What a slot holds. Of two, the one that stands first here decides.
    enum Slot: Int, CaseIterable {
        /// A record of this boot.
        case record
        /// A record of another boot, which is void.
        case earlierBoot
        case otherVersion
        case broken
        /// It was never written.
        case blank
    }

    /// The generation that was published last.
    enum Published: CaseIterable {
        case nothing
        /// A record accounts for it: it is not above that of the newest one, or is that of the record before, since a
        /// generation is published after it is recorded.
        case recorded
        case unrecorded
    }

    enum Outcome: Hashable {
        /// The counter starts at 0.
        case fresh
        /// The newest record of this boot.
        case record
        /// What was published, or else 0.
        case damaged(Remark)
    }

    enum Remark {
        case newestIsMissing, otherVersion, broken, missing
    }

    /// Without a record of this boot, none accounts for what was published.
    static let outcomes: [Slot: [Published: Outcome]] = [
        .record: [.nothing: .record, .recorded: .record, .unrecorded: .damaged(.newestIsMissing)],
        .earlierBoot: [.nothing: .fresh, .unrecorded: .fresh],
        .otherVersion: [.nothing: .damaged(.otherVersion), .unrecorded: .damaged(.otherVersion)],
        .broken: [.nothing: .damaged(.broken), .unrecorded: .damaged(.broken)],
        .blank: [.nothing: .fresh, .unrecorded: .damaged(.missing)],
    ]

    let slot: Slot
    let published: Published

    var outcome: Outcome { Self.outcomes[slot]![published]! }
}
