import Testing

@testable import SysGenIDDaemon

/// That a plain command line, which is read without the argument library, is read as by it, and that all others are left
/// to it.
struct CommandLineReadingTests {
    /// Each option that says how to serve, with a value that is not its default.
    private static let options = [
        ("--frontend", "kernel"), ("--device", "/dev/a"), ("--mount-namespace", "/proc/1/ns/mnt"), ("--mode", "0600"),
        ("--group", "nogroup"), ("--backend", "qemu-fw-cfg"), ("--backend-file", "/tmp/id"), ("--system-root", "/mnt"),
        ("--poll-interval", "10"), ("--runtime-dir", "/run/a"), ("--max-watchers", "7"), ("--devices-dir", "/run/b"),
        ("--max-containers", "0"), ("--vmclock", "/dev/b"), ("--log-level", "debug"),
    ]

    /// What the library makes of a command line; nil where it does not serve by it.
    private func library(_ arguments: [String]) -> Configuration? {
        guard let command = try? DaemonCommand.parseAsRoot(arguments) as? DaemonCommand, !command.check else {
            return nil
        }
        return command.asked
    }

    private func text(_ configuration: Configuration?) -> String { configuration.map { "\($0)" } ?? "" }

    @Test(arguments: options)
    func eachOptionThatServesIsPlain(name: String, value: String) throws {
        let usual = text(Configuration())
        for arguments in [[name, value], ["\(name)=\(value)"], ["--vmclock-cover", "--vmclock=/c", name, value]] {
            // A backend that needs no file does not take one.
            let arguments = arguments + (name == "--backend-file" ? ["--backend", "file"] : [])
            let plain = try #require(Configuration(plainArguments: arguments))
            #expect(text(plain) == text(library(arguments)))
            #expect(text(plain) != usual)
        }
    }

    /// An option that is added is read plainly, too, or is named here.
    @Test func theOptionsAreThoseOfTheHelp() {
        let words = DaemonCommand.helpMessage().split { " ,\n".contains($0) }
        let named = Set(words.filter { $0.hasPrefix("--") && !$0.contains { "./':)".contains($0) } }.map(String.init))
        let plain = Self.options.map(\.0) + ["--vmclock-cover"]
        #expect(named.subtracting(plain) == ["--check", "--json", "--help", "--version"])
    }

    @Test func withoutAnyWordAllIsAsUsual() {
        #expect(text(Configuration(plainArguments: [])) == text(Configuration()))
        #expect(text(library([])) == text(Configuration()))
    }

    @Test(
        arguments: [
            ["-h"], ["--help"], ["--version"], ["--check"], ["--check", "--json"],
            ["--generate-completion-script", "bash"],
            ["--experimental-dump-help"], ["---completion", "--", "--mode"], ["-"], ["--"], ["--", "--help"], [""],
            ["one"], ["--device", "/dev/a", "one"], ["--device"], ["--device", "-h"], ["--device", ""], ["--device="],
            ["--nonsense"], ["--mode", "9"], ["--mode", "1777"], ["--backend", "other"], ["--backend", "file"],
            ["--backend", "vmclock", "--backend-file", "/tmp/id"], ["--max-watchers", "0"], ["--max-watchers", "x"],
            ["--max-watchers", "9223372036854775807"], ["--poll-interval", "9"], ["--max-containers", "32769"],
            ["--poll-interval", "99999999999"], ["--vmclock-cover"], ["--vmclock-cover=yes", "--vmclock", "/c"],
            ["--log-level", "loud"], ["--devic", "/dev/a"], ["-device", "/dev/a"], ["--device", "--device", "/dev/a"],
        ] as [[String]])
    func allElseIsLeftToTheLibrary(_ arguments: [String]) {
        #expect(text(Configuration(plainArguments: arguments)).isEmpty)
    }

    @Test(arguments: [
        ["--max-watchers", "9223372036854775807"], ["--backend", "file"], ["--device", ""], ["--json"],
    ])
    func whatIsWrongIsSaidByTheLibrary(_ arguments: [String]) {
        #expect(throws: (any Error).self) { try DaemonCommand.parseAsRoot(arguments) }
    }

    /// Words of all kinds in any order: what is read plainly is what the library reads.
    @Test func whatIsPlainIsWhatTheLibraryReads() {
        let odd = [
            "", "-", "--", "=", "x", "-1", "--check", "--vmclock-cover", "--mode=", "--mode=0777=", "é", "=\u{301}",
        ]
        let words = Self.options.flatMap { [$0.0, $0.1, "\($0.0)=\($0.1)", "\($0.0)=-"] } + odd
        var plainCount = 0
        for _ in 0..<4_000 {
            var arguments: [String] = []
            for _ in 0..<Int.random(in: 1...4) {
                let option = Self.options.randomElement()!
                arguments += Bool.random() ? [option.0, option.1] : [words.randomElement()!]
            }
            guard let plain = Configuration(plainArguments: arguments) else { continue }
            plainCount += 1
            #expect(text(plain) == text(library(arguments)), "\(arguments)")
        }
        #expect(plainCount > 100)
    }
}
