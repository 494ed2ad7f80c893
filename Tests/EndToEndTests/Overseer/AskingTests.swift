import Foundation
import PlayedServices
import SysGenIDJSON
import SysGenIDVarlink
import TestSupport
import Testing

/// What `sysgenidctl` says of an overseer's answers, and how it ends. The overseer is a played one.
@Suite struct OverseerCommands {
    private func overseer(
        _ answer: @escaping @Sendable (VarlinkCall) -> VarlinkReply?
    ) throws -> PlayedOverseer { try PlayedOverseer(try PlayedProof.description, answer: answer) }

    private func control(_ arguments: String...) throws -> (code: Int32, text: String) {
        let program = try RunningProgram(Built.path(of: "sysgenidctl"), arguments)
        return (try program.exitCode(), program.text)
    }

    /// The parameters of a call, as far as they are numbers or texts.
    private struct Sent: Decodable, Equatable {
        var generation: UInt32?
        var deadline: UInt32?
        var identity: String?
        var entropy: Data?
        var minimum: UInt32?
    }

    private static let proof: VarlinkReply = .result(.object(["proof": PlayedProof.proof()]))

    @Test func readyPrintsTheProof() throws {
        let overseer = try overseer { call in
            (try? call.parameters(as: Sent.self)) == Sent(generation: 7, deadline: 5_000) ? Self.proof : nil
        }
        let text = try control("ready", "--socket", overseer.path, "--timeout", "5000", "--generation", "7")
        #expect(text.code == 0 && text.text.contains("ready after:  345 ms"))
        let json = try control("--json", "--socket", overseer.path, "ready", "--timeout", "5000", "--generation", "7")
        #expect(json.code == 0 && json.text == PlayedProof.proof().text + "\n")
        // Whoever asks another machine is a program.
        let monitor = try PlayedMonitor(before: overseer.path, greeting: "OK 1024\n")
        let other = try control("--host", monitor.path, "ready", "--timeout", "5000", "--generation", "7")
        #expect(other.code == 0 && other.text == json.text)
    }

    @Test func quiesceSaysWhatHasBecomeOfTheHooks() throws {
        let overseer = try overseer { call in
            guard call.method == "Quiesce", (try? call.parameters(as: Sent.self)) == Sent() else { return nil }
            return .result(
                .object(["generation": .number(7), "hooks": .array([PlayedProof.hook]), "milliseconds": .number(20)]))
        }
        let ended = try control("quiesce", "--socket", overseer.path)
        #expect(ended.code == 0)
        #expect(
            ended.text == """
                generation:   7
                quiet after:  20 ms
                hooks:
                  changed/50-systemd failed with 3 after 12 ms

                """)
    }

    @Test func announceGivesWhatItIsGiven() throws {
        let scratch = try Scratch()
        try Data([1, 2, 3]).write(to: URL(filePath: scratch.path("entropy")))
        let overseer = try overseer { call in
            guard call.method == "Changed", let sent = try? call.parameters(as: Sent.self) else { return nil }
            switch sent.identity {
            case "file": return sent.entropy == Data([1, 2, 3]) && sent.minimum == 9 ? Self.proof : nil
            case "some": return sent.entropy?.count == 512 && sent.entropy != Data(count: 512) ? Self.proof : nil
            default: return sent == Sent(deadline: 1, identity: "none") ? Self.proof : nil
            }
        }
        let file = scratch.path("entropy")
        let calls = [
            ["--identity", "file", "--entropy-file", file, "--minimum", "9"],
            ["--identity", "some", "--entropy", "512"],
            ["--identity", "none", "--timeout", "1"],
        ]
        for call in calls {
            let program = try RunningProgram(
                Built.path(of: "sysgenidctl"), ["--json", "announce", "--socket", overseer.path] + call)
            #expect(try program.exitCode() == 0)
            #expect(program.text == PlayedProof.proof().text + "\n")
        }
        try Data().write(to: URL(filePath: file))
        let empty = try control("announce", "--socket", overseer.path, "--identity", "file", "--entropy-file", file)
        #expect(
            empty.code == 1 && empty.text == "sysgenidctl: \(file) is empty; give a file of 1 to 512 random bytes\n")
    }

    @Test(
        arguments: [
            (
                "DeadlineExceeded",
                .object(["generation": .number(7), "waiting_for": .array([.string("process 12 nginx")])]),
                3, "timed out: generation 7 waits for process 12 nginx"
            ),
            ("NotPermitted", .object([:]), 4, "does not do that for this user"),
            (
                "HookFailed", .object(["generation": .number(7), "hook": PlayedProof.hook]), 1,
                "the hook 50-systemd of the phase changed has failed with the status 3"
            ),
        ] as [(String, JSON, Int32, String)])
    func anErrorHasItsExitStatus(_ name: String, _ fields: JSON, _ code: Int32, _ event: String) throws {
        let overseer = try overseer { _ in .error(name: name, fields) }
        let ended = try control("ready", "--socket", overseer.path)
        #expect(ended.code == code && ended.text.contains(event), "\(ended.text)")
        #expect(ended.text.split(separator: "\n").count == 1)
    }

    @Test func withoutAnOverseerItSaysWhatToDo() throws {
        let ended = try control("ready", "--socket", "/nonexistent")
        #expect(ended.code == 1 && ended.text.contains("start sysgenid-overseerd.socket"))
        #expect(try control("--host", "3", "status").code == 64)
    }

    /// Python, with what it brings itself.
    @Test func aPlainClientIsServed() throws {
        let overseer = try overseer { call in
            call.method == "Get" ? .error(name: "NotServed", .object(["remark": .string("a\0b")])) : Self.proof
        }
        func client(_ arguments: String...) throws -> (code: Int32, lines: [String]) {
            let program = try RunningProgram(
                "/usr/bin/python3",
                [Built.project.appending(path: "Tests/Varlink/client.py").path, overseer.path] + arguments)
            return (try program.exitCode(), program.lines)
        }
        let failed = try client("org.sysgenid.Overseer.Get")
        #expect(failed.code == 1)
        #expect(
            failed.lines == [#"{"error": "org.sysgenid.Overseer.NotServed", "parameters": {"remark": "a\u0000b"}}"#])
        let ready = try client("org.sysgenid.Overseer.WaitReady", #"{"deadline": null}"#)
        #expect(
            ready.code == 0 && ready.lines.first?.hasPrefix(#"{"parameters": {"proof": {"cause": "vmgenid""#) == true)
        let info = try client("org.varlink.service.GetInfo")
        #expect(info.code == 0)
        #expect(info.lines.first?.contains(#""interfaces": ["org.varlink.service", "org.sysgenid.Overseer"]"#) == true)
    }
}
