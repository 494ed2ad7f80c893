import Glibc
import TestSupport
import Testing

@testable import SysGenIDSystem

@Suite(.enabled(if: getuid() == 0, "needs root, to be several users"))
struct OriginTests {
    private let lookup = OriginLookup()

    /// A program that says a word when it is what it is to be.
    private func program(_ tool: [String]) throws -> RunningProgram {
        let program = try RunningProgram("/usr/bin/env", tool + ["sh", "-c", "echo begun; read line"])
        try program.waitFor("begun")
        return program
    }

    private static let user = ["setpriv", "--reuid", "1000", "--regid", "1000", "--clear-groups"]
    private static let namespace = ["unshare", "--user", "--map-root-user"]

    private func expect(_ domain: Origin.Domain, of tool: [String]) throws {
        let program = try program(tool)
        // The third time by what is kept of the thread.
        for _ in 0..<4 { #expect(lookup.origin(of: program.processID).domain == domain) }
        #expect(lookup.origin(of: OwnProcess.id).domain == .administration)
        #expect(lookup.origin(of: program.processID).domain == domain)
    }

    @Test func rootAdministersAndUserZeroWithoutRightsDoesNot() throws {
        try expect(.administration, of: ["env"])
        try expect(.userID, of: ["setpriv", "--bounding-set", "-sys_admin,-checkpoint_restore"])
    }

    @Test func aUserIsWhoItsIDSays() throws {
        try expect(.userID, of: Self.user)
    }

    @Test func whoLivesInANamespaceIsWhoseItIs() throws {
        try expect(.user(1_000), of: Self.user + Self.namespace)
    }

    @Test func nestingDoesNotHelp() throws {
        try expect(.user(1_000), of: Self.user + Array(repeating: Self.namespace, count: 5).joined())
    }

    @Test func aNamespaceOfRootsIsCountedForItself() throws {
        let first = try program(Self.namespace)
        let nested = try program(Self.namespace + Self.namespace)
        let domain = lookup.origin(of: first.processID).domain
        guard case .namespace(let number) = domain else {
            Issue.record("\(domain)")
            return
        }
        let link = try Files.linkTarget("/proc/\(first.processID)/ns/user")
        #expect(link == "user:[\(number)]")
        #expect(lookup.origin(of: first.processID).domain == domain)
        let other = lookup.origin(of: nested.processID).domain
        let nestedLink = try Files.linkTarget("/proc/\(nested.processID)/ns/user")
        #expect(other != domain)
        #expect("\(other)" != "namespace(\(nestedLink.filter(\.isNumber)))")
    }

    @Test func whoMovesIsSeenThere() throws {
        let script = "echo begun; read line; exec unshare --user --map-root-user sh -c 'echo moved; read line'"
        let program = try RunningProgram("/usr/bin/env", Self.user + ["sh", "-c", script])
        try program.waitFor("begun")
        for _ in 0..<3 { #expect(lookup.origin(of: program.processID).domain == .userID) }
        try program.send("")
        try program.waitFor("moved")
        for _ in 0..<3 { #expect(lookup.origin(of: program.processID).domain == .user(1_000)) }
        program.end()
        #expect(lookup.origin(of: program.processID).domain == .unseen)
    }

    @Test func nobodyIsUnseen() {
        #expect(lookup.origin(of: 0).domain == .unseen)
        #expect(lookup.origin(of: -1).domain == .unseen)
    }
}
