import Foundation
import TestSupport
import Testing

extension EndToEnd {
    /// What users without any right can do to the device, and to those who use it: nothing.
    @Suite struct Adversary {
        /// In a view of the files, and with process numbers, of its own.
        private static let container = [
            "/usr/bin/unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc", "/bin/sh", "-c",
            "touch \"$1\"; mount --bind \"$0\" \"$1\"; shift; exec \"$@\"",
        ]

        @Test(arguments: [
            Attack(kernel: .own, seconds: 25), Attack(kernel: .own, seconds: 10, options: ["--changes"]),
            Attack(kernel: .own, seconds: 10, options: ["--container"], isInContainer: true),
            Attack(kernel: .beforePassthrough, seconds: 10),
            Attack(kernel: .beforePassthrough, seconds: 5, options: ["--changes"]),
        ])
        fileprivate func nobodyIsHurt(_ attack: Attack) throws {
            let device = try TestDevice()
            defer { device.end() }
            let daemon = try device.serve(kernel: attack.kernel)
            let options = ["--seconds", "\(attack.seconds)"] + attack.options
            let adversary = try start(device, options, daemon, attack.isInContainer)
            try #require(try adversary.exitCode() == 0, "\(adversary.text)")
            #expect(adversary.lines.last == "nobody was hurt")
            try waitUntil("all are gone") { device.attribute("watchers") == "0" }
            #expect(attack.options.contains("--changes") || device.attribute("generation") == "0")
            print(adversary.lines.suffix(2).first ?? "")
            daemon.signal(SIGTERM)
            #expect(try daemon.exitCode() == 0)
        }

        /// A dozen shares of what the others have left were all of 4,096 watchers.
        @Test func aCrowdOfUsersDoesNotShutRootOut() throws {
            let device = try TestDevice()
            defer { device.end() }
            let daemon = try device.serve("--max-watchers", "4096")
            let adversary = try start(device, ["--crowd"], daemon)
            #expect(try adversary.exitCode() == 0, "\(adversary.text)")
        }

        // That it finds something where there is something.

        @Test func whoStandsStillIsFoundAndFreed() throws {
            let device = try TestDevice()
            defer { device.end() }
            let daemon = try device.serve()
            let adversary = try start(device, ["--seconds", "60", "--only", "fstat"], daemon)
            try adversary.waitFor("seed ")
            daemon.signal(SIGSTOP)
            #expect(try adversary.exitCode() == 1, "\(adversary.text)")
            #expect(
                adversary.text.contains(#/FAIL (the watchdog has been in|client .* has not ended)/#),
                "\(adversary.text)")
            #expect(adversary.text.contains("ended the connection"))
        }

        @Test func aChangeOfSomebodyElseIsFound() throws {
            let device = try TestDevice()
            defer { device.end() }
            let daemon = try device.serve()
            let adversary = try start(device, ["--seconds", "60", "--only", "fstat"], daemon)
            try adversary.waitFor("seed ")
            // Each of the watchdog's looks may fall before or after the change.
            while adversary.isRunning {
                try device.trigger()
                usleep(1_000)
            }
            #expect(try adversary.exitCode() == 1)
            #expect(adversary.text.contains("FAIL the watchdog: "), "\(adversary.text)")
        }

        @Test func aWatcherThatStaysIsFound() throws {
            let device = try TestDevice()
            defer { device.end() }
            let daemon = try device.serve()
            let adversary = try start(device, ["--seconds", "60", "--only", "fstat"], daemon)
            try adversary.waitFor(" watchers before")
            _ = try device.client("read")
            _ = try device.client("read")
            #expect(try adversary.exitCode() == 1)
            #expect(adversary.text.contains(#/FAIL \d+ watchers are counted/#), "\(adversary.text)")
        }

        private func start(
            _ device: TestDevice, _ options: [String], _ daemon: RunningProgram, _ isInContainer: Bool = false
        ) throws -> RunningProgram {
            try device.prefer(daemon.processID)
            let seed = ProcessInfo.processInfo.environment["SYSGENID_SEED"] ?? "1"
            let program = Built.path(of: "adversary")
            let rest = ["--runtime", device.runtimeDirectory, "--seed", seed] + options
            guard isInContainer else { return try device.run(program, [device.path] + rest) }
            let place = device.folder + "/inside"
            return try device.run(
                Self.container[0],
                Array(Self.container.dropFirst()) + [device.path, place, program, place] + rest)
        }
    }
}

/// One run of the adversary.
private struct Attack: CustomTestStringConvertible {
    var kernel: Kernel
    var seconds: Int
    var options: [String] = []
    var isInContainer = false

    var testDescription: String {
        ([kernel.rawValue, "\(seconds) s"] + options + (isInContainer ? ["in a container"] : [])).joined(
            separator: ", ")
    }
}
