import Logging
import SysGenID

extension Readiness.Remark {
    /// The one line of the log.
    var text: String {
        switch self {
        case .began(let generation): "generation \(generation): a change has begun"
        case .learned(let generation, let cause): "generation \(generation): \(cause.text)"
        case .hook(let result, let objection):
            objection.map { "hook \(result.phase.rawValue)/\(result.name) is not run: \($0)" } ?? result.text
        case .ends(let hook): "hook \(hook) is ended with its process group"
        case .adopted(let generation): "ready with generation \(generation), which was found"
        case .quiesced(let generation): "quiesced with generation \(generation)"
        case .ready(let proof):
            "ready with generation \(proof.generation) after \(proof.milliseconds) ms: "
                + "\(proof.hooks.count) hooks, \(proof.watchers.tracked) tracked watchers"
        case .failed(let generation, let failure):
            "not ready with generation \(generation): \(failure.text); see to it, and make a change with "
                + "'sysgenidctl trigger'"
        }
    }

    var level: Logger.Level {
        switch self {
        case .began: .debug
        case .learned, .adopted, .quiesced, .ready: .notice
        case .ends: .warning
        case .hook(let result, _): result.outcome == .succeeded ? .info : result.isOptional ? .warning : .error
        case .failed: .error
        }
    }
}

extension Cause {
    fileprivate var text: String {
        switch self {
        case .start: "found at the start"
        case .resume: "the system was resumed"
        case .announced: "a host has said that the system was resumed"
        case .trigger: "triggered by a program"
        case .unknown: "nothing is published about it"
        }
    }
}

extension HookResult {
    /// What became of it, in words.
    var text: String {
        let name = "hook \(phase.rawValue)/\(name)"
        return switch (outcome, status) {
        case (.succeeded, _): "\(name) is done after \(milliseconds) ms"
        case (.ended, _): "\(name) was ended after \(milliseconds) ms: the time of the phase was over"
        case (.failed, let status?): "\(name) has failed with status \(status) after \(milliseconds) ms"
        case (.failed, nil): "\(name) could not be run"
        }
    }
}

extension Failure {
    /// Why the system is not ready, in words that name the hook or the process.
    var text: String {
        switch self {
        case .hook(let result): result.text
        case .tooLate(let hook, let milliseconds): "hook \(hook) was not done after \(milliseconds) ms"
        case .watchersOutdated(let processes):
            "programs have not readjusted in time: \(processes.joined(separator: ", "))"
        case .notReseeded(let remark): "the kernel was not reseeded: \(remark)"
        }
    }
}
