import SysGenID
import SysGenIDSystem

extension Readiness {
    /// The hooks' work for a snapshot, which is no part of a change.
    struct Quiescence: Hashable, Sendable {
        /// On the monotonic clock, in nanoseconds.
        var began: UInt64
        var hooks: [HookResult] = []
        /// Once it is done.
        var milliseconds = 0
    }

    /// What an overseer that comes after this one goes on with.
    struct Record: Hashable, Sendable {
        var stage: Stage
        var change: Change
        var failure: Failure?
        var quiescence: Quiescence?
        /// The process of the hook that runs, which may outlive its overseer.
        var process: ProcessMark?
        var announced: [Announcements.Known]
    }

    /// nil until the device was seen.
    var record: Record? {
        change.map { change in
            Record(
                stage: stage, change: change, failure: failure, quiescence: quiescence, process: running?.process,
                announced: announcements.known)
        }
    }
}
