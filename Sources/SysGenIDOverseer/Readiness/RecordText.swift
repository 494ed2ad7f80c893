import SysGenID
import SysGenIDSystem

// The record as it is kept: a line for each fact, and a last one that says that it is whole. `RecordReading` reads it.

extension Readiness.Record {
    /// How long a record may be, in bytes.
    static let sizeLimit = 262_144
    static let title = "sysgenid-overseer 1"
    static let end = "end"

    /// - Parameter boot: which boot of the system it is for, since moments are no longer than that.
    func text(boot: String) -> String {
        var lines = [
            Self.title, "boot \(boot)", "stage \(stage.rawValue)",
            "change \(change.generation) \(change.since) \(change.cause.rawValue) \(change.began)",
            "watchers \(change.watchers.all) \(change.watchers.tracked) \(change.watchers.outdated)",
        ]
        if let milliseconds = change.milliseconds { lines.append("took \(milliseconds)") }
        if let reseed = change.reseed {
            let sources = reseed.sources.isEmpty ? "-" : reseed.sources.joined(separator: ",")
            let taken = reseed.isTaken ? "taken" : "failed"
            lines.append("reseed \(reseed.generation) \(taken) \(sources) \(reseed.remark ?? "")")
        }
        lines += change.hooks.map { "hook \($0.recordText)" }
        if let quiescence {
            lines.append("quiescence \(quiescence.began) \(quiescence.milliseconds)")
            lines += quiescence.hooks.map { "quiesced \($0.recordText)" }
        }
        switch failure {
        case .hook(let hook)?: lines.append("failure hook \(hook.recordText)")
        case .tooLate(let hook, let milliseconds)?: lines.append("failure late \(milliseconds) \(hook)")
        case .watchersOutdated(let processes)?: lines += processes.map { "failure process \($0)" }
        case .notReseeded(let remark)?: lines.append("failure reseed \(remark)")
        case nil: break
        }
        if let process { lines.append("process \(process.id) \(process.startTime)") }
        lines += announced.map { "announced \($0.generation) \($0.entropy.word) \($0.identity)" }
        lines.append(Self.end)
        return lines.map { $0.split(whereSeparator: \.isNewline).joined(separator: " ") + "\n" }.joined()
    }
}

extension HookResult {
    fileprivate var recordText: String {
        let word = isOptional ? "optional" : "needed"
        return "\(phase.rawValue) \(outcome.rawValue) \(word) \(status.map(String.init) ?? "-") \(milliseconds) \(name)"
    }
}

extension Announcement.Entropy {
    /// Why it was refused is kept with the reseed only.
    fileprivate var word: String {
        switch self {
        case .none: "none"
        case .taken: "taken"
        case .refused: "refused"
        }
    }
}
