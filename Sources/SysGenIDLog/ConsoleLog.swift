public import Logging
public import SysGenIDSystem

/// Makes a line of each log message, for standard error: with the program's name and the level in words for a person, with
/// the level as a number for the journal, see sd-daemon(3).
public struct ConsoleLog: LogHandler {
    public var metadata: Logger.Metadata = [:]
    public var logLevel: Logger.Level
    private let program: String
    private let writer: LogWriter

    /// A logger of the program's.
    ///
    /// - Parameter writer: the one that `writer(for:)` has made for the same program.
    public static func logger(for program: String, level: Logger.Level, to writer: LogWriter) -> Logger {
        Logger(label: program) { _ in ConsoleLog(for: program, level: level, to: writer) }
    }

    init(for program: String, level: Logger.Level, to writer: LogWriter) {
        self.program = program
        logLevel = level
        self.writer = writer
    }

    /// Where the lines of a program go.
    public static func writer(for program: String) throws(SystemCallFailure) -> LogWriter {
        try LogWriter { leftOut in
            line("\(leftOut) lines of the log were left out here, since they could not be written", .warning, program)
        }
    }

    public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    public func log(event: LogEvent) {
        writer.add(Self.line(event.message.description, event.level, program))
    }
}

extension ConsoleLog {
    private static let isJournal = Surroundings.variable("JOURNAL_STREAM") != nil

    private static func line(_ text: String, _ level: Logger.Level, _ program: String) -> String {
        let text = inOneLine(text)
        return isJournal ? "<\(level.priority)>\(text)\n" : "\(program): \(level.label)\(text)\n"
    }

    /// The text in one line. To look for the line ends of all scripts takes long, and hardly any text has one.
    private static func inOneLine(_ text: String) -> String {
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
