/// What can be explored: states, and what leads from each to others.
protocol Explorable {
    associatedtype State: Hashable
    associatedtype Step

    var initial: State { get }

    /// All that can happen next, each with the state that it leads to.
    func successors(of state: State) -> [(step: Step, state: State)]

    /// What is wrong with a state, in a few words; nil where nothing is.
    ///
    /// - Parameter steps: what can happen next.
    func fault(in state: State, before steps: [Step]) -> String?
}

/// All states that can be reached, the nearest first: so the way to the first fault that is found is a shortest one.
struct Exploration<Explored: Explorable> {
    /// A state that must not be, and how it comes to it.
    struct Finding: CustomStringConvertible {
        let fault: String
        let trace: [Explored.Step]

        var description: String {
            (trace.enumerated().map { "  \($0 + 1). \($1)" } + ["  => \(fault)"]).joined(separator: "\n")
        }
    }

    /// How many states were reached.
    private(set) var stateCount = 0
    private(set) var finding: Finding?

    /// Where a state was reached from; the first one has no origin.
    private struct Arrival {
        var origin: Int
        var step: Explored.Step
    }

    /// Explores until a fault is found, or all is known.
    ///
    /// - Parameter visit: is told of each step that leads from one state to another.
    init(of explored: Explored, visiting visit: (Explored.State, Explored.Step) -> Void = { _, _ in }) {
        var states = [explored.initial]
        var arrivals: [Arrival?] = [nil]
        var known: Set<Explored.State> = [explored.initial]
        var index = 0
        while index < states.count {
            let state = states[index]
            let successors = explored.successors(of: state)
            if let fault = explored.fault(in: state, before: successors.map(\.step)) {
                finding = Finding(fault: fault, trace: Self.trace(to: index, arrivals))
                break
            }
            for (step, next) in successors {
                visit(state, step)
                guard known.insert(next).inserted else { continue }
                states.append(next)
                arrivals.append(Arrival(origin: index, step: step))
            }
            index += 1
        }
        stateCount = states.count
    }

    private static func trace(to index: Int, _ arrivals: [Arrival?]) -> [Explored.Step] {
        var steps: [Explored.Step] = []
        var place = index
        while let arrival = arrivals[place] {
            steps.append(arrival.step)
            place = arrival.origin
        }
        return steps.reversed()
    }
}
