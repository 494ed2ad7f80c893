import SysGenIDJSON

/// What `ready` and `announce` print.
struct ProofReport: Sendable {
    var proof: Proof

    var text: String {
        let watchers = proof.watchers
        let facts = Output.aligned([
            ("generation", "\(proof.generation)"),
            ("cause", shown(proof.cause)),
            ("reseed", reseed),
            ("watchers", "\(watchers.all), \(watchers.tracked) tracked, \(watchers.outdated) outdated"),
            ("ready after", "\(proof.milliseconds) ms"),
        ])
        return (facts + HookReport.lines(proof.hooks)).joined(separator: "\n")
    }

    private var reseed: String {
        guard let reseed = proof.reseed else { return "none" }
        let remark = reseed.remark.map { " (\(shown($0)))" } ?? ""
        return (reseed.taken ? "" : "failed, ")
            + "from \(shown(reseed.sources)) for generation \(reseed.generation)\(remark)"
    }

    var json: JSON {
        .object([
            "generation": .number(proof.generation), "cause": .string(proof.cause),
            "reseed": .orNull(proof.reseed) { reseed in
                .object([
                    "generation": .number(reseed.generation), "taken": .boolean(reseed.taken),
                    "sources": .array(reseed.sources.map(JSON.string)),
                    "remark": .orNull(reseed.remark, JSON.string),
                ])
            },
            "hooks": .array(proof.hooks.map(HookReport.json)),
            "watchers": .object([
                "all": .number(proof.watchers.all), "tracked": .number(proof.watchers.tracked),
                "outdated": .number(proof.watchers.outdated),
            ]),
            "milliseconds": .number(proof.milliseconds),
        ])
    }
}

/// What `quiesce` prints.
struct QuietReport: Sendable {
    var quiet: Quiet

    var text: String {
        let facts = Output.aligned([
            ("generation", "\(quiet.generation)"), ("quiet after", "\(quiet.milliseconds) ms"),
        ])
        return (facts + HookReport.lines(quiet.hooks)).joined(separator: "\n")
    }

    var json: JSON {
        .object([
            "generation": .number(quiet.generation), "hooks": .array(quiet.hooks.map(HookReport.json)),
            "milliseconds": .number(quiet.milliseconds),
        ])
    }
}

/// What has become of hooks.
enum HookReport {
    /// A line for each, below a title; none where there is none.
    static func lines(_ hooks: [Proof.Hook]) -> [String] {
        guard !hooks.isEmpty else { return [] }
        return ["hooks:"]
            + hooks.map { hook in
                let status = hook.outcome == "succeeded" ? "" : hook.status.map { " with \($0)" } ?? ""
                return
                    "  \(shown(hook.phase))/\(shown(hook.name)) \(shown(hook.outcome))\(status) after \(hook.milliseconds) ms"
            }
    }

    static func json(_ hook: Proof.Hook) -> JSON {
        .object([
            "name": .string(hook.name), "phase": .string(hook.phase), "optional": .boolean(hook.optional),
            "outcome": .string(hook.outcome), "status": .orNull(hook.status, JSON.number),
            "milliseconds": .number(hook.milliseconds),
        ])
    }
}
