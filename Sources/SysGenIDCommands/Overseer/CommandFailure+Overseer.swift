import SysGenIDSystem
import SysGenIDVarlink

extension CommandFailure {
    /// What an error of the overseer means to a user. It may come from a machine that nobody trusts.
    init(_ error: OverseerError, from address: OverseerAddress) {
        let journal = "see the journal of sysgenid-overseerd for what it has said"
        switch error {
        case .hookFailed(let generation, let hook):
            let status = hook.status.map { " with the status \($0)" } ?? ""
            self.init(
                event: "the hook \(shown(hook.name)) of the phase \(shown(hook.phase)) \(hook.phrase)\(status) "
                    + "in generation \(generation)",
                advice: journal)
        case .hooksTooLate(let generation, let hook, let milliseconds):
            self.init(
                event: "the hook \(shown(hook)) was not done within \(milliseconds) ms in generation \(generation)",
                advice: "\(journal), or allow more time with --deadline of sysgenid-overseerd")
        case .watchersOutdated(let generation, let processes):
            self.init(
                event: "still outdated in generation \(generation): \(shown(processes))",
                advice: "look at these programs: they are tracked, and have not readjusted")
        case .notReseeded(let generation, let remark):
            self.init(
                event: "the kernel's random pool was not reseeded for generation \(generation): \(shown(remark))",
                advice: "see whether sysgenidd has logged a reason")
        case .deadlineExceeded(let generation, let waitingFor):
            self.init(
                status: .timedOut, event: "timed out: generation \(generation) waits for \(shown(waitingFor))",
                advice: "allow more time with --timeout, or look at what is waited for")
        case .notQuiet(let state, let waitingFor):
            self.init(
                event: "the system is \(shown(state)) and waits for \(shown(waitingFor))",
                advice: "wait until it is ready, as by sysgenidctl ready")
        case .notServed(let remark):
            self.init(
                event: "sysgenidd does not serve: \(shown(remark))", advice: "start sysgenidd, then try again")
        case .notPermitted:
            self.init(
                status: .notPermitted, event: "the overseer \(address.phrase) does not do that for this user",
                advice: "run it as root")
        case .tooManyCalls:
            self.init(
                event: "as many wait for the overseer \(address.phrase) as may", advice: "end some of them")
        case .other(let name, let subject):
            let about = subject.map { " (\(shown($0)))" } ?? ""
            self.init(
                event: "the overseer \(address.phrase) has answered with \(shown(name))\(about)",
                advice: "see whether it is of another version than sysgenidctl")
        }
    }

    /// What it means that there is no answer.
    init(_ failure: VarlinkFailure, from address: OverseerAddress) {
        let overseer = "the overseer \(address.phrase)"
        switch failure {
        case .tooLate:
            self.init(
                status: .timedOut, event: "timed out: \(overseer) has not answered",
                advice: address.isOther ? "see whether the machine runs" : "see whether sysgenid-overseerd hangs")
        case .closed:
            self.init(
                event: "\(overseer) has closed the connection",
                advice: address.isOther
                    ? "see whether the machine runs, and its sysgenid-overseerd-vsock.socket is enabled"
                    : "see whether sysgenid-overseerd has logged a reason")
        case .notUnderstood:
            self.init(
                event: "what \(overseer) says is no answer", advice: "see what else may listen there")
        case .system(let failure):
            self.init(
                status: failure.errno == .permissionDenied ? .notPermitted : .failed,
                event: "cannot reach \(overseer): \(failure.errno)", advice: Self.advice(failure, address))
        }
    }

    private static func advice(_ failure: SystemCallFailure, _ address: OverseerAddress) -> String {
        guard !address.isOther else {
            return "see whether the machine runs, and its sysgenid-overseerd-vsock.socket is enabled"
        }
        return failure.errno == .permissionDenied
            ? "run it as root or as a member of the group sysgenid"
            : "start sysgenid-overseerd.socket, or say with --socket where it listens"
    }
}

extension Proof.Hook {
    /// What has become of it, as it reads after its name.
    fileprivate var phrase: String { outcome == "ended" ? "was ended" : "has failed" }
}

/// A text of somebody who may be hostile, as part of a line: nothing in it moves the cursor or hides what stands there.
func shown(_ text: String) -> String {
    let limit = 200
    let scalars = text.unicodeScalars.prefix(limit).map { scalar -> Character in
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned: "\u{FFFD}"
        default: Character(scalar)
        }
    }
    return String(scalars) + (text.unicodeScalars.count > limit ? "…" : "")
}

/// The same of several, of which the first are named.
func shown(_ texts: [String]) -> String {
    let limit = 8
    let names = texts.prefix(limit).map { shown($0) }.joined(separator: ", ")
    if texts.isEmpty { return "nothing that it names" }
    return texts.count > limit ? "\(names) and \(texts.count - limit) more" : names
}
