/// When hooks are run. See sysgenid-overseerd(8).
enum Phase: String, Hashable, Sendable, CaseIterable {
    /// Before a snapshot is taken.
    case quiesce
    /// After a change, before anybody calls the system ready.
    case changed
    /// When everything else is done for the change: what undoes `quiesce`.
    case ready
    /// When anything has failed: nobody calls the system ready then.
    case failed
}

/// A program that is run in a phase.
struct Hook: Hashable, Sendable {
    var name: String
    var path: String
    /// Why it must not be run, or cannot be; nil where nothing is known against it.
    var objection: String?

    /// Whether its failure is only told of.
    var isOptional: Bool { name.hasSuffix(".optional") }
}

/// What became of a hook.
struct HookResult: Hashable, Sendable {
    enum Outcome: String, Hashable, Sendable {
        case succeeded, failed
        /// Its time was over.
        case ended
    }

    var name: String
    var phase: Phase
    var isOptional: Bool
    var outcome: Outcome
    /// Its exit code, or 128 and the number of the signal that ended it; nil where it was not run.
    var status: Int32?
    var milliseconds: Int
}
