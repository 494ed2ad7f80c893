import SysGenID
import SysGenIDJSON
import SysGenIDSystem
import Testing

@testable import SysGenIDOverseer
@testable import SysGenIDVarlink

/// What is served is what the description of the interface says.
@Suite("Interface")
struct InterfaceTests {
    private let interface: VarlinkInterface

    init() throws {
        interface = try VarlinkInterface(OverseerServer.description)
    }

    private func request(_ method: String, _ parameters: String) throws -> OverseerRequest {
        let text = "{\"method\":\"org.sysgenid.Overseer.\(method)\",\"parameters\":\(parameters)}"
        return try OverseerRequest(VarlinkCall(CallMessage(Array(text.utf8)), from: .host(cid: 2)))
    }

    private func refusal(_ method: String, _ parameters: String) -> VarlinkRefusal? {
        do {
            _ = try request(method, parameters)
            return nil
        } catch {
            return error as? VarlinkRefusal
        }
    }

    // MARK: Requests

    @Test("all methods of the description are served, and no other")
    func methods() throws {
        let identity = "{\"identity\":\"A\"}"
        for method in interface.contents.methods {
            #expect(refusal(method.name, identity) == nil)
        }
        #expect(refusal("Other", "{}") == .methodNotFound("org.sysgenid.Overseer.Other"))
    }

    @Test("parameters that are left out or null are the overseer's own")
    func defaults() throws {
        for parameters in ["{}", "{\"deadline\":null,\"generation\":null}"] {
            #expect(try request("WaitReady", parameters) == .waitReady(nil, deadline: nil))
            #expect(try request("Quiesce", parameters) == .quiesce(deadline: nil))
        }
        #expect(
            try request("WaitReady", "{\"generation\":4294967295,\"deadline\":5}")
                == .waitReady(.init(rawValue: .max), deadline: 5_000_000))
        #expect(
            try request("Changed", "{\"identity\":\"A b\",\"entropy\":\"AAEC\",\"minimum\":7,\"deadline\":0}")
                == .changed(identity: "A b", entropy: [0, 1, 2], minimum: 7, deadline: 0))
    }

    @Test("what is out of range is refused by its name")
    func ranges() {
        let long = String(repeating: "a", count: 129)
        let much = String(repeating: "AAAA", count: 171)
        let cases: [(String, String, String)] = [
            ("WaitReady", "{\"deadline\":-1}", "deadline"), ("Quiesce", "{\"deadline\":3600001}", "deadline"),
            ("Quiesce", "{\"deadline\":\"1\"}", "deadline"),
            ("WaitReady", "{\"generation\":4294967296}", "generation"),
            ("WaitReady", "{\"generation\":-1}", "generation"),
            ("Changed", "{}", "identity"), ("Changed", "{\"identity\":\"\"}", "identity"),
            ("Changed", "{\"identity\":\"\(long)\"}", "identity"), ("Changed", "{\"identity\":\"ä\"}", "identity"),
            ("Changed", "{\"identity\":\"a\\n\"}", "identity"),
            ("Changed", "{\"identity\":\"A\",\"entropy\":\"\"}", "entropy"),
            ("Changed", "{\"identity\":\"A\",\"entropy\":\"?\"}", "entropy"),
            ("Changed", "{\"identity\":\"A\",\"entropy\":\"\(much)\"}", "entropy"),
            ("Changed", "{\"identity\":\"A\",\"minimum\":-1}", "minimum"),
        ]
        for (method, parameters, name) in cases {
            #expect(refusal(method, parameters) == .invalidParameter(name), "\(method) \(parameters.prefix(60))")
        }
    }

    @Test("whoever may connect may ask, and only root and the host do anything to the system")
    func permission() throws {
        #expect(try ["Get", "Watch", "WaitReady"].allSatisfy { try !request($0, "{}").isForRootAndHost })
        #expect(try request("Quiesce", "{}").isForRootAndHost)
        #expect(try request("Changed", "{\"identity\":\"A\"}").isForRootAndHost)
    }

    // MARK: Replies

    private static let hook = HookResult(
        name: "10-a", phase: .changed, isOptional: true, outcome: .failed, status: 1, milliseconds: 2)
    private static let proof = Proof(
        generation: .init(rawValue: 6), cause: .resume,
        reseed: Reseed(generation: .init(rawValue: 6), isTaken: true, sources: ["identity"], remark: "none"),
        hooks: [hook], watchers: WatcherCount(), milliseconds: 3)

    /// The names of an object's members.
    private func names(_ json: JSON?) -> [String] {
        guard case .object(let members)? = json else { return [] }
        return members.map(\.key)
    }

    private func member(_ json: JSON?, _ name: String) -> JSON? {
        guard case .object(let members)? = json else { return nil }
        let value = members.first { $0.key == name }?.value
        guard case .array(let values)? = value else { return value }
        return values.first
    }

    private func values(_ reply: VarlinkReply) -> JSON? {
        guard case .result(let values) = reply else { return nil }
        return values
    }

    private func fields(_ type: String) -> [String]? { interface.contents.types.first { $0.name == type }?.fields }

    private func results(_ method: String) -> [String]? {
        interface.contents.methods.first { $0.name == method }?.results
    }

    @Test("what methods return has the fields of the description")
    func returned() {
        let ready = values(Readiness.Answer.ready(Self.proof).reply)
        #expect(names(ready) == results("WaitReady") && names(ready) == results("Changed"))
        let proof = member(ready, "proof")
        #expect(names(proof) == fields("Proof"))
        #expect(names(member(proof, "hooks")) == fields("Hook"))
        #expect(names(member(proof, "reseed")) == fields("Reseed"))
        #expect(names(member(proof, "watchers")) == fields("Watchers"))
        let quiesced = Readiness.Answer.quiesced(.fresh, hooks: [Self.hook], milliseconds: 1)
        #expect(names(values(quiesced.reply)) == results("Quiesce"))
        let view = values(Driven.ready().readiness.view.reply)
        #expect(names(view) == results("Get") && names(view) == results("Watch"))
    }

    @Test("states, outcomes and errors are those of the description")
    func named() {
        let states: [Readiness.State] = [.starting, .quiescing, .quiesced, .changed, .ready, .failed]
        #expect(states.map(\.rawValue) == fields("State"))
        #expect([HookResult.Outcome.succeeded, .failed, .ended].map(\.rawValue) == fields("Outcome"))
        let replies: [VarlinkReply] = [
            Readiness.Answer.failed(.fresh, .hook(Self.hook)).reply,
            Readiness.Answer.failed(.fresh, .tooLate(hook: "10-a", milliseconds: 1)).reply,
            Readiness.Answer.failed(.fresh, .watchersOutdated(processes: ["1 a"])).reply,
            Readiness.Answer.failed(.fresh, .notReseeded(remark: "why")).reply,
            Readiness.Answer.deadlineExceeded(.fresh, waitingFor: []).reply,
            Readiness.Answer.notQuiet(.changed, waitingFor: []).reply, Readiness.Answer.notServed("why").reply,
            .notPermitted, Readiness.Answer.tooManyCalls.reply,
        ]
        var errors: [InterfaceDescription.Named] = []
        for case .error(let name, let fields) in replies { errors.append(.init(name: name, fields: names(fields))) }
        #expect(errors == interface.contents.errors)
    }
}
