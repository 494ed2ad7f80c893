import Testing

@testable import SysGenIDDaemon

/// That a plain command line is read as any other, and that none is taken for plain that is not. The library asks the
/// process for the configuration, so these go one after the other.
@Suite(.serialized) struct CommandLineReadingTests {
    @Test(
        arguments: [
            [], ["--device", "/dev/a"], ["--device=/dev/a", "--check"], ["--vmclock-cover", "nonsense"], ["--nonsense"],
            ["--"],
        ] as [[String]])
    func optionsAloneArePlain(_ arguments: [String]) {
        #expect(DaemonCommand.isPlain(arguments))
    }

    @Test(arguments: [
        ["-h"], ["--help"], ["--help-hidden"], ["--version"], ["--generate-completion-script", "bash"],
        ["--generate-completion-script=zsh"], ["--experimental-dump-help"], ["---completion", "--", "--mode"],
        ["--device", "-h"], ["-xh"], ["-"], ["--check", "--help"],
    ])
    func whatTheLibraryAnswersIsNotPlain(_ arguments: [String]) {
        #expect(!DaemonCommand.isPlain(arguments))
        #expect(answer(to: arguments) == wholeAnswer(to: arguments))
    }

    @Test(arguments: [
        ["--nonsense"], ["--mode", "9"], ["--mode"], ["one"], ["--backend", "other"], ["--backend", "file"],
        ["--max-watchers", "0"], ["--device="], ["--", "--help"], ["--json"],
    ])
    func whatIsWrongIsToldAsEver(_ arguments: [String]) {
        let told = answer(to: arguments)
        #expect(told != nil)
        #expect(told == wholeAnswer(to: arguments))
    }

    @Test func aPlainCommandLineHasItsValues() throws {
        let arguments = ["--device", "/dev/a", "--max-watchers=7", "--vmclock", "/dev/b", "--vmclock-cover"]
        let command = try #require(try DaemonCommand.read(arguments) as? DaemonCommand)
        #expect(command.device == "/dev/a")
        #expect(command.maxWatchers.value == 7)
        #expect(command.vmclock == "/dev/b")
        #expect(command.vmclockCover)
        #expect(!command.check)
    }

    /// What is written; nil where the command would run.
    private func answer(to arguments: [String]) -> String? {
        do {
            let command = try DaemonCommand.read(arguments)
            return command is DaemonCommand ? nil : "\(type(of: command))"
        } catch {
            return DaemonCommand.fullMessage(for: error)
        }
    }

    private func wholeAnswer(to arguments: [String]) -> String? {
        do {
            let command = try DaemonCommand.parseAsRoot(arguments)
            return command is DaemonCommand ? nil : "\(type(of: command))"
        } catch {
            return DaemonCommand.fullMessage(for: error)
        }
    }
}
