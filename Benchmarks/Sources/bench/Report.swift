import Foundation

/// The table as Markdown and as JSON.
struct Report: Codable {
    var lines: [Line]
    var kernel: String
    var processor: String
    var rounds: Int
    var isQuick: Bool

    init(lines: [Line], options: Options) {
        self.lines = lines
        (rounds, isQuick) = (options.rounds, options.isQuick)
        kernel = Machine.release
        let processors = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
        processor =
            processors.split(separator: "\n").first { $0.hasPrefix("model name") }?
            .split(separator: ":").last.map { $0.trimmingCharacters(in: .whitespaces) } ?? "unknown"
    }

    var json: Data {
        get throws {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
            return try encoder.encode(self)
        }
    }

    var markdown: String {
        let heading = """
            Linux \(kernel), \(processor); \(rounds) rounds\(isQuick ? ", quick" : "")

            | figure | processors | floor | sysgenidd | ratio | C daemon | its ratio | to reach | |
            |---|---|---:|---:|---:|---:|---:|---:|---|
            """
        return ([heading] + lines.map(Self.row)).joined(separator: "\n")
    }

    private static func row(_ line: Line) -> String {
        func value(_ value: Double?) -> String { value.map { text($0, line.unit) } ?? "" }
        func ratio(_ value: Double?) -> String { value.map { String(format: "%.2f", $0) } ?? "" }
        let goal =
            switch line.goal {
            case .ratio(let limit)?: "≤ \(ratio(limit))"
            case .value(let limit)?: "≤ \(text(limit, line.unit))"
            case nil: ""
            }
        let verdict = line.isMet.map { $0 ? "met" : "**not met**" } ?? ""
        let cells = [
            line.figure, line.processors?.rawValue ?? "", value(line.floor), value(line.sysgenidd), ratio(line.ratio),
            value(line.cDaemon), ratio(line.cRatio), goal, verdict,
        ]
        return "| " + cells.joined(separator: " | ") + " |"
    }

    private static func text(_ value: Double, _ unit: Line.Unit) -> String {
        switch unit {
        case .nanoseconds where value < 100: String(format: "%.2f ns", value)
        case .nanoseconds where value < 1_000_000: String(format: "%.1f µs", value / 1_000)
        case .nanoseconds: String(format: "%.2f ms", value / 1_000_000)
        case .kibibytes: String(format: "%.1f MiB", value / 1_024)
        case .bytes: String(format: "%.0f bytes", value)
        case .percent: String(format: "%.3f %%", value)
        case .factor: String(format: "%.2f", value)
        }
    }
}
