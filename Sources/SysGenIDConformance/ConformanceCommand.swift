public import ArgumentParser
internal import CConformanceClients
internal import Glibc

extension Expectation: ExpressibleByArgument {}

/// Runs every row of the interface against a device.
public struct ConformanceCommand: ParsableCommand {
    public static let configuration = CommandConfiguration(
        commandName: "sysgenid-conformance",
        abstract: "Tries every row of the System Generation ID interface on a device.",
        discussion: """
            Prints a line a row and ends with the numbers. The exit code is 0 where no row failed, 1 where one \
            did, and 2 for wrong usage. With SYSGENID_REQUIRE_ALL=1 in the environment, a row that is skipped \
            counts as failed. The rows make many new generations: what listens on the device will react.
            """)

    @Option(help: "The device.")
    var device = "/dev/sysgenid"

    @Option(help: "What kind of device to expect; by default the kind that the path is of.")
    var expect: Expectation?

    @Option(
        help: ArgumentHelp(
            "Try the rows of a page in the layout of a vmclock instead, /dev/vmclock0 or one of the daemon's.",
            discussion: "The device is what makes its changes. Without one, rows are skipped that need a change.",
            valueName: "path"))
    var vmclock: String?

    @Option(help: "How many watchers to open at the same time.")
    var opens = 1_000

    @Option(help: "Run only the rows whose name contains this.")
    var filter: String?

    @Flag(help: "Take the counter over its end, too: it starts again at 1.")
    var wrap = false

    @Flag(help: "Print the names of the rows and end.")
    var list = false

    public init() {}

    public func validate() throws {
        guard (1...1_000_000).contains(opens) else { throw ValidationError("--opens must be 1 to 1000000") }
    }

    public func run() throws {
        let expectation = try expect ?? (Self.isCharacterDevice(device) ? .characterDevice : .full)
        let rows = rows(for: expectation)
        if list {
            for row in rows { print(row.name) }
            return
        }
        guard !rows.isEmpty else { throw ValidationError("no row's name contains \"\(filter ?? "")\"") }

        let runner = Runner(
            device: Device(path: device, expectation: expectation, opens: opens, clock: vmclock ?? ""),
            requiresAll: getenv("SYSGENID_REQUIRE_ALL").map { String(cString: $0) } == "1",
            report: Self.report)
        let preflight = vmclock == nil ? runner.preflight() : runner.clockPreflight()
        guard preflight == .passed else {
            Self.report(runner.line(preflight, "device: \(vmclock ?? device)"))
            Self.report(Tally(failed: 1).summary)
            throw ExitCode.failure
        }
        guard runner.run(rows).failed == 0 else { throw ExitCode.failure }
    }

    /// Runs the command with the arguments of the process, and ends the process with its exit code.
    public static func main() -> Never {
        Glibc.exit(exitCode(arguments: Array(CommandLine.arguments.dropFirst())))
    }

    private static func exitCode(arguments: [String]) -> CInt {
        do {
            var command = try parseAsRoot(arguments)
            try command.run()
            return ExitCode.success.rawValue
        } catch {
            let code = exitCode(for: error)
            let message = fullMessage(for: error)
            if !message.isEmpty { report(message, to: code.isSuccess ? STDOUT_FILENO : STDERR_FILENO) }
            return code == .validationFailure ? 2 : code.rawValue
        }
    }

    private func rows(for expectation: Expectation) -> [Row] {
        (vmclock == nil ? Row.all + (wrap ? Row.wrapping : []) : Row.ofClock).filter { row in
            row.kinds.contains(expectation) && filter.map { Self.contains(row.name, $0) } ?? true
        }
    }

    private static func contains(_ name: String, _ part: String) -> Bool {
        part.isEmpty || name.split(separator: part, omittingEmptySubsequences: false).count > 1
    }

    /// Asked in a client, since a device that hangs may not even answer stat(2).
    private static func isCharacterDevice(_ path: String) throws -> Bool {
        try Client(keeping: []) {
            var status = stat()
            return .result(stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFCHR ? 1 : 0)
        }.answer() == .result(1)
    }

    private static func report(_ line: String) {
        report(line, to: STDOUT_FILENO)
    }

    /// Unbuffered: nothing may be left in a buffer that a row's process would inherit.
    private static func report(_ line: String, to descriptor: CInt) {
        let bytes = Array("\(line)\n".utf8)
        _ = write(descriptor, bytes, bytes.count)
    }
}
