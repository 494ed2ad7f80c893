import SysGenID

/// What has changed the generation, as hooks and callers are told.
enum Cause: String, Hashable, Sendable, CaseIterable {
    /// Nothing: the overseer found the generation when it was first started.
    case start
    /// The system was resumed from a snapshot, cloned or rolled back: a backend of sysgenidd has noticed it.
    case resume
    /// A host has said so (`Changed`).
    case announced
    /// A program has triggered it.
    case trigger
    /// Nothing is published about it yet.
    case unknown

    /// Whether anybody who copied the system may have what it has.
    var isOfResume: Bool { self == .resume || self == .announced }
}

/// What went into the kernel's random pool for a change, and whether the kernel has taken it.
struct Reseed: Hashable, Sendable {
    var generation: Generation
    var isTaken: Bool
    /// `identity`, `host`.
    var sources: [String]
    var remark: String?
}

/// How many watchers of the device there were when they were last counted; 0 where only the kernel knows.
struct WatcherCount: Hashable, Sendable {
    var all = 0
    var tracked = 0
    var outdated = 0
}

/// That the system is ready: for which generation, and what was done for it.
struct Proof: Hashable, Sendable {
    var generation: Generation
    var cause: Cause
    /// Nil where nothing was reseeded, since the change brought no new identity.
    var reseed: Reseed?
    /// Those of `changed` and of `ready`, in the order in which they were run.
    var hooks: [HookResult]
    var watchers: WatcherCount
    /// From when the overseer learned of the change until the system was ready.
    var milliseconds: Int
}

/// Why a system is not called ready until its next change.
enum Failure: Hashable, Sendable {
    case hook(HookResult)
    /// The time of a phase was over before this hook was done, in milliseconds.
    case tooLate(hook: String, milliseconds: Int)
    /// These still had outdated watchers when the time was over.
    case watchersOutdated(processes: [String])
    /// The kernel has not taken the reseed, or nothing is known of it.
    case notReseeded(remark: String)
}
