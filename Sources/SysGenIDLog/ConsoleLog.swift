public import Logging
internal import SysGenIDSystem

/// Makes a line of each log message, for standard error: with the program's name and the level in words for a person, with
/// the level as a number for the journal, see sd-daemon(3).
public struct ConsoleLog: LogHandler {
    public var metadata: Logger.Metadata = [:]
    public var logLevel: Logger.Level
    private let program: String
    private let writer: LogWriter

    /// Does what a program does, from its start to its end, and writes what is left of its log then.
    ///
    /// - Parameter body: gets the writer that has not begun yet. What it throws is the last line.
    /// - Returns: the exit code that `body` returns; 1 where it throws, or there can be no log.
    public static func run(
        _ program: String, level: Logger.Level, _ body: (Logger, LogWriter) throws -> Int32
    ) -> Int32 {
        let writer: LogWriter
        do throws(SystemCallFailure) {
            writer = try Self.writer(for: program)
        } catch {
            StandardStream.error.write("\(program): error: \(error)\n")
            return 1
        }
        // Longer than any reader takes that reads at all, and shorter than a service manager waits for the end.
        defer { writer.finish(within: 5_000) }
        let logger = Logger(label: program) { _ in ConsoleLog(for: program, level: level, to: writer) }
        do {
            return try body(logger, writer)
        } catch {
            logger.error("\(error)")
            return 1
        }
    }

    private init(for program: String, level: Logger.Level, to writer: LogWriter) {
        self.program = program
        logLevel = level
        self.writer = writer
    }

    /// Where the lines of a program go.
    private static func writer(for program: String) throws(SystemCallFailure) -> LogWriter {
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
