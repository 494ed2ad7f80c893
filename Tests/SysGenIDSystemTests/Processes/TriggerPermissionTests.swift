import Glibc
import TestSupport
import Testing

@testable import SysGenIDSystem

@Suite(.enabled(if: getuid() == 0, "needs root, who may trigger"))
struct TriggerPermissionTests {
    private let permission = TriggerPermission()

    /// A shell that does something else with each line that it is sent.
    private func shell(_ script: String) throws -> RunningProgram {
        let program = try RunningProgram("/bin/sh", ["-c", "echo begun; " + script])
        try program.waitFor("begun")
        return program
    }

    @Test func whoAsksAgainIsGrantedAgain() {
        for _ in 0..<5 { #expect(permission.isGranted(to: OwnProcess.id)) }
        #expect(!permission.isGranted(to: 0))
        #expect(!permission.isGranted(to: -1))
        #expect(permission.isGranted(to: OwnProcess.id))
    }

    @Test func severalAreToldApart() throws {
        let privileged = try shell("read line")
        let other = try shell("exec setpriv --reuid 1000 --regid 1000 --clear-groups sh -c 'echo less; read line'")
        try other.waitFor("less")
        for _ in 0..<3 {
            #expect(permission.isGranted(to: privileged.processID))
            #expect(!permission.isGranted(to: other.processID))
            #expect(permission.isGranted(to: OwnProcess.id))
        }
    }

    @Test func whoGivesUpCapabilitiesIsRefusedFromThenOn() throws {
        let program = try shell(
            "read line; exec setpriv --bounding-set -all --inh-caps -all sh -c 'echo less; read line'")
        for _ in 0..<3 { #expect(permission.isGranted(to: program.processID)) }
        try program.send("")
        try program.waitFor("less")
        for _ in 0..<3 { #expect(!permission.isGranted(to: program.processID)) }
    }

    /// It has all capabilities there, and none here.
    @Test func whoMovesToAnotherUserNamespaceIsRefusedFromThenOn() throws {
        let program = try shell("read line; exec unshare --user --map-root-user sh -c 'echo moved; read line'")
        for _ in 0..<3 { #expect(permission.isGranted(to: program.processID)) }
        try program.send("")
        try program.waitFor("moved")
        #expect(try Capabilities.effective(of: program.processID).contains(.systemAdministration))
        for _ in 0..<3 { #expect(!permission.isGranted(to: program.processID)) }
    }

    /// What is kept of one thread says nothing of another.
    @Test func whoLivesInAnotherUserNamespaceIsRefusedBesideOneWhoIsGranted() throws {
        let program = try shell("exec unshare --user --map-root-user sh -c 'echo moved; read line'")
        try program.waitFor("moved")
        #expect(try Capabilities.effective(of: program.processID).contains(.systemAdministration))
        for _ in 0..<3 { #expect(permission.isGranted(to: OwnProcess.id)) }
        for _ in 0..<3 { #expect(!permission.isGranted(to: program.processID)) }
        for _ in 0..<3 {
            #expect(permission.isGranted(to: OwnProcess.id))
            #expect(!permission.isGranted(to: program.processID))
        }
    }

    @Test func theLinkOfAThreadThatHasEndedSaysNothing() throws {
        let program = try shell("read line")
        guard let link = UserNamespace.link(of: program.processID) else {
            Issue.record("there is no link")
            return
        }
        #expect(UserNamespace(link: link) == UserNamespace.own)
        for _ in 0..<3 { #expect(permission.isGranted(to: program.processID)) }
        program.end()
        #expect(UserNamespace(link: link) == nil)
        #expect(!permission.isGranted(to: program.processID))
        #expect(permission.isGranted(to: OwnProcess.id))
    }
}
