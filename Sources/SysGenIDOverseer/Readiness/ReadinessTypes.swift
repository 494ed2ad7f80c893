import SysGenID
import SysGenIDSystem

/// The number by which the state machine knows a call that waits for an answer.
struct CallNumber: RawRepresentable, Hashable, Sendable {
    let rawValue: UInt64
}

extension Readiness {
    /// How far the system is.
    enum Stage: String, Hashable, Sendable, CaseIterable {
        /// No change is known; the generation that was found is taken as it is when tracked watchers are up to date.
        case starting
        /// The hooks of `quiesce` run.
        case quiescing
        /// They are done, and no change has come since.
        case quiesced
        /// There was a change; whence it came, and whether the kernel was reseeded, is not published yet.
        case learning
        /// The hooks of `changed` run.
        case changing
        /// Tracked watchers are outdated.
        case awaiting
        /// The hooks of `ready` run.
        case readying
        case ready
        /// Something has failed, and the hooks of `failed` run.
        case failing
        case failed

        /// The phase whose hooks run.
        var phase: Phase? {
            switch self {
            case .quiescing: .quiesce
            case .changing: .changed
            case .readying: .ready
            case .failing: .failed
            case .starting, .quiesced, .learning, .awaiting, .ready, .failed: nil
            }
        }

        /// What callers are told.
        var state: State {
            switch self {
            case .starting: .starting
            case .quiescing: .quiescing
            case .quiesced: .quiesced
            case .learning, .changing, .awaiting, .readying: .changed
            case .ready: .ready
            case .failing, .failed: .failed
            }
        }
    }

    /// How far the system is, in the words of the interface.
    enum State: String, Hashable, Sendable {
        case starting, quiescing, quiesced, changed, ready, failed
    }

    /// The change that was dealt with last, and how far that came.
    struct Change: Hashable, Sendable {
        var generation: Generation
        var cause: Cause
        /// When the overseer learned of it: a moment of the monotonic clock, in nanoseconds.
        var began: UInt64
        /// The last generation that the system was ready with, or began with: what has happened since counts as one.
        var since: Generation
        var reseed: Reseed?
        var hooks: [HookResult] = []
        var watchers = WatcherCount()
        /// How long it took until the system was ready; nil before.
        var milliseconds: Int?
    }

    /// What a call is answered.
    enum Answer: Hashable, Sendable {
        case ready(Proof)
        case quiesced(Generation, hooks: [HookResult], milliseconds: Int)
        case failed(Generation, Failure)
        case deadlineExceeded(Generation, waitingFor: [String])
        case notQuiet(State, waitingFor: [String])
        case notServed(String)
        case tooManyCalls
    }

    /// Something that happened.
    enum Event: Hashable, Sendable {
        /// The device shows this generation.
        case shown(Generation)
        /// Whether the device is served, as far as is known.
        case served(Bool)
        /// Whether the device's page shows another generation than was told, so that the next one is about to be.
        case doubted(Bool)
        /// The daemon has published what belongs to this generation: what it last reseeded the kernel from.
        case learned(Generation, PublishedReseed?)
        /// What was asked for by `list`.
        case listed(Phase, [Hook])
        /// The hook that was to be run runs, as this process; or it could not be started.
        case hookStarted(ProcessMark)
        case hookEnded(status: Int32?)
        /// All tracked watchers have acknowledged this generation.
        case watchersUpToDate(Generation, WatcherCount)
        /// Some have not yet: processes, as they are published.
        case watchersOutdated(Generation, processes: [String])
        case quiesce(CallNumber, deadline: UInt64?)
        case waitReady(CallNumber, Generation?, deadline: UInt64?)
        case announce(CallNumber, Announcement, deadline: UInt64?)
        /// The trigger that was asked for has made this generation; nil where it could not be made, and why.
        case triggered(Generation?, remark: String)
        /// Who has called does not wait any longer.
        case left(CallNumber)
        /// The moment that `nextMoment` has named has come.
        case timePassed
    }

    /// Something that is to be done, in the order in which it stands.
    enum Action: Hashable, Sendable {
        /// Keep the record, for an overseer that comes after this one.
        case record
        /// See what is published about the generation, until it is.
        case learn(Generation)
        /// See which hooks a phase has.
        case list(Phase)
        case run(Hook, Phase, Generation, Cause)
        /// End the hook that runs, and all of its process group; that it has ended is told as ever.
        case endHook
        /// Look at the tracked watchers again and again.
        case awaitWatchers(Generation)
        case awaitNobody
        /// Make a change, with this as the least generation.
        case trigger(minimum: UInt32)
        case answer(CallNumber, Answer)
        case tell(Remark)
        /// What `Get` says is another.
        case newState
    }

    /// What is told in the log.
    enum Remark: Hashable, Sendable {
        case began(Generation)
        case learned(Generation, Cause)
        case hook(HookResult, objection: String?)
        /// The hook runs for a generation that is not the last any more, or its time is over.
        case ends(hook: String)
        case adopted(Generation)
        case quiesced(Generation)
        case ready(Proof)
        case failed(Generation, Failure)
    }
}
