package import SysGenIDCore

extension Step {
    /// The parked requests that the step completes, with their answers.
    package var completions: [RequestID: Answer] {
        var completions: [RequestID: Answer] = [:]
        for case .complete(let request, let answer) in effects { completions[request] = answer }
        return completions
    }

    package var notifiedPolls: Set<WatcherID> {
        Set(effects.compactMap { if case .notifyPoll(let watcher) = $0 { watcher } else { nil } })
    }
}

extension GenerationRegistry {
    /// The step of an owner that stores a change at once, with all that it brings.
    package mutating func whole(_ step: Step) -> Step {
        var step = step
        step.effects += changeStored() + pagesStored()
        return step
    }
}
