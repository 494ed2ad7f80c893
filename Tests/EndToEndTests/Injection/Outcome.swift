import Foundation
import SysGenIDSystem

/// What came of a call that failed.
enum Outcome: Hashable, Sendable {
    /// The daemon goes on, and all is right after it; with what it has said of it.
    case borne(String)
    /// It has ended with a message.
    case ended(String)
    /// The call did not come this time.
    case notMade
    /// What must never be.
    case wrong(String)

    var kind: String {
        switch self {
        case .borne: "serves"
        case .ended: "ends"
        case .notMade: "not made"
        case .wrong: "WRONG"
        }
    }

    /// What must not come of a failure either: an end of which the message does not say what has failed.
    func checked(against injection: Injection) -> Outcome {
        guard case .ended(let text) = self, injection.result < 0 else { return self }
        let isNamed = ([injection.errorText] + Self.otherNames).contains { text.contains($0) }
        return isNamed ? self : .wrong("the message does not name it: \(text)")
    }

    /// What the messages say of failures that libfuse has met, whose own line names the error, and of a connection that the
    /// kernel has ended, of a file that is none (ELOOP of O_NOFOLLOW), and of a thread without a stack (EAGAIN of
    /// pthread_create(3)), of a lock that another daemon holds (EAGAIN of flock(2)), and of a place that seemed to be taken
    /// and has nothing to mount over (readlink(2) failed).
    private static let otherNames = [
        "libfuse refused to make a session", "libfuse and the kernel did not agree", "was taken away",
        "the kernel ended the connection", "is not a plain file", "pthread_create",
        "another sysgenidd (pid", "leads elsewhere", "is missing: load the kernel's module",
        "may not be opened: start sysgenidd as root",
        "cannot mount the counter file: mount ",
    ]

    var text: String {
        switch self {
        case .borne(let text), .ended(let text), .wrong(let text): text
        case .notMade: ""
        }
    }
}

/// The outcomes of a phase, as they are printed: a line for all errors of a call with which the same comes of it.
final class OutcomeTable: Sendable {
    let phase: String
    private let outcomes = Lock<[Injection: Outcome]>([:])

    init(phase: String) {
        self.phase = phase
    }

    func add(_ injection: Injection, _ outcome: Outcome) {
        outcomes.withLock { $0[injection] = outcome }
    }

    var wrong: [String] {
        outcomes.withLock { $0 }.compactMap { injection, outcome in
            if case .wrong(let text) = outcome { "\(injection): \(text)" } else { nil }
        }.sorted()
    }

    /// How many calls were made to fail.
    var madeCount: Int { outcomes.withLock { $0.values.count { $0 != .notMade } } }

    var text: String {
        struct Row: Hashable { var site, kind: String }
        var rows: [Row: (results: Set<String>, texts: Set<String>)] = [:]
        for (injection, outcome) in outcomes.withLock({ $0 }) {
            let row = Row(site: injection.site, kind: outcome.kind)
            rows[row, default: ([], [])].results.insert(injection.resultName)
            // The error itself stands in the row already.
            let text = outcome.text.replacing(injection.errorText.isEmpty ? "\u{0}" : injection.errorText, with: "…")
            if !text.isEmpty { rows[row]!.texts.insert(text) }
        }
        return rows.sorted { ($0.key.site, $0.key.kind) < ($1.key.site, $1.key.kind) }.map { row, entry in
            let texts = entry.texts.sorted().map { "\n\t\t\($0)" }.joined()
            return "\(phase)\t\(row.site)\t\(row.kind)\t\(entry.results.sorted().joined(separator: " "))\(texts)"
        }.joined(separator: "\n")
    }
}
