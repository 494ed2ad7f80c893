import SysGenID
import SysGenIDSystem

// The record as it is kept: a line for each fact, and a last one that says that it is whole.

extension Readiness.Record {
    /// How long a record may be, in bytes.
    static let sizeLimit = 262_144
    private static let title = "sysgenid-overseer 1"
    private static let end = "end"

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

    /// Reads a record; nil where it is none, of another boot, or damaged.
    init?(_ contents: [UInt8], boot: String) {
        guard contents.count <= Self.sizeLimit, let text = String(validating: contents, as: UTF8.self) else {
            return nil
        }
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(Fields.init)
        // A whole text ends with the end of a line.
        guard lines.count > 4, lines.removeLast().rest.isEmpty, lines.removeLast().rest == Self.end,
            lines.removeFirst().rest == Self.title, lines.removeFirst().rest == "boot \(boot)"
        else { return nil }
        var stage: Readiness.Stage?
        var change: Readiness.Change?
        var failure: Failure?
        var quiescence: Readiness.Quiescence?
        var process: ProcessMark?
        var announced: [Announcements.Known] = []
        for var line in lines {
            switch line.word() {
            case "stage":
                guard let value = Readiness.Stage(rawValue: line.rest), stage == nil else { return nil }
                stage = value
            case "change":
                guard let value = Readiness.Change(&line), change == nil else { return nil }
                change = value
            case "watchers":
                guard let all: Int = line.number(), let tracked: Int = line.number(), let outdated: Int = line.number()
                else { return nil }
                change?.watchers = WatcherCount(all: all, tracked: tracked, outdated: outdated)
            case "took":
                guard let value: Int = line.number() else { return nil }
                change?.milliseconds = value
            case "reseed":
                guard let value = Reseed(&line) else { return nil }
                change?.reseed = value
            case "hook":
                guard let value = HookResult(&line) else { return nil }
                change?.hooks.append(value)
            case "quiescence":
                guard let began: UInt64 = line.number(), let time: Int = line.number() else { return nil }
                quiescence = Readiness.Quiescence(began: began, milliseconds: time)
            case "quiesced":
                guard let value = HookResult(&line) else { return nil }
                quiescence?.hooks.append(value)
            case "failure":
                guard let value = Failure(&line, after: failure) else { return nil }
                failure = value
            case "process":
                guard let id: Int32 = line.number(), id > 1, let time: UInt64 = line.number() else { return nil }
                process = ProcessMark(id: id, startTime: time)
            case "announced":
                guard let value = Announcements.Known(&line) else { return nil }
                announced.append(value)
            default: return nil
            }
        }
        guard let stage, let change, (failure != nil) == [.failing, .failed].contains(stage),
            quiescence != nil || ![.quiescing, .quiesced].contains(stage),
            change.milliseconds != nil || ![.ready, .quiescing, .quiesced].contains(stage)
        else { return nil }
        self.init(
            stage: stage, change: change, failure: failure, quiescence: quiescence, process: process,
            announced: announced)
        // Whatever else reads as the same was written by somebody else.
        guard self.text(boot: boot) == text else { return nil }
    }
}

/// What is left to be read of a line: words with one space between them, and then a text.
private struct Fields {
    private(set) var text: Substring

    init(_ text: Substring) {
        self.text = text
    }

    var rest: String { String(text) }

    mutating func word() -> Substring {
        let word = text.prefix { $0 != " " }
        text = text.dropFirst(word.count + 1)
        return word
    }

    mutating func number<Value: FixedWidthInteger>() -> Value? {
        Value(word()).flatMap { $0 >= 0 ? $0 : nil }
    }

    mutating func generation() -> Generation? { number().map(Generation.init(rawValue:)) }
}

extension Readiness.Change {
    fileprivate init?(_ line: inout Fields) {
        guard let generation = line.generation(), let since = line.generation(),
            let cause = Cause(rawValue: String(line.word())), let began: UInt64 = line.number()
        else { return nil }
        self.init(generation: generation, cause: cause, began: began, since: since)
    }
}

extension Reseed {
    fileprivate init?(_ line: inout Fields) {
        guard let generation = line.generation() else { return nil }
        let (taken, sources) = (line.word(), line.word())
        guard ["taken", "failed"].contains(taken) else { return nil }
        self.init(
            generation: generation, isTaken: taken == "taken",
            sources: sources == "-" ? [] : sources.split(separator: ",").map(String.init),
            remark: line.rest.isEmpty ? nil : line.rest)
    }
}

extension HookResult {
    fileprivate var recordText: String {
        let word = isOptional ? "optional" : "needed"
        return "\(phase.rawValue) \(outcome.rawValue) \(word) \(status.map(String.init) ?? "-") \(milliseconds) \(name)"
    }

    fileprivate init?(_ line: inout Fields) {
        let (phase, outcome, word, status) = (line.word(), line.word(), line.word(), line.word())
        guard let phase = Phase(rawValue: String(phase)), let outcome = Outcome(rawValue: String(outcome)),
            ["optional", "needed"].contains(word), status == "-" || Int32(status) != nil,
            let milliseconds: Int = line.number(), !line.rest.isEmpty
        else { return nil }
        self.init(
            name: line.rest, phase: phase, isOptional: word == "optional", outcome: outcome, status: Int32(status),
            milliseconds: milliseconds)
    }
}

extension Failure {
    /// - Parameter other: what the lines before have said: processes are told one a line.
    fileprivate init?(_ line: inout Fields, after other: Failure?) {
        switch (line.word(), other) {
        case ("hook", nil):
            guard let hook = HookResult(&line) else { return nil }
            self = .hook(hook)
        case ("late", nil):
            guard let milliseconds: Int = line.number(), !line.rest.isEmpty else { return nil }
            self = .tooLate(hook: line.rest, milliseconds: milliseconds)
        case ("process", nil): self = .watchersOutdated(processes: [line.rest])
        case ("process", .watchersOutdated(let processes)?):
            self = .watchersOutdated(processes: processes + [line.rest])
        case ("reseed", nil): self = .notReseeded(remark: line.rest)
        default: return nil
        }
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

extension Announcements.Known {
    fileprivate init?(_ line: inout Fields) {
        guard let generation = line.generation() else { return nil }
        let word = line.word()
        guard !line.rest.isEmpty else { return nil }
        let entropy: Announcement.Entropy
        switch word {
        case "none": entropy = .none
        case "taken": entropy = .taken
        case "refused": entropy = .refused("the kernel had not taken the host's bytes")
        default: return nil
        }
        self.init(identity: line.rest, generation: generation, entropy: entropy)
    }
}
