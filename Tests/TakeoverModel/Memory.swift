/// A change as it is kept, in the memory and in the record.
struct Change: Hashable {
    var generation: UInt8
    /// The system's identity then; nil where none is known.
    var identity: UInt8?
    /// The request that has asked for it.
    var cause: Request?
}

/// What outlives a daemon: the memory that is handed over, the page and the record.
struct Kept: Hashable {
    struct Watcher: Hashable {
        /// The open that has made it, until that is answered.
        var open: Request?
        var acknowledged: UInt8
        /// What its last poll was told of.
        var polledAt: UInt8 = 0
        /// Whether a poll sleeps, or may.
        var isPolled = false
    }

    /// The last changes. The one that is numbered counts, and those before it.
    var changes: [Change] = [Change(generation: 0, identity: 0)]
    var number = 0
    /// By their slots.
    var watchers: [Watcher?] = [nil, nil, nil]
    var parked: [Request] = []
    /// What is being served.
    var served: Request?

    var page: UInt8 = 0
    var record = Change(generation: 0, identity: 0)

    /// The change that counts; where it was not written, the ring holds zeros.
    var change: Change {
        number < changes.count ? changes[number] : Change(generation: 0, identity: nil)
    }

    /// Writes the change into the place of the next number.
    mutating func enter(_ change: Change) {
        changes.removeSubrange(min(number + 1, changes.count)...)
        changes.append(change)
    }
}
