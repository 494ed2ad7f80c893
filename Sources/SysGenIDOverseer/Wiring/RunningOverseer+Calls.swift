import Logging
import SysGenID
import SysGenIDSystem
import SysGenIDVarlink

// Those who ask over Varlink.

extension RunningOverseer {
    /// Takes what was asked, and who has gone away.
    func takeCalls() {
        for event in server.take() {
            switch event {
            case .called(let id, let call): answer(call, id)
            case .left(let id):
                streams.remove(id)
                if let number = numbers.removeValue(forKey: id) {
                    callers[number] = nil
                    take(.left(number))
                }
            }
        }
        if let failure = server.takeFailure() {
            logger.warning("somebody could not be connected (\(failure)): it is tried again")
        }
    }

    /// Gives the answer to a call that waits.
    func give(_ answer: Readiness.Answer, to number: CallNumber) {
        guard let id = callers.removeValue(forKey: number) else { return }
        numbers[id] = nil
        server.answer(id, with: answer.reply)
    }

    /// Tells those who watch.
    func tellStreams() {
        let reply = readiness.view.reply
        for id in streams { server.answer(id, with: reply, isLast: false) }
    }

    private func answer(_ call: VarlinkCall, _ id: CallID) {
        let request: OverseerRequest
        do {
            request = try OverseerRequest(call)
        } catch {
            return server.answer(id, with: .refusal(error))
        }
        guard !request.isForRootAndHost || call.peer.isPrivileged else {
            return server.answer(id, with: .notPermitted)
        }
        switch request {
        case .get: server.answer(id, with: readiness.view.reply)
        case .watch:
            streams.insert(id)
            server.answer(id, with: readiness.view.reply, isLast: false)
        case .quiesce(let deadline): take(.quiesce(number(for: id), deadline: deadline))
        case .waitReady(let generation, let deadline):
            take(.waitReady(number(for: id), generation, deadline: deadline))
        case .changed(let identity, let entropy, let minimum, let deadline):
            logger.notice("\(call.peer.text) announces a resume")
            let announcement = Announcement(
                identity: identity, entropy: add(entropy, of: identity), minimum: minimum,
                isSeenByBackend: isSeenByBackend)
            take(.announce(number(for: id), announcement, deadline: deadline))
        }
    }

    private func number(for id: CallID) -> CallNumber {
        lastCall += 1
        let number = CallNumber(rawValue: lastCall)
        callers[number] = id
        numbers[id] = number
        return number
    }

    /// Whether sysgenidd has a source that shows resumes, and so may see the one that is announced.
    private var isSeenByBackend: Bool {
        PublishedAttributes(in: configuration.runtimeDirectory).backend.map { $0 != "manual" } ?? false
    }

    /// Adds a host's bytes to the kernel's pool, before the change is made; once for each resume.
    private func add(_ entropy: [UInt8], of identity: String) -> Announcement.Entropy {
        guard !entropy.isEmpty, !readiness.announcements.isKnown(identity) else { return .none }
        do throws(SystemCallFailure) {
            try KernelRandomness().reseed(fromHost: entropy)
            return .taken
        } catch {
            logger.warning("the host's bytes are not in the kernel's random pool: \(error)")
            return .refused("\(error)")
        }
    }
}

extension Peer {
    /// Whether it may do something to the system: the host, and root.
    fileprivate var isPrivileged: Bool {
        switch self {
        case .process(let user, _, _): user == 0
        case .host: true
        }
    }

    fileprivate var text: String {
        switch self {
        case .process(let user, _, let process): "process \(process) of user \(user)"
        case .host: "the host"
        }
    }
}
