import FoundationEssentials
import SysGenID
import Testing

@testable import SysGenIDCommands

/// What a container runtime tells a hook, and what nobody should believe who says that he is one.
@Suite("The state of a container that comes to a hook")
struct RuntimeStateTests {
    private static let id = String(repeating: "0123456789abcdef", count: 4)

    private static func text(
        id: String = id, status: String = #""creating""#, pid: String = "4711", bundle: String = #""/run/b""#
    ) -> String {
        """
        {"ociVersion":"1.0.2","id":"\(id)","status":\(status),"pid":\(pid),"bundle":\(bundle),
         "annotations":{"org.sysgenid.device":"own"},"more":[1,{"of":"it"}]}
        """
    }

    private static func state(_ text: String) throws -> RuntimeState { try RuntimeState(Array(text.utf8)) }

    @Test(arguments: ["creating", "created"])
    func aContainerThatIsMadeHasAProcess(_ status: String) throws {
        let state = try Self.state(Self.text(status: "\"\(status)\""))
        #expect(state.name.description == Self.id)
        #expect(state.stage == .creation(process: 4711))
        #expect(state.bundle == "/run/b")
    }

    @Test(arguments: ["0", "null", "4711"])
    func oneThatHasEndedNeedsNone(_ pid: String) throws {
        #expect(try Self.state(Self.text(status: #""stopped""#, pid: pid)).stage == .removal)
    }

    @Test(arguments: [
        "", "{", "[]", "null", "7", "\0", #"{"id":"a"}"#, String(repeating: "[", count: 100_000),
        text(id: "../web"), text(id: ".web"), text(id: ""), text(id: "a/b"),
        text(id: String(repeating: "a", count: 65)),
        text(id: #"a\u0000"#), text(status: #""running""#), text(status: #""""#), text(status: "null"),
        text(pid: "0"), text(pid: "-1"), text(pid: "null"), text(pid: #""4711""#), text(pid: "4294967296"),
        text(pid: "1.5"), text(bundle: #""b""#), text(bundle: #""""#), text(bundle: #""/b\u0000c""#),
        text(bundle: "{}"),
    ])
    func anythingElseIsRefused(_ text: String) {
        let failure = #expect(throws: CommandFailure.self) { try Self.state(text) }
        #expect(failure?.status == .failed)
        #expect(failure?.line.contains("\n") == false)
    }

    @Test func whatIsNotUTF8IsRefused() {
        #expect(throws: CommandFailure.self) { try RuntimeState([0xff, 0xfe]) }
        #expect(throws: CommandFailure.self) { try RuntimeState(Array(#"{"id":""#.utf8) + [0xff] + Array("\"}".utf8)) }
    }

    @Test func theRootDirectoryIsThatOfTheConfiguration() throws {
        let folder = "/tmp/sysgenid-bundle-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let state = try Self.state(Self.text(bundle: "\"\(folder)\""))
        #expect(throws: CommandFailure.self) { try state.rootDirectory() }
        for (configuration, root) in [
            (#"{"ociVersion":"1.0.2","root":{"path":"/var/merged","readonly":true}}"#, "/var/merged"),
            (#"{"root":{"path":"rootfs"}}"#, "\(folder)/rootfs"),
            (#"{"root":{"path":""}}"#, nil), (#"{"root":{}}"#, nil), ("{}", nil), ("", nil),
            (#"{"root":{"path":"a\u0000b"}}"#, nil),
        ] {
            try Data(configuration.utf8).write(to: URL(filePath: "\(folder)/config.json"))
            #expect((try? state.rootDirectory()) == root, "\(configuration)")
        }
    }
}
