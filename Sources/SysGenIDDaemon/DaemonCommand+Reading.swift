public import ArgumentParser
internal import SysGenIDSystem

// What the argument library looks for on every command line besides the options takes as long as the options: whether help,
// the version or a script for a shell is asked for. For the script alone it makes two commands more.

extension DaemonCommand {
    /// Reads the program's command line, and does what it says.
    public static func start() {
        do {
            var command = try read(Array(CommandLine.arguments.dropFirst()))
            try command.run()
        } catch {
            exit(withError: error)
        }
    }

    /// The command of a command line. One that is not plain, or that is wrong, is read with all that the library knows.
    static func read(_ arguments: [String]) throws -> any ParsableCommand {
        if isPlain(arguments) {
            isReadingPlainly.withLock { $0 = true }
            defer { isReadingPlainly.withLock { $0 = false } }
            if let command = try? parseAsRoot(arguments) { return command }
        }
        return try parseAsRoot(arguments)
    }

    /// Whether nothing but options can be meant: each word with a dash begins with two, and with none of the library's own.
    static func isPlain(_ arguments: [String]) -> Bool {
        arguments.allSatisfy { argument in
            !argument.hasPrefix("-")
                || argument.hasPrefix("--") && !ofTheLibrary.contains(where: argument.hasPrefix)
        }
    }

    private static let ofTheLibrary = ["---", "--help", "--version", "--generate-", "--experimental-"]

    private static let isReadingPlainly = Lock(false)

    /// What there is to know of the command, or as little as a plain command line takes.
    public static var configuration: CommandConfiguration {
        isReadingPlainly.withLock(\.self) ? optionsAlone : description
    }

    /// Without names for help and with the name of another program before its own, the library looks for options alone.
    private static let optionsAlone = CommandConfiguration(
        commandName: description.commandName, _superCommandName: "", helpNames: [])
}
