import SysGenID
import SysGenIDSystem

/// Whether the system is ready, and what is to be done that it is: a state machine that runs and asks nothing itself.
///
/// A change is dealt with in the order of `Stage`. A later one ends what is done for the one before, and begins anew: what
/// has happened since the system was last ready is one change, with the last generation and the gravest cause.
struct Readiness: Hashable, Sendable {
    struct Settings: Hashable, Sendable {
        /// How long a phase may take, in nanoseconds; that of a change counts from the change, with all that comes before
        /// the hooks of `ready`.
        var deadline: UInt64 = 10_000_000_000
        /// How long a backend is given to see a resume that is announced, in nanoseconds.
        var backendGrace: UInt64 = 1_000_000_000
    }

    /// A hook that runs.
    struct Running: Hashable, Sendable {
        var hook: Hook
        var phase: Phase
        /// On the monotonic clock, in nanoseconds.
        var since: UInt64
        /// Its process; nil until it is known.
        var process: ProcessMark?
        /// It was ended, and counts no more.
        var isEnding = false
    }

    let settings: Settings
    var stage = Stage.starting
    /// nil until the device was seen.
    var change: Change?
    /// As long as the stage is `failing` or `failed`.
    var failure: Failure?
    /// From when the hooks of `quiesce` began until the next change.
    var quiescence: Quiescence?
    var running: Running?
    /// The hooks of the phase that are left; nil until they are known.
    var queue: [Hook]?
    /// When the phase has to be over.
    var phaseEnd: UInt64?
    /// Nobody knows what becomes of a device while it is not served.
    var isServed = false
    /// The generation that was shown last is not that of the page.
    var isDoubted = false
    /// What an overseer before this one has left is gone on with when the device is seen.
    private var isSeen = false
    /// What is known to have outdated watchers.
    var outdatedProcesses: [String] = []
    var announcements = Announcements()
    var calls: [Call] = []

    /// - Parameter record: what an overseer before this one has kept; nil where there was none.
    init(_ settings: Settings, continuing record: Record? = nil) {
        self.settings = settings
        guard let record else { return }
        (stage, change, failure, quiescence) = (record.stage, record.change, record.failure, record.quiescence)
        announcements = Announcements(known: record.announced)
    }

    /// Takes an event, and says what is to be done.
    ///
    /// - Parameter now: the moment of the monotonic clock, in nanoseconds.
    mutating func take(_ event: Event, now: UInt64) -> [Action] {
        let (record, view) = (record, view)
        var actions = react(to: event, now)
        actions += settle(now)
        // Kept before anybody is told, or anything is begun.
        if self.record != record { actions.insert(.record, at: 0) }
        if self.view != view { actions.append(.newState) }
        return actions
    }

    /// When `timePassed` is due; nil is never.
    var nextMoment: UInt64? {
        ([phaseEnd, nextTriggerMoment] + calls.map(\.deadline)).compactMap(\.self).min()
    }

    private mutating func react(to event: Event, _ now: UInt64) -> [Action] {
        switch event {
        case .shown(let generation):
            defer { isSeen = true }
            return isSeen || change?.generation != generation ? shown(generation, now) : goOn(now)
        case .served(let isServed): self.isServed = isServed
        case .doubted(let isDoubted): self.isDoubted = isDoubted
        case .learned(let generation, let reseed):
            if generation == change?.generation { return learned(reseed, now) }
        case .listed(let phase, let hooks):
            if phase == stage.phase, running == nil { return listed(hooks, now) }
        case .hookStarted(let process): running?.process = process
        case .hookEnded(let status): return hookEnded(status, now)
        case .watchersUpToDate(let generation, let count):
            if generation == change?.generation { return watchersUpToDate(count, now) }
        case .watchersOutdated(let generation, let processes):
            if generation == change?.generation { outdatedProcesses = processes }
        case .quiesce(let call, let deadline): return quiesce(call, deadline, now)
        case .waitReady(let call, let generation, let deadline):
            calls.append(Call(number: call, wish: .ready(atLeast: generation), deadline: callEnd(deadline, now)))
        case .announce(let call, let announcement, let deadline):
            return announce(call, announcement, callEnd(deadline, now), now)
        case .triggered(let generation, let remark): return triggered(generation, remark, now)
        case .left(let call): calls.removeAll { $0.number == call }
        case .timePassed: return timePassed(now)
        }
        return []
    }

    private mutating func timePassed(_ now: UInt64) -> [Action] {
        var actions: [Action] = []
        if let end = phaseEnd, end <= now {
            phaseEnd = nil
            switch stage {
            case .learning:
                let remark = "sysgenidd has published nothing of this generation"
                actions += fail(.notReseeded(remark: remark), now)
            case .awaiting:
                let processes = outdatedProcesses.isEmpty ? ["unknown"] : outdatedProcesses
                actions += fail(.watchersOutdated(processes: processes), now)
            case .quiescing, .changing, .readying, .failing: actions += phaseIsLate(now)
            case .starting, .quiesced, .ready, .failed: break
            }
        }
        return actions + triggerWhatIsDue(now)
    }

    /// When a call's time is over: nil is as long as a phase may take.
    private func callEnd(_ nanoseconds: UInt64?, _ now: UInt64) -> UInt64 { now + (nanoseconds ?? settings.deadline) }
}
