import SysGenID
import SysGenIDJSON
import SysGenIDVarlink

// What callers get: org.sysgenid.Overseer, as its description has it.

extension Readiness.Answer {
    var reply: VarlinkReply {
        switch self {
        case .ready(let proof): .result(.object(["proof": proof.json]))
        case .quiesced(let generation, let hooks, let milliseconds):
            .result(
                .object([
                    "generation": generation.json, "hooks": .array(hooks.map(\.json)),
                    "milliseconds": .number(milliseconds),
                ]))
        case .failed(let generation, let failure): failure.reply(generation)
        case .deadlineExceeded(let generation, let missing):
            .error(
                name: "DeadlineExceeded", .object(["generation": generation.json, "waiting_for": missing.json]))
        case .notQuiet(let state, let missing):
            .error(name: "NotQuiet", .object(["state": .string(state.rawValue), "waiting_for": missing.json]))
        case .notServed(let remark): .error(name: "NotServed", .object(["remark": .string(remark)]))
        case .tooManyCalls: .error(name: "TooManyCalls", .object([:]))
        }
    }
}

extension VarlinkReply {
    static let notPermitted = VarlinkReply.error(name: "NotPermitted", .object([:]))
}

extension Readiness.View {
    var reply: VarlinkReply {
        .result(
            .object([
                "state": .string(state.rawValue), "generation": generation.json, "cause": .string(cause.rawValue),
                "waiting_for": waitingFor.json, "proof": .orNull(proof, \.json),
            ]))
    }
}

extension Failure {
    fileprivate func reply(_ generation: Generation) -> VarlinkReply {
        switch self {
        case .hook(let hook): .error(name: "HookFailed", .object(["generation": generation.json, "hook": hook.json]))
        case .tooLate(let hook, let milliseconds):
            .error(
                name: "HooksTooLate",
                .object([
                    "generation": generation.json, "hook": .string(hook), "milliseconds": .number(milliseconds),
                ]))
        case .watchersOutdated(let processes):
            .error(name: "WatchersOutdated", .object(["generation": generation.json, "processes": processes.json]))
        case .notReseeded(let remark):
            .error(name: "NotReseeded", .object(["generation": generation.json, "remark": .string(remark)]))
        }
    }
}

extension Proof {
    fileprivate var json: JSON {
        .object([
            "generation": generation.json, "cause": .string(cause.rawValue), "reseed": .orNull(reseed, \.json),
            "hooks": .array(hooks.map(\.json)), "watchers": watchers.json, "milliseconds": .number(milliseconds),
        ])
    }
}

extension HookResult {
    fileprivate var json: JSON {
        .object([
            "name": .string(name), "phase": .string(phase.rawValue), "optional": .boolean(isOptional),
            "outcome": .string(outcome.rawValue), "status": .orNull(status) { .number(Int($0)) },
            "milliseconds": .number(milliseconds),
        ])
    }
}

extension Reseed {
    fileprivate var json: JSON {
        .object([
            "generation": generation.json, "taken": .boolean(isTaken), "sources": sources.json,
            "remark": .orNull(remark, JSON.string),
        ])
    }
}

extension WatcherCount {
    fileprivate var json: JSON {
        .object(["all": .number(all), "tracked": .number(tracked), "outdated": .number(outdated)])
    }
}

extension Generation {
    fileprivate var json: JSON { .number(Int(rawValue)) }
}

extension [String] {
    fileprivate var json: JSON { .array(map(JSON.string)) }
}
