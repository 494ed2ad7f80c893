internal import Logging
internal import SysGenIDSystem

/// Writes log messages to standard error, one line each: with the level in words for a person, with the
/// level as a number for the journal, see sd-daemon(3).
struct ConsoleLog: LogHandler {
    var metadata: Logger.Metadata = [:]
    var logLevel: Logger.Level
    private let isJournal = Surroundings.variable("JOURNAL_STREAM") != nil

    init(level: Logger.Level) {
        logLevel = level
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let text = Self.line(event.message.description)
        let line = isJournal ? "<\(event.level.priority)>\(text)\n" : "sysgenidd: \(event.level.label)\(text)\n"
        StandardStream.error.write(line)
    }
}

extension ConsoleLog {
    /// The text in one line. To look for the line ends of all scripts takes long, and hardly any text has one.
    private static func line(_ text: String) -> String {
        guard !text.utf8.allSatisfy({ (0x20...0x7e).contains($0) }) else { return text }
        return text.split(whereSeparator: \.isNewline).joined(separator: " ")
    }
}

extension Logger.Level {
    /// The priority of syslog(3).
    fileprivate var priority: Int {
        switch self {
        case .trace, .debug: 7
        case .info: 6
        case .notice: 5
        case .warning: 4
        case .error: 3
        case .critical: 2
        }
    }

    fileprivate var label: String {
        switch self {
        case .info, .notice: ""
        default: "\(rawValue): "
        }
    }
}
