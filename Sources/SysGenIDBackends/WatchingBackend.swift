internal import SysGenIDCore
internal import SysGenIDSystem

/// The backend of hardware: looks at the sources of an identity whenever something gives reason to, and at an
/// interval in any case. The identities decide, the one of the best source that can be read.
struct WatchingBackend: Backend {
    /// The source that decides at the start.
    let name: String
    private let lineup: Lineup
    /// Milliseconds.
    private let interval: CInt

    init(_ lineup: Lineup, interval: CInt) {
        self.lineup = lineup
        self.interval = interval
        name = zip(lineup.names, lineup.refusals).first { $0.1 == nil }?.0 ?? Arbiter.noSource
    }

    func run(
        until stop: borrowing EventSignal, lookingAgainAt prompt: borrowing EventSignal,
        report: (BackendReport) -> Void
    ) {
        var lineup = lineup
        var arbiter = Arbiter(lineup.names, now: MonotonicClock.now())
        let triggers = Triggers()
        var isPrompted = true
        let (end, again) = (stop.descriptor.rawValue, prompt.descriptor.rawValue)
        while true {
            let now = MonotonicClock.now()
            arbiter.take(lineup.look(isPrompted: isPrompted, now: now), now: now).forEach(report)
            let ready = waitUntilReadable(
                [end, again] + triggers.descriptors + lineup.descriptors,
                milliseconds: arbiter.isUndecided ? 0 : interval)
            if ready.contains(end) { return }
            let isAsked = ready.contains(again) && prompt.clear()
            if isAsked { lineup.tryAllAgain() }
            let isTriggered = !ready.isDisjoint(with: triggers.descriptors) && triggers.take()
            isPrompted = isTriggered || arbiter.isUndecided || isAsked
        }
    }
}
