import Foundation
import TestSupport
import Testing

extension EndToEnd {
    /// AWS-LC, a cryptographic library that looks for /dev/sysgenid by itself, in the package `awscrt` for Python.
    @Suite struct Libraries {
        @Test func awsLCIsSeededAnewAfterEachChangeAndOnlyThen() throws {
            let device = try TestDevice()
            defer { device.end() }
            let daemon = try Supervisor(device)
            let library = try Library(device)
            #expect(library.callsAboutTheDevice == ["stat", "openat", "mmap", "close"])
            try library.draw()
            #expect(
                library.looksAtTheVMClock == [],
                "this version looks for a vmclock: see 'What AWS-LC looks at' in docs/clients.md")
            #expect(try library.seedingsWhile { for _ in 1...20 { try library.draw() } } == 0)

            for _ in 1...5 {
                try device.trigger()
                #expect(try library.seedingsWhile { for _ in 1...5 { try library.draw() } } == 1)
            }

            let whileItWasAway = try library.seedingsWhile {
                // As a restart of the service does.
                try daemon.replace(by: SIGUSR1)
                try library.draw()
                try daemon.replace(by: SIGKILL)
                try library.draw()
                try daemon.whileGone { try library.draw() }
                try library.draw()
            }
            #expect(whileItWasAway == 0, "a daemon that ends and comes again is no change")
            try device.trigger()
            #expect(try library.seedingsWhile { for _ in 1...5 { try library.draw() } } == 1, "a successor's change")
            #expect(library.program.isRunning)
            #expect(Set(library.tokens).count == library.tokens.count)
        }

        /// As `systemctl stop` and `start` do. The library never opens the device again.
        @Test func awsLCSeesTheChangesOfADaemonThatWasStartedAnewToo() throws {
            let device = try TestDevice()
            defer { device.end() }
            let daemon = try device.serve()
            let library = try Library(device)
            try library.draw()
            let whileItWasAway = try library.seedingsWhile {
                daemon.signal(SIGTERM)
                #expect(try daemon.exitCode() == 0)
                try library.draw()
                try device.serve()
                try library.draw()
            }
            #expect(whileItWasAway == 0)
            try device.trigger()
            #expect(try library.seedingsWhile { for _ in 1...5 { try library.draw() } } == 1)
        }

        /// The library's own rule: better no bytes than some of which it cannot say to which generation they belong. It
        /// is why an overseer quiesces before it triggers.
        @Test func awsLCEndsTheProcessWhereAChangeComesInTheMiddleOfARequest() throws {
            let device = try TestDevice()
            defer { device.end() }
            try device.serve()
            let endless = "import _awscrt\nprint('ready', flush=True)\nwhile True: _awscrt.ed25519_new_generate()"
            let program = try Library.start(["python3", "-c", endless], device)
            var changes = 0
            while program.isRunning, changes < 5_000 {
                try device.trigger()
                changes += 1
            }
            program.signal(SIGTERM)
            #expect(try program.exitCode() == -SIGABRT, "after \(changes) changes: \(program.text)")
            print("a process that does nothing but draw keys was ended by change \(changes)")
        }
    }
}

/// A program that draws keys from the library, and the system calls that it makes meanwhile.
private final class Library {
    let program: RunningProgram
    private let trace: String

    init(_ device: TestDevice) throws {
        trace = device.folder + "/trace"
        program = try Self.start(
            ["strace", "-qq", "-o", trace, "-e", "trace=stat,openat,mmap,close,getrandom"]
                + [
                    "python3", Built.project.appending(path: "Tests/Lab/Guest/programs/python/tokens.py").path,
                    "aws-lc",
                ],
            device)
    }

    /// Starts a program where the device lies at the one path that the library knows: in a view of the files of its own. The
    /// page of a vmclock is there, too.
    static func start(_ command: [String], _ device: TestDevice) throws -> RunningProgram {
        let packages = Built.project.appending(path: ".build/python").path
        try #require(
            FileManager.default.fileExists(atPath: packages + "/awscrt"),
            "\(packages) is missing: 'make setup-tests' fetches what belongs there")
        let view = """
            set -e
            mkdir "$1/dev"
            mount -t tmpfs private "$1/dev"
            for name in null zero random urandom; do
                touch "$1/dev/$name"
                mount --bind "/dev/$name" "$1/dev/$name"
            done
            touch "$1/dev/sysgenid" "$1/dev/vmclock0"
            mount --bind "$1/sysgenid" "$1/dev/sysgenid"
            mount --bind "$2/vmclock0" "$1/dev/vmclock0"
            mount --rbind "$1/dev" /dev
            shift 2
            exec "$@"
            """
        let program = try device.run(
            "/usr/bin/unshare",
            ["--mount", "/bin/sh", "-c", view, "sh", device.folder, device.devicesDirectory] + command,
            environment: ["PYTHONPATH": packages])
        try program.waitFor("ready\n")
        return program
    }

    var tokens: [String] { Array(program.lines.drop { $0 != "ready" }.dropFirst()) }

    /// Has it make a key.
    func draw() throws {
        let count = tokens.count
        try program.send("")
        try waitUntil("a token", details: { program.text }) { tokens.count > count }
    }

    /// The calls from the first look at the device on, until it is closed.
    var callsAboutTheDevice: [String] {
        let calls = self.calls.drop { !$0.contains("\"/dev/sysgenid\"") }
        let end = calls.firstIndex { $0.hasPrefix("close(") } ?? calls.endIndex
        return calls[..<end].map { String($0.prefix { $0 != "(" }) } + (end < calls.endIndex ? ["close"] : [])
    }

    /// The calls that name a vmclock, which is there to be found.
    var looksAtTheVMClock: [Substring] { calls.filter { $0.contains("vmclock") } }

    /// How often it has asked the kernel for a seed while something is done.
    func seedingsWhile(_ body: () throws -> Void) rethrows -> Int {
        let before = seedings
        try body()
        return seedings - before
    }

    private var seedings: Int { calls.count { $0.hasPrefix("getrandom(") } }
    private var calls: [Substring] {
        ((try? String(contentsOfFile: trace, encoding: .utf8)) ?? "").split(separator: "\n")
    }
}
