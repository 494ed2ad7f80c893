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
        var reseeds = ReseedSummary()
        /// How often a process had written to the counter page.
        var pageOverwrites: UInt64 = 0
    }

    /// How many changes are kept.
    static let limit = 16

    private let state: Lock<State>

    private struct State {
        /// The change of each number stands in the place of what was `limit` changes before it.
        var last: [Change] = []
        var resumes: UInt64 = 0
        var triggers: UInt64 = 0
        var reseeds: ReseedSummary
        var pageOverwrites: UInt64 = 0

        var count: UInt64 { resumes + triggers }
        /// Where the next one goes.
        var place: Int { Int(count % UInt64(limit)) }
    }

    /// - Parameter lastReseed: what a predecessor has published of the last reseed.
    init(continuing lastReseed: ReseedLine? = nil) {
        state = Lock(State(reseeds: ReseedSummary(last: lastReseed)))
    }

    /// What the last reseed was; nil before the first.
    var lastReseed: ReseedLine? { state.withLock(\.reseeds.last) }

    var summary: Summary {
        state.withLock { state in
            let (newest, oldest) = (state.last.prefix(state.place), state.last.dropFirst(state.place))
            return Summary(
                last: Array(oldest + newest), resumes: state.resumes, triggers: state.triggers,
                reseeds: state.reseeds, pageOverwrites: state.pageOverwrites)
        }
    }

    /// How much was noted: another number means another summary.
    var count: UInt64 { state.withLock { $0.count + $0.pageOverwrites } }

    /// Takes what the service reports, keeps what is a change, and counts what was written to the page.
    func note(_ event: ServiceEvent, at moment: Int) {
        switch event {
        case .pageOverwritten, .containerPageOverwritten: state.withLock { $0.pageOverwrites += 1 }
        case .changed(let generation, let cause): note(Change(moment: moment, generation: generation, cause: cause))
        default: break
        }
    }

    private func note(_ change: Change) {
        state.withLock { state in
            if state.last.count < Self.limit { state.last.append(change) } else { state.last[state.place] = change }
            switch change.cause {
            case .backend(_, let reseed):
                state.resumes += 1
                state.reseeds.note(reseed, for: change.generation, at: change.moment)
            case .trigger, .otherTrigger: state.triggers += 1
            }
        }
    }
}
