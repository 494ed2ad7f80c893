/// In which order a daemon does what may be cut off between any two steps. `real` is the order of the sources; another one
/// is tried to see that it matters.
struct Order: Hashable, Sendable {
    /// A change, see `GenerationService.resolve` and `HandoverMemory.commit`.
    enum Change: CaseIterable, Sendable {
        /// The change is written to the ring of the memory.
        case entry
        /// Its number is stored: from here on it counts.
        case number
        case page, record
        /// Reads are answered and polls are told.
        case wake
        /// The request that has asked for it is answered.
        case answer
    }

    /// An open, see `WatcherOperations.open`.
    enum Opening: CaseIterable, Sendable {
        /// The watcher is written to the memory, with the request that has made it.
        case remember
        case answer
        /// The request is no longer what is being served.
        case unserve
        /// The watcher is no longer one of an open without an answer.
        case settle
    }

    /// An acknowledgement, see `GenerationService.serve`.
    enum Acknowledgement: CaseIterable, Sendable {
        case remember, answer
    }

    /// A poll, see `HandoverMemory.polled`.
    enum Poll: CaseIterable, Sendable {
        /// What it is told of.
        case generation
        /// By what the kernel knows it.
        case number
        case answer
    }

    /// The answer to a parked request, see `GenerationService.perform`.
    enum Wake: CaseIterable, Sendable {
        case answer
        /// The memory no longer holds the request.
        case unpark
    }

    /// What a successor does after it has read the memory, see `RunningDaemon`.
    enum Takeover: CaseIterable, Sendable {
        case page, record
        /// The backend begins to look for resumes.
        case look
        /// Sleeping polls can be told again.
        case polls
        /// What is unanswered is asked for again.
        case again
    }

    /// What of the memory is served first where the kernel delivers nothing again, see `Inheritance.unanswered`.
    enum Replay: CaseIterable, Sendable {
        case served, parked
    }

    var change = Change.allCases
    var opening = Opening.allCases
    var acknowledgement = Acknowledgement.allCases
    var poll = Poll.allCases
    var wake = Wake.allCases
    var takeover = Takeover.allCases
    var replay = Replay.allCases

    static let real = Order()
}

/// A wrong order, or one that would do as well.
struct Variation: Sendable, CustomStringConvertible {
    /// The list that is another one.
    let part: String
    /// In which order its steps are.
    let steps: String
    let order: Order

    var description: String { "\(part): \(steps)" }

    /// All in which one step is done at another time, or left out.
    static let all =
        of(\.change, "change") + of(\.opening, "opening") + of(\.acknowledgement, "acknowledgement")
        + of(\.poll, "poll") + of(\.wake, "wake") + of(\.takeover, "takeover") + of(\.replay, "replay")

    private static func of<Step: Hashable>(
        _ part: WritableKeyPath<Order, [Step]>, _ name: String
    ) -> [Variation] {
        let steps = Order.real[keyPath: part]
        var tried: Set = [steps]
        var variations: [Variation] = []
        for (index, step) in steps.enumerated() {
            var without = steps
            without.remove(at: index)
            let moved = steps.indices.map { place in
                var steps = without
                steps.insert(step, at: place)
                return steps
            }
            for varied in [without] + moved where tried.insert(varied).inserted {
                var order = Order.real
                order[keyPath: part] = varied
                let words = varied.map { "\($0)" }.joined(separator: ", ")
                variations.append(Variation(part: name, steps: words, order: order))
            }
        }
        return variations
    }
}
