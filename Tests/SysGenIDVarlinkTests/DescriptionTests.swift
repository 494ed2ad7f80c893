import Foundation
import Testing

@testable import SysGenIDVarlink

@Suite("The description of an interface")
struct DescriptionTests {
    @Test func itIsTakenApart() throws {
        let contents = try VarlinkInterface(playedDescription).contents
        #expect(contents.name == "org.example.Played")
        #expect(contents.methods.map(\.name) == ["Echo", "Park", "Count", "Nothing"])
        #expect(contents.methods.first?.parameters == ["text", "times"])
        #expect(contents.methods.first?.results == ["text"])
        #expect(contents.types == [.init(name: "Mood", fields: ["calm", "angry"])])
        #expect(contents.errors == [.init(name: "Refused", fields: ["mood"])])
    }

    @Test(arguments: [
        "type T (a: []?int, b: [string]T, c: ?(x, y), d: (e: object))", "type T ()", "error E ()",
        "method M(a: ?[]string)->(b: float)", "# only a comment",
    ])
    func whatTheGrammarHasIsTaken(_ members: String) throws {
        _ = try InterfaceDescription("interface a.b-c.D1 # here\n\(members)")
    }

    @Test(arguments: [
        "", "type T (a: int)", "interface x", "interface 1.x", "interface a..b", "interface a.-b",
        "interface a.b method",
        "interface a.b method m() -> ()", "interface a.b method M() ()", "interface a.b method M(a) -> ()",
        "interface a.b method M(a: Unknown) -> ()", "interface a.b type T (a, b: int)", "interface a.b type T (a,)",
        "interface a.b type T (a: int, a: int)", "interface a.b type T (a: int) error T ()",
        "interface a.b type T (_a: int)", "interface a.b type T (a__b: int)", "interface a.b type T (a_: int)",
        "interface a.b type T (a: int", "interface a.b thing T ()", "interface a.b type T (a: ??int)",
        "interface a.b type T (a: number)", "interface a.b error E",
        "interface a.b type T " + String(repeating: "(a: ", count: 40),
    ])
    func whatItDoesNotHaveIsRefused(_ text: String) {
        #expect(throws: DescriptionFailure.self) { try InterfaceDescription(text) }
    }

    @Test func thatOfTheServiceNamesWhatIsServed() throws {
        let contents = try InterfaceDescription(ServiceInterface.description)
        #expect(contents.name == ServiceInterface.name)
        #expect(contents.methods.map(\.name) == ["GetInfo", "GetInterfaceDescription"])
        let refusals: [VarlinkRefusal] = [
            .interfaceNotFound(""), .methodNotFound(""), .methodNotImplemented(""), .invalidParameter(""),
            .permissionDenied, .expectedMore,
        ]
        #expect(contents.errors.map(\.name) == refusals.map(\.name))
        for (error, refusal) in zip(contents.errors, refusals) {
            guard case .object(let fields) = refusal.fields else { throw Missing() }
            #expect(error.fields == fields.map(\.key))
        }
    }

    private struct Missing: Error {}

    @Test func thatOfTheOverseerIsOne() throws {
        let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
            .appending(path: "Sources/SysGenIDOverseer/Interface/org.sysgenid.Overseer.varlink")
        let interface = try VarlinkInterface(String(contentsOf: file, encoding: .utf8), streams: ["Watch"])
        #expect(interface.name == "org.sysgenid.Overseer")
        #expect(interface.contents.methods.map(\.name) == ["Get", "Watch", "Quiesce", "Changed", "WaitReady"])
        #expect(interface.contents.methods[0].results == interface.contents.methods[1].results)
    }
}
