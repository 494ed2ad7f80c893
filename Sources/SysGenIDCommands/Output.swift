import FoundationEssentials
import SysGenIDSystem

/// What the commands print.
enum Output {
    /// Prints a line to standard output, whole and at once.
    static func print(_ line: String) throws(CommandFailure) {
        do {
            try StandardStream.output.writeWhole("\(line)\n")
        } catch {
            throw CommandFailure(
                event: "cannot write to the standard output", advice: "see whether there is room where it goes")
        }
    }

    /// Prints the line of a failure to standard error, where nothing can be done if that fails too.
    static func report(_ failure: CommandFailure) {
        StandardStream.error.write("\(failure.line)\n")
    }

    /// One fact a line, the values aligned.
    static func aligned(_ facts: [(label: String, value: String)]) -> [String] {
        let width = facts.map(\.label.count).max() ?? 0
        return facts.map { label, value in
            "\(label):\(String(repeating: " ", count: width - label.count))  \(value)"
        }
    }

    /// The moment in UTC, to the millisecond, as RFC 3339 writes it.
    static func timestamp(_ moment: Date) -> String {
        moment.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
    }
}
