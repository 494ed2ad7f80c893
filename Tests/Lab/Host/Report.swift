import Foundation
import Synchronization

/// How a test ended on a kernel.
struct TestResult: Sendable {
    var name: String
    var kernel: String
    var seconds: Double
    var outcome: Outcome
    /// What the guest has reported to be compared.
    var values: Comparison.Values = [:]

    enum Outcome: Sendable {
        /// With what the guest measured, a line each.
        case passed(checks: Int, figures: [String])
        /// With what is wrong, and the folder that tells more.
        case failed([String], String)
    }

    var hasFailed: Bool {
        if case .failed = outcome { true } else { false }
    }

    var lines: [String] {
        let rest = "\(kernel.padded(to: 6))\(name.padded(to: 40))\(String(format: "%5.1f", seconds)) s"
        switch outcome {
        case .passed(let checks, let figures):
            return ["ok    \(rest)  \(checks) checks"] + figures.map { "          \($0)" }
        case .failed(let complaints, let folder):
            return ["FAIL  \(rest)  see \(folder)"] + complaints.map { "          \($0)" }
        }
    }
}

/// Prints results as they come, from any thread, and counts them.
final class Report: Sendable {
    private let ended = Mutex((passed: 0, failed: [TestResult]()))

    func add(_ result: TestResult) {
        ended.withLock { ended in
            if result.hasFailed { ended.failed.append(result) } else { ended.passed += 1 }
            result.lines.forEach { print($0) }
            fflush(nil)
        }
    }

    var hasFailures: Bool { ended.withLock { !$0.failed.isEmpty } }

    /// How many passed and failed, and what failed once more: a hundred results may stand between it and the end.
    var summary: [String] {
        ended.withLock { ended in
            ended.failed.flatMap { $0.lines.prefix(4) } + ["\(ended.passed) passed, \(ended.failed.count) failed"]
        }
    }
}

extension String {
    /// With spaces behind it, and one at least.
    func padded(to width: Int) -> String {
        self + String(repeating: " ", count: max(1, width - count))
    }
}
