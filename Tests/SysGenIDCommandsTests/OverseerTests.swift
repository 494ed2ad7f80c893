import PlayedServices
import SysGenIDJSON
import SysGenIDSystem
import SysGenIDVarlink
import Testing

@testable import SysGenIDCommands

@Suite("What is asked of an overseer")
struct OverseerTests {
    private func overseer(
        _ answer: @escaping @Sendable (VarlinkCall) -> VarlinkReply?
    ) throws -> PlayedOverseer { try PlayedOverseer(try PlayedProof.description, answer: answer) }

    private func ready(
        _ address: OverseerAddress, timeout: UInt32? = nil, isRepeatable: Bool = true
    ) throws(CommandFailure) -> Proof {
        try OverseerCall(
            address: address, method: "WaitReady",
            parameters: .object(["generation": .number(7), "deadline": .orNull(timeout) { .number(Int($0)) }]),
            timeout: timeout, isRepeatable: isRepeatable
        ).result(as: ProofAnswer.self).proof
    }

    private struct Wanted: Decodable {
        var generation: Int
        var deadline: Int?
    }

    @Test func theProofIsPrinted() throws {
        let overseer = try overseer { call in
            guard call.method == "WaitReady", let wanted = try? call.parameters(as: Wanted.self) else { return nil }
            return .result(.object(["proof": PlayedProof.proof(generation: wanted.generation)]))
        }
        let proof = try ready(.system(path: overseer.path))
        #expect(ProofReport(proof: proof).json.text == PlayedProof.proof().text)
        #expect(
            ProofReport(proof: proof).text == """
                generation:   7
                cause:        vmgenid
                reseed:       from identity, host for generation 7
                watchers:     3, 1 tracked, 0 outdated
                ready after:  345 ms
                hooks:
                  changed/50-systemd failed with 3 after 12 ms
                """)
    }

    private static let errors: [(VarlinkReply, CommandFailure.Status, String)] = [
        (
            .error(name: "HookFailed", .object(["generation": .number(7), "hook": PlayedProof.hook])), .failed,
            "the hook 50-systemd of the phase changed has failed with the status 3 in generation 7"
        ),
        (
            .error(
                name: "HooksTooLate",
                .object(["generation": .number(7), "hook": .string("10-a"), "milliseconds": .number(100)])), .failed,
            "the hook 10-a was not done within 100 ms in generation 7"
        ),
        (
            .error(
                name: "WatchersOutdated",
                .object(["generation": .number(7), "processes": .array([.string("process 12 nginx")])])), .failed,
            "still outdated in generation 7: process 12 nginx"
        ),
        (
            .error(name: "NotReseeded", .object(["generation": .number(7), "remark": .string("no pool")])), .failed,
            "the kernel's random pool was not reseeded for generation 7: no pool"
        ),
        (
            .error(
                name: "DeadlineExceeded",
                .object(["generation": .number(7), "waiting_for": .array([.string("reseed"), .string("hook 1")])])),
            .timedOut, "timed out: generation 7 waits for reseed, hook 1"
        ),
        (
            .error(
                name: "NotQuiet", .object(["state": .string("changed"), "waiting_for": .array([.string("reseed")])])),
            .failed, "the system is changed and waits for reseed"
        ),
        (
            .error(name: "NotServed", .object(["remark": .string("gone")])), .failed,
            "sysgenidd does not serve: gone"
        ),
        (.error(name: "NotPermitted", .object([:])), .notPermitted, "does not do that for this user"),
        (.error(name: "TooManyCalls", .object([:])), .failed, "as many wait"),
        (
            .refusal(.invalidParameter("deadline")), .failed,
            "has answered with org.varlink.service.InvalidParameter (deadline)"
        ),
        (.error(name: "New", .object([:])), .failed, "has answered with org.sysgenid.Overseer.New"),
        (.error(name: "HookFailed", .object([:])), .failed, "is no answer"),
        (.result(.object([:])), .failed, "is no answer"),
        (.result(.object(["proof": .object(["generation": .string("7")])])), .failed, "is no answer"),
    ]

    @Test(arguments: errors.indices) func anErrorSaysWhatIsMissing(_ place: Int) throws {
        let (reply, status, event) = Self.errors[place]
        let overseer = try overseer { _ in reply }
        let failure = #expect(throws: CommandFailure.self) { try ready(.system(path: overseer.path)) }
        #expect(failure?.status == status)
        #expect(failure?.event.contains(event) == true, "\(failure?.line ?? "")")
    }

    @Test func whatIsHostileIsShownHarmless() throws {
        let overseer = try overseer { _ in
            .error(
                name: "WatchersOutdated",
                .object([
                    "generation": .number(7),
                    "processes": .array(
                        (1...100).map { .string("\u{1B}[2J\u{202E}\n\($0)" + String(repeating: "x", count: 500)) }),
                ]))
        }
        let failure = #expect(throws: CommandFailure.self) { try ready(.system(path: overseer.path)) }
        let line = try #require(failure?.line)
        #expect(!line.unicodeScalars.contains { $0.properties.generalCategory == .control || $0 == "\u{202E}" })
        #expect(line.contains("and 92 more") && line.count < 2_500)
    }

    @Test func oneThatDoesNotAnswerIsGivenUp() throws {
        let overseer = try overseer { _ in nil }
        let failure = #expect(throws: CommandFailure.self) { try ready(.system(path: overseer.path), timeout: 0) }
        #expect(failure?.status == .timedOut)
        #expect(failure?.event == "timed out: the overseer at \(overseer.path) has not answered")
    }

    @Test func oneThatIsNotThereIsSaid() throws {
        let failure = #expect(throws: CommandFailure.self) {
            try ready(.system(path: "/nonexistent/socket"), timeout: 0)
        }
        #expect(failure?.status == .failed)
        #expect(
            failure?.line
                == "sysgenidctl: cannot reach the overseer at /nonexistent/socket: No such file or directory; "
                + "start sysgenid-overseerd.socket, or say with --socket where it listens")
    }

    @Test func aMachineIsAskedThroughItsMonitor() throws {
        let overseer = try overseer { _ in .result(.object(["proof": PlayedProof.proof()])) }
        let monitor = try PlayedMonitor(before: overseer.path, greeting: "OK 1073741824\n")
        #expect(try ready(.monitor(path: monitor.path)).generation == 7)
        #expect(monitor.requests == ["CONNECT 947"])
    }

    /// As while the machine is not there yet.
    @Test func aConnectionThatIsLostIsMadeAgainWhileThereIsTime() throws {
        let overseer = try overseer { _ in .result(.object(["proof": PlayedProof.proof()])) }
        let monitor = try PlayedMonitor(before: overseer.path, greeting: "OK 1\n", refusals: 2)
        #expect(try ready(.monitor(path: monitor.path), timeout: 3_600_000).generation == 7)
        #expect(monitor.requests.count == 3)
    }

    @Test(arguments: [(nil, true), (3_600_000, false)] as [(UInt32?, Bool)])
    func otherwiseItIsNot(_ timeout: UInt32?, _ isRepeatable: Bool) throws {
        let overseer = try overseer { _ in .result(.object(["proof": PlayedProof.proof()])) }
        let monitor = try PlayedMonitor(before: overseer.path, greeting: "OK 1\n", refusals: 2)
        let failure = #expect(throws: CommandFailure.self) {
            try ready(.monitor(path: monitor.path), timeout: timeout, isRepeatable: isRepeatable)
        }
        #expect(failure?.event == "the overseer behind \(monitor.path) has closed the connection")
        #expect(monitor.requests.count == 1)
    }

    @Test(arguments: [
        "OK\n", "OK x\n", "OK 1 2\n", "NO 1\n", "\n", "OK 99999999999\n", String(repeating: "x", count: 100),
    ])
    func aGreetingThatIsNoneIsRefused(_ greeting: String) throws {
        let overseer = try overseer { _ in nil }
        let monitor = try PlayedMonitor(before: overseer.path, greeting: greeting)
        let failure = #expect(throws: CommandFailure.self) { try ready(.monitor(path: monitor.path)) }
        #expect(failure?.event == "what the overseer behind \(monitor.path) says is no answer")
    }

    @Test(
        arguments: [
            ("1", .machine(1)), ("3", .machine(3)), ("./x", .monitor(path: "./x")), ("/x", .monitor(path: "/x")),
            ("x", nil), ("", nil), ("-1", nil), ("+1", nil), ("4294967295", nil), ("4294967296", nil), ("1.0", nil),
        ] as [(String, OverseerAddress?)])
    func aMachineIsNamedByItsContextOrAPath(_ text: String, _ address: OverseerAddress?) {
        #expect(OverseerAddress.host(text) == address)
    }

    @Test(
        arguments: [
            ("ready", .ofSystem), ("--host 3 ready", .machine(3)), ("ready --host ./x", .monitor(path: "./x")),
            ("--socket /x quiesce", .system(path: "/x")), ("announce --identity a --socket /x", .system(path: "/x")),
        ] as [(String, OverseerAddress)])
    func theOptionsSayWhichOverseer(_ arguments: String, _ address: OverseerAddress) throws {
        let command = try ControlCommand.parseAsRoot(arguments.split(separator: " ").map(String.init))
        #expect((command as? any OverseerSubcommand)?.address == address)
        #expect((command as? any OverseerSubcommand)?.printsReportAsJSON == address.isOther)
    }

    @Test(arguments: [
        "--host 3 status", "--socket /x wait", "--host x ready", "--host 3 --socket /x ready", "--device /x ready",
        "--container a quiesce", "ready --timeout 3600001", "ready --timeout -1", "announce",
        "announce --identity a --entropy 0", "announce --identity a --entropy 513",
        "announce --identity a --entropy 1 --entropy-file x", "announce --identity é", "--host 3 container list",
    ])
    func whatMakesNoSenseIsWrongUsage(_ arguments: String) {
        #expect(throws: (any Error).self) {
            var command = try ControlCommand.parseAsRoot(arguments.split(separator: " ").map(String.init))
            // A failure of the command itself is none of its usage.
            do { try command.run() } catch is CommandFailure {}
        }
    }
}
