import SysGenIDCore

/// How what a step has changed gets to all who look at it, before anybody is woken. The pages show it already: they are
/// stored under the lock, in the order of the changes.
protocol Publication: Sendable {
    /// A device shows something else. To be called under the lock.
    mutating func add(_ change: () -> DeviceChange)

    /// What follows must not come before the last change of a predecessor. To be called under the lock.
    ///
    /// - Parameter kind: where that matters; nil is everywhere.
    mutating func awaitPredecessor(at kind: FrontendKind?)

    /// Whether what follows comes later, on another thread: a successor has to know of the request until then.
    var isDeferred: Bool { get }

    /// What comes after this in the same way, without a change.
    var emptied: Self { get }

    /// Publishes, and has the service conclude the step then.
    func publish(before followUp: FollowUp, by service: GenerationService)
}

/// Programs map the pages: they see the change, and nothing is left to be done. See `CachePublication` for the other way.
struct PagePublication: Publication {
    func add(_ change: () -> DeviceChange) {}

    func awaitPredecessor(at kind: FrontendKind?) {}

    var isDeferred: Bool { false }

    var emptied: PagePublication { self }

    func publish(before followUp: FollowUp, by service: GenerationService) {
        service.conclude(followUp)
    }
}
