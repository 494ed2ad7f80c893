public import ArgumentParser
public import Logging

/// A level of swift-log, on a command line.
///
/// It says all that the argument library asks for: what that makes by itself takes long at each start.
public struct LogLevel: ExpressibleByArgument {
    public var level: Logger.Level

    public init(level: Logger.Level) {
        self.level = level
    }

    public init?(argument: String) {
        guard let level = Logger.Level(rawValue: argument) else { return nil }
        self.level = level
    }

    public var defaultValueDescription: String { level.rawValue }
}
