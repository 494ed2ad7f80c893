import Foundation
import TestSupport
import Testing

/// The client of a language, installed into a folder of a test, and how unchanged programs are run with it.
struct ScriptingClient {
    enum Language: String {
        case perl, php, python, ruby

        /// Debian's own, which has Debian's packages.
        var interpreter: String { self == .python ? "/usr/bin/python3" : "/usr/bin/\(rawValue)" }
    }

    let device: TestDevice
    let language: Language
    private let folder: String

    init(_ language: Language, for device: TestDevice) throws {
        (self.device, self.language) = (device, language)
        folder = device.folder + "/client"
        let variable = language.rawValue.uppercased() + "DIR"
        try device.succeed(
            "make", "-C", Built.project.appending(path: "Clients/\(language.rawValue)").path, "install",
            "DESTDIR=\(device.folder)", "\(variable)=/client")
    }

    /// A program among the client's own tests.
    func program(_ name: String) -> String {
        Built.project.appending(path: "Clients/\(language.rawValue)/test/\(name)").path
    }

    /// Starts a program as it is.
    func runWithout(_ words: String...) throws -> RunningProgram {
        try device.run(language.interpreter, words)
    }

    /// Starts it with the client.
    func run(_ words: String..., environment: [String: String] = [:]) throws -> RunningProgram {
        let all = self.environment.merging(environment) { $1 }
        switch language {
        case .python: return try device.run(language.interpreter, ["-m", "sysgenid.auto"] + words, environment: all)
        case .perl, .ruby: return try device.run(language.interpreter, words, environment: all)
        case .php:
            let prepended = ["-d", "auto_prepend_file=\(folder)/SysGenID/auto.php"]
            return try device.run(
                "sysgenidctl",
                ["--device", device.path, "run", "--signal", "URG", "--", language.interpreter] + prepended + words,
                environment: all)
        }
    }

    var environment: [String: String] {
        let own: [String: String] =
            switch language {
            case .python: ["PYTHONPATH": folder, "PYTHONDONTWRITEBYTECODE": "1"]
            case .perl: ["PERL5LIB": folder, "PERL5OPT": "-MSysGenID::Auto"]
            case .ruby: ["RUBYLIB": folder, "RUBYOPT": "-rsysgenid/auto"]
            case .php: [:]
            }
        let device = ["SYSGENID_DEVICE": device.path, "SYSGENID_RUNTIME_DIR": device.runtimeDirectory]
        return own.merging(device) { $1 }
    }

    /// Has a program draw once, and two copies of it draw when both are there and something has happened.
    ///
    /// - Parameter isSeenByThreads: whether threads see what happens, and are waited for.
    func copies(
        of program: RunningProgram, isSeenByThreads: Bool = false, after event: () throws -> Void
    ) throws -> TestDevice.Copies {
        // Those of Python say when they are there.
        let first = language == .python ? 3 : 1
        try waitUntil("the first draw", details: { program.text }) { program.lines.count >= first }
        try event()
        if isSeenByThreads { try waitForThreads() }
        for _ in 1...2 { try program.send("draw") }
        #expect(try program.exitCode() == 0, "\(program.text)")
        let draws = program.lines.filter { $0 != "ready" }
        try #require(draws.count == 3, "\(program.text)")
        #expect(draws[1] != draws[0])
        return TestDevice.Copies(first: draws[1], second: draws[2])
    }

    /// Waits until no open file of the device is outdated: each thread opens another one when it has renewed all.
    private func waitForThreads() throws {
        let other = try device.client("interact")
        defer { other.end() }
        try other.waitFor("ready")
        try other.awaitAnswer("0", to: "outdated")
    }
}
