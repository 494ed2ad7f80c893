/// What the overseer says of a system that is ready. It is believed as far as the machine is that says so.
struct Proof: Decodable, Hashable, Sendable {
    struct Reseed: Decodable, Hashable, Sendable {
        var generation: Int
        var taken: Bool
        var sources: [String]
        var remark: String?
    }

    struct Hook: Decodable, Hashable, Sendable {
        var name: String
        var phase: String
        var optional: Bool
        /// succeeded, failed or ended.
        var outcome: String
        /// The exit status, or 128 and the number of a signal; nil where it was never started.
        var status: Int?
        var milliseconds: Int
    }

    struct Watchers: Decodable, Hashable, Sendable {
        var all: Int
        var tracked: Int
        var outdated: Int
    }

    var generation: Int
    var cause: String
    /// nil for a change that brings no new identity.
    var reseed: Reseed?
    var hooks: [Hook]
    var watchers: Watchers
    /// From the change until the system was ready.
    var milliseconds: Int
}

/// What the overseer says of a system that is quiesced.
struct Quiet: Decodable, Hashable, Sendable {
    var generation: Int
    var hooks: [Proof.Hook]
    var milliseconds: Int
}
