import Foundation
import TestSupport
import Testing

/// The commands for the devices of containers, upon a plain directory that stands for what the daemon serves.
@Suite struct ContainerCommands {
    private let scratch: Scratch
    private var containers: String { scratch.path("containers") }

    init() throws {
        scratch = try Scratch()
        try #require(mkdir(scratch.path("containers"), 0o755) == 0 && chmod(scratch.path, 0o755) == 0)
    }

    private func control(
        _ arguments: [String], in folder: String? = nil, as user: UInt32? = nil
    ) throws -> (status: Int32, lines: [String]) {
        let command = [Built.path(of: "sysgenidctl")] + arguments
        let become = user.map { ["/usr/bin/setpriv", "--reuid", "\($0)", "--regid", "\($0)", "--clear-groups"] } ?? []
        let words = become + command
        let program = try RunningProgram(
            words[0], Array(words.dropFirst()), environment: ["SYSGENID_DEVICES_DIR": folder ?? scratch.path])
        return (try program.exitCode(), program.lines)
    }

    /// One line that says what to do next.
    private func expectRefusal(
        _ status: Int32, _ words: String, of result: (status: Int32, lines: [String]),
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        #expect(result.status == status, sourceLocation: sourceLocation)
        #expect(result.lines.count == 1, "\(result.lines)", sourceLocation: sourceLocation)
        #expect(result.lines.first?.contains(words) == true, "\(result.lines)", sourceLocation: sourceLocation)
    }

    @Test(.enabled(if: getuid() == 0, "needs root"))
    func aContainerIsMadeListedAndRemoved() throws {
        #expect(try control(["container", "add", "web", "--owner", "1234:567", "--minimum", "41"]) == (0, []))
        #expect(try control(["container", "add", "db"]) == (0, []))
        #expect(try control(["container", "list"]) == (0, ["db unknown 0:0", "web unknown 1234:567"]))
        #expect(
            try control(["container", "list", "--json"]).lines.last
                == #"{"name":"web","generation":null,"uid":1234,"gid":567}"#)
        #expect(try control(["container", "remove", "web"]) == (0, []))
        #expect(Scratch.names(in: containers) == ["db"])
    }

    @Test func oneThatIsThereIsNotMadeAgain() throws {
        #expect(try control(["container", "add", "web"]).status == 0)
        expectRefusal(1, "there is a container at", of: try control(["container", "add", "web"]))
        #expect(Scratch.names(in: containers) == ["web"])
    }

    @Test(arguments: [
        ["container", "remove", "web"], ["--container", "web", "status"], ["trigger", "--container", "web"],
    ])
    func oneThatIsMissingIsTold(_ arguments: [String]) throws {
        expectRefusal(1, "there is no container at \(containers)/web", of: try control(arguments))
    }

    @Test(arguments: [
        ["container", "add", "web"], ["container", "remove", "web"], ["container", "list"],
        ["--container", "web", "probe"],
    ])
    func whereNothingIsServedThatIsTold(_ arguments: [String]) throws {
        let result = try control(arguments, in: containers)
        expectRefusal(1, "no sysgenidd serves containers there", of: result)
        #expect(Scratch.names(in: containers) == [])
    }

    @Test func aNameThatLeadsElsewhereIsWrongUsage() throws {
        for name in ["../web", "..", ".web", "a/b", ""] {
            let result = try control(["container", "add", name])
            #expect(result.status == 64)
            #expect(result.lines.first?.contains("1 to 64 of letters") == true)
        }
        #expect(scratch.names == ["containers"])
        #expect(Scratch.names(in: containers) == [])
    }

    @Test func twoDevicesAreWrongUsage() throws {
        #expect(try control(["--device", "/dev/null", "status", "--container", "web"]).status == 64)
        #expect(try control(["--container", "web", "container", "list"]).status == 64)
    }

    @Test(.enabled(if: getuid() == 0, "needs root, to be another user"))
    func whoIsNotRootIsTold() throws {
        expectRefusal(4, "must be root", of: try control(["container", "add", "web"], as: 65_534))
        #expect(try control(["container", "add", "web"]).status == 0)
        expectRefusal(4, "must be root", of: try control(["container", "remove", "web"], as: 65_534))
        #expect(try control(["container", "list"], as: 65_534) == (0, ["web unknown 0:0"]))
    }

    /// Here a user may make a directory, and not give it away.
    @Test(.enabled(if: getuid() == 0, "needs root, to be another user"))
    func whatCannotBeFinishedIsTakenAway() throws {
        try #require(chown(containers, 65_534, 65_534) == 0)
        let result = try control(["container", "add", "web", "--minimum", "1", "--owner", "0"], as: 65_534)
        expectRefusal(4, "cannot set the owner of \(containers)/web", of: result)
        #expect(Scratch.names(in: containers) == [])
    }
}
