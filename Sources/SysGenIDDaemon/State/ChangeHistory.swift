internal import SysGenIDCore
internal import SysGenIDFrontends
internal import SysGenIDSystem

/// The last changes since the daemon started, and how many there were of each cause.
final class ChangeHistory: Sendable {
    /// A change, as it is published.
    struct Change: Hashable, Sendable {
        /// Seconds since 1970.
        var moment: Int
        var generation: Generation
        var cause: ServiceEvent.Cause

        /// One line: when, which generation, why.
        var text: String { "\(WallClock.text(of: moment)) \(generation) \(cause)" }
    }

    struct Summary: Hashable, Sendable {
        /// The oldest first.
        var last: [Change] = []
        var resumes: UInt64 = 0
        var triggers: UInt64 = 0
    }

    /// How many changes are kept.
    static let limit = 16

    private let state = Lock(Summary())

    var summary: Summary { state.withLock(\.self) }

    /// How many changes there were.
    var count: UInt64 { state.withLock { $0.resumes + $0.triggers } }

    /// Takes what the service reports, and keeps what is a change.
    func note(_ event: ServiceEvent, at moment: Int) {
        guard case .changed(let generation, let cause) = event else { return }
        state.withLock { state in
            switch cause {
            case .backend: state.resumes += 1
            case .trigger: state.triggers += 1
            }
            if state.last.count == Self.limit { state.last.removeFirst() }
            state.last.append(Change(moment: moment, generation: generation, cause: cause))
        }
    }
}
