import Logging
import SysGenIDSystem

/// Keeps what is logged.
final class KeptLines: Sendable {
    private let lines = Lock<[String]>([])

    /// Each line with its level before it.
    var all: [String] { lines.withLock(\.self) }

    var logger: Logger { Logger(label: "test") { _ in Keeper(lines: self) } }

    private struct Keeper: LogHandler {
        let lines: KeptLines
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.info

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            lines.lines.withLock { $0.append("\(event.level): \(event.message)") }
        }
    }
}
