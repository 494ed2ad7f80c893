import Foundation
import TestSupport
import Testing

/// The manual says what the programs say of themselves: all of it, and no more.
@Suite struct Manual {
    static let pages = [
        "sysgenid.4", "sysgenidd.8", "sysgenid-overseerd.8", "sysgenidctl.1", "sysgenid-conformance.1",
    ]

    @Test(
        arguments: [
            ("sysgenidd", "sysgenidd.8"), ("sysgenid-overseerd", "sysgenid-overseerd.8"),
            ("sysgenid-conformance", "sysgenid-conformance.1"),
        ])
    func theOptionsAreThoseOfTheHelp(_ program: String, _ name: String) throws {
        let (help, page) = (try help(of: program), try ManualPage(name))
        #expect(help.options.count > 5)
        expectSame(page.options(in: "OPTIONS"), help.options)
        #expect(page.synopsis == synopsis(help))
    }

    @Test func theCommandsAndTheirOptionsAreThoseOfTheHelp() throws {
        let (help, page) = (try help(of: "sysgenidctl"), try ManualPage("sysgenidctl.1"))
        #expect(help.subcommands.count == 11)
        #expect(page.subsections(of: "COMMANDS") == help.subcommands)
        let common = page.options(in: "OPTIONS")
        expectSame(common, help.options)
        var synopsis = synopsis(help)
        for command in help.subcommands {
            let own = try self.help(of: "sysgenidctl", [command])
            let nested = try own.subcommands.map { try self.help(of: "sysgenidctl", [command, $0]) }
            let options = nested.map(\.options).reduce(own.options) { $0.merging($1) { $1 } }
            expectSame(page.options(in: command).merging(common) { $1 }, options)
            for help in [own] + nested { synopsis.formUnion(self.synopsis(help)) }
            for name in own.subcommands { #expect(page.items("Cm", in: command).contains(name)) }
        }
        #expect(page.synopsis == synopsis)
    }

    @Test func theRequestsAreThoseOfTheHeader() throws {
        let header = try String(
            contentsOf: Built.project.appending(path: "Sources/CSysGenID/include/linux/sysgenid.h"), encoding: .utf8)
        let requests = header.matches(of: /#define (\w+) _IO\(/).map { String($0.output.1) }
        #expect(requests.count == 6)
        #expect(try ManualPage("sysgenid.4").items("Dv") == Set(requests))
    }

    @Test(.needsProgram("/usr/bin/mandoc"), arguments: pages)
    func mandocHasNothingToSay(_ name: String) throws {
        let lint = try RunningProgram("/usr/bin/mandoc", ["-T", "lint", ManualPage.folder.appending(path: name).path])
        _ = try lint.exitCode()
        // Which other manuals are installed is not the page's matter.
        #expect(lint.lines.filter { !$0.contains("referenced manual not found") && !$0.contains("mandoc.db") } == [])
    }

    @Test(.needsProgram("/usr/bin/man"), arguments: pages)
    func groffHasNothingToSay(_ name: String) throws {
        let man = try RunningProgram(
            "/bin/sh",
            ["-c", "man --warnings -E UTF-8 -l -Tutf8 -Z \"$0\" 2>&1 >/dev/null", ManualPage.folder.path + "/\(name)"],
            environment: ["LC_ALL": "C.UTF-8"])
        #expect(try man.exitCode() == 0)
        #expect(man.text == "")
    }

    @Test func allPagesAreChecked() throws {
        #expect(try Set(FileManager.default.contentsOfDirectory(atPath: ManualPage.folder.path)) == Set(Self.pages))
    }

    private func help(of program: String, _ arguments: [String] = []) throws -> HelpText {
        let running = try RunningProgram(
            Built.path(of: program), arguments + ["--help"], environment: ["COLUMNS": "80"])
        #expect(try running.exitCode() == 0)
        return HelpText(running.text)
    }

    /// All options but those that every program has.
    private func synopsis(_ help: HelpText) -> Set<String> {
        Set(
            help.options.filter { !["help", "version"].contains($0.key) }
                .map { name, entry in "[--" + name + (entry.value.map { " <" + $0 + ">" } ?? "") + "]" })
    }

    /// The same options with the same values; and whatever the help says of values and defaults, the page says, too.
    private func expectSame(_ page: Options, _ help: Options, sourceLocation: SourceLocation = #_sourceLocation) {
        #expect(page.mapValues(\.value) == help.mapValues(\.value), sourceLocation: sourceLocation)
        for (name, entry) in help {
            let values = entry.text.firstMatch(of: /\(values: ([^;)]+)/)?.output.1.split(separator: ", ") ?? []
            let standard = entry.text.firstMatch(of: /default: ([^,)]+)/).map { [$0.output.1] } ?? []
            for word in values + standard {
                let isSaid = page[name]?.text.contains(word) == true
                #expect(isSaid, "--\(name): the page does not say '\(word)'", sourceLocation: sourceLocation)
            }
        }
    }
}

extension EndToEnd {
    @Suite struct PublishedFiles {
        @Test func allAreInTheManual() throws {
            let device = try TestDevice()
            defer { device.end() }
            try device.serve()
            let files = try FileManager.default.contentsOfDirectory(atPath: device.runtimeDirectory)
            #expect(files.count > 5)
            #expect(try Set(files).subtracting(ManualPage("sysgenidd.8").paths) == [])
        }
    }
}

extension Trait where Self == ConditionTrait {
    /// A program of another package. With SYSGENID_REQUIRE_ALL=1 the test runs without it, and fails.
    static func needsProgram(_ path: String) -> Self {
        .enabled(if: Machine.requiresAll || access(path, X_OK) == 0, "needs \(path)")
    }
}
