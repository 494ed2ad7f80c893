import SysGenIDCore
import SysGenIDFuse
import SysGenIDSystem

@testable import StateModel
@testable import SysGenIDFrontends

/// A daemon was killed at one moment of a move, and another one continues.
struct Continuation {
    /// What the kernel does with what was read and not answered.
    enum Kernel: CaseIterable {
        /// It delivers it again (6.9).
        case delivering
        /// Nothing: the successor serves what it finds in the memory.
        case forgetting
    }

    let kernel: Kernel
    let way: PlayedDaemon.Way
    let move: Move
    /// Before the move.
    let run: PlayedRun
    let base: Remains
    /// At the moment.
    let remains: Remains
    /// What was told by then.
    let replies: [KernelReply]

    /// What is wrong with what the next daemon does; nil where nothing is.
    func complaint() -> String? {
        do {
            return try continued()
        } catch {
            return "\(error)"
        }
    }

    private func continued() throws -> String? {
        var run = run
        run.send(move.request)
        var delivered: [[UInt8]] = []
        let daemon = try PlayedDaemon(continuing: remains, by: way) { inheritance in
            delivered = messages(for: inheritance, run)
            return delivered
        }
        defer { daemon.end() }
        run.sendAgain()
        if case .message = move.act {} else { try daemon.perform(move.act) }
        let all = replies + (try told(by: daemon))
        let isLost = isLost(delivered)
        if isLost, !remains.differsOnlyInWhatIsServed(from: base, of: way.kind) { return "what it had begun is lost" }
        let counter = run.model.counter
        return complaint(aboutCacheOf: daemon, all)
            ?? run.account(for: isLost ? nil : move, all, of: daemon, isReplayed: kernel == .forgetting)
            ?? complaint(aboutOrderOf: daemon, from: counter, to: run.model.counter)
            ?? goOn(&run, daemon)
    }

    private func told(by daemon: PlayedDaemon) throws -> [KernelReply] {
        try daemon.takeDeeds().compactMap { if case .told(let reply) = $0 { reply } else { nil } }
    }

    private func messages(for inheritance: Inheritance, _ run: PlayedRun) -> [[UInt8]] {
        guard kernel == .delivering else { return inheritance.unanswered(of: way.kind).map(Sent.again) }
        let answered = Set(replies.map(\.number))
        let unanswered = run.sent.filter { !answered.contains($0.number) }
        return (unanswered.map(\.message) + interrupt(ofAnyOf: unanswered)).map(Sent.again)
    }

    /// The interrupt that the move is, where its request waits: the kernel delivers it after that once more.
    private func interrupt(ofAnyOf unanswered: [Sent]) -> [[UInt8]] {
        guard let target, case .message(let message) = move.act,
            unanswered.contains(where: { $0.number == target })
        else { return [] }
        return [message]
    }

    /// The request that is interrupted.
    private var target: UInt64? {
        if case .interrupt(let request)? = move.event { request.rawValue } else { nil }
    }

    /// Whether the move was taken from the kernel, and nobody has it now.
    private func isLost(_ delivered: [[UInt8]]) -> Bool {
        guard kernel == .forgetting, case .message(let message) = move.act else { return false }
        let number = { (message: [UInt8]) in Sent.unique(of: message) & ~Sent.resentMark }
        let answered = Set(replies.map(\.number))
        return !delivered.contains { number($0) == number(message) }
            && !answered.contains(target ?? number(message))
    }

    /// The page never shows what the memory does not hold, the journal nothing that is not in the page, and nobody is
    /// told of what is not in the journal.
    private func complaint(aboutOrderOf daemon: PlayedDaemon, from old: UInt32, to new: UInt32) -> String? {
        guard old != new else { return nil }
        let held = daemon.inheritance.record.generation.rawValue
        let stages = [held, remains.page, remains.journal]
        guard stages.allSatisfy({ $0 == old || $0 == new }) else { return "stores of \(stages) from \(old) to \(new)" }
        let hasBegun = stages.map { $0 == new }
        if hasBegun[1], !hasBegun[0] { return "the page shows a change that is not in the memory" }
        if hasBegun[2], !hasBegun[1] { return "the journal holds a change that the page does not show" }
        let isResend = { (reply: KernelReply) in reply.number == 0 && reply.error == 7 }
        if !hasBegun[2], !replies.allSatisfy(isResend) { return "somebody is told before the change is in the journal" }
        return nil
    }

    /// A successor stores in the kernel's cache what its predecessor may not have come to.
    private func complaint(aboutCacheOf daemon: PlayedDaemon, _ replies: [KernelReply]) -> String? {
        guard way == .pageCache else { return nil }
        let stored = replies.filter { $0.number == 0 && $0.error == 4 }.compactMap { $0.word(UInt32.self, at: 24) }
        // The last one is the test's own.
        guard let last = stored.dropLast().last else { return "nothing is stored in the cache" }
        return last == daemon.page.load() ? nil : "the cache shows \(last)"
    }

    /// All goes on as ever: there is a change, everybody learns of it, acknowledges it and closes.
    private func goOn(_ run: inout PlayedRun, _ daemon: PlayedDaemon) -> String? {
        var events: [Event] = [.trigger(minimum: 0, isPermitted: true)]
        for file in run.model.files {
            events.append(.read(file.id, count: 4, request: nil, limit: nil))
            events.append(.write(file.id, run.model.next))
            events.append(.close(file.id))
        }
        for event in events + [.countOutdated] {
            guard let move = run.move(for: event) else { continue }
            do {
                run.send(move.request)
                try daemon.perform(move.act)
                let isLast = if case .countOutdated = event { true } else { false }
                if let complaint = run.account(for: move, try told(by: daemon), of: daemon, isRead: isLast) {
                    return "afterwards, \(event): \(complaint)"
                }
            } catch {
                return "afterwards, \(event): \(error)"
            }
        }
        return nil
    }
}

extension Model {
    /// The generation after this one.
    fileprivate var next: Generation {
        var other = self
        _ = other.change()
        return Generation(rawValue: other.counter)
    }
}
