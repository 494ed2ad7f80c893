import SysGenID
import SysGenIDSystem

// The record as it is kept, read again.

extension Readiness.Record {
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
        var draft = Draft()
        for var line in lines {
            guard draft.take(&line) else { return nil }
        }
        // Whatever else reads as the same was written by somebody else.
        guard let record = draft.record, record.text(boot: boot) == text else { return nil }
        self = record
    }
}

/// What the lines have said so far.
private struct Draft {
    var stage: Readiness.Stage?
    var change: Readiness.Change?
    var failure: Failure?
    var quiescence: Readiness.Quiescence?
    var process: ProcessMark?
    var announced: [Announcements.Known] = []

    /// - Returns: false where the line says nothing that a record does.
    mutating func take(_ line: inout Fields) -> Bool {
        switch line.word() {
        case "stage":
            guard let value = Readiness.Stage(rawValue: line.rest), stage == nil else { return false }
            stage = value
        case "change":
            guard let value = Readiness.Change(&line), change == nil else { return false }
            change = value
        case "watchers":
            guard let all: Int = line.number(), let tracked: Int = line.number(), let outdated: Int = line.number()
            else { return false }
            change?.watchers = WatcherCount(all: all, tracked: tracked, outdated: outdated)
        case "took":
            guard let value: Int = line.number() else { return false }
            change?.milliseconds = value
        case "reseed":
            guard let value = Reseed(&line) else { return false }
            change?.reseed = value
        case "hook":
            guard let value = HookResult(&line) else { return false }
            change?.hooks.append(value)
        case "quiescence":
            guard let began: UInt64 = line.number(), let time: Int = line.number() else { return false }
            quiescence = Readiness.Quiescence(began: began, milliseconds: time)
        case "quiesced":
            guard let value = HookResult(&line) else { return false }
            quiescence?.hooks.append(value)
        case "failure":
            guard let value = Failure(&line, after: failure) else { return false }
            failure = value
        case "process":
            guard let id: Int32 = line.number(), id > 1, let time: UInt64 = line.number() else { return false }
            process = ProcessMark(id: id, startTime: time)
        case "announced":
            guard let value = Announcements.Known(&line) else { return false }
            announced.append(value)
        default: return false
        }
        return true
    }

    /// nil where something is missing, or does not go together.
    var record: Readiness.Record? {
        guard let stage, let change, (failure != nil) == [.failing, .failed].contains(stage),
            quiescence != nil || ![.quiescing, .quiesced].contains(stage),
            change.milliseconds != nil || ![.ready, .quiescing, .quiesced].contains(stage)
        else { return nil }
        return Readiness.Record(
            stage: stage, change: change, failure: failure, quiescence: quiescence, process: process,
            announced: announced)
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
