import SysGenIDVarlink

/// An error that the overseer has answered with.
enum OverseerError: Hashable, Sendable {
    case hookFailed(generation: Int, Proof.Hook)
    case hooksTooLate(generation: Int, hook: String, milliseconds: Int)
    case watchersOutdated(generation: Int, processes: [String])
    case notReseeded(generation: Int, remark: String)
    case deadlineExceeded(generation: Int, waitingFor: [String])
    case notQuiet(state: String, waitingFor: [String])
    case notServed(remark: String)
    case notPermitted
    case tooManyCalls
    /// One that each service has, or one that is not known here.
    case other(name: String, about: String?)

    init(_ name: String, of answer: VarlinkAnswer) throws(VarlinkFailure) {
        let prefix = "\(OverseerCall.interface)."
        switch name.hasPrefix(prefix) ? String(name.dropFirst(prefix.count)) : "" {
        case "HookFailed":
            let fields = try answer.parameters(as: HookFailed.self)
            self = .hookFailed(generation: fields.generation, fields.hook)
        case "HooksTooLate":
            let fields = try answer.parameters(as: HooksTooLate.self)
            self = .hooksTooLate(
                generation: fields.generation, hook: fields.hook, milliseconds: fields.milliseconds)
        case "WatchersOutdated":
            let fields = try answer.parameters(as: WatchersOutdated.self)
            self = .watchersOutdated(generation: fields.generation, processes: fields.processes)
        case "NotReseeded":
            let fields = try answer.parameters(as: NotReseeded.self)
            self = .notReseeded(generation: fields.generation, remark: fields.remark)
        case "DeadlineExceeded":
            let fields = try answer.parameters(as: DeadlineExceeded.self)
            self = .deadlineExceeded(generation: fields.generation, waitingFor: fields.waiting_for)
        case "NotQuiet":
            let fields = try answer.parameters(as: NotQuiet.self)
            self = .notQuiet(state: fields.state, waitingFor: fields.waiting_for)
        case "NotServed": self = .notServed(remark: try answer.parameters(as: NotServed.self).remark)
        case "NotPermitted": self = .notPermitted
        case "TooManyCalls": self = .tooManyCalls
        default:
            let subject = try? answer.parameters(as: Subject.self)
            self = .other(name: name, about: subject?.parameter ?? subject?.method ?? subject?.interface)
        }
    }

    private struct HookFailed: Decodable {
        var generation: Int
        var hook: Proof.Hook
    }

    private struct HooksTooLate: Decodable {
        var generation: Int
        var hook: String
        var milliseconds: Int
    }

    private struct WatchersOutdated: Decodable {
        var generation: Int
        var processes: [String]
    }

    private struct NotReseeded: Decodable {
        var generation: Int
        var remark: String
    }

    private struct DeadlineExceeded: Decodable {
        var generation: Int
        var waiting_for: [String]
    }

    private struct NotQuiet: Decodable {
        var state: String
        var waiting_for: [String]
    }

    private struct NotServed: Decodable {
        var remark: String
    }

    /// What the errors are about that each service has.
    private struct Subject: Decodable {
        var parameter: String?
        var method: String?
        var interface: String?
    }
}
