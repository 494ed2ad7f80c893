import Foundation
import TestSupport

/// From the start of a daemon that continues a killed one until it serves. It is the same service for all.
final class TakeoverTrial: Trial {
    private let tried: TriedDevice
    private var supervisor: Supervisor?

    init(_ tried: TriedDevice) {
        self.tried = tried
    }

    func end() {
        supervisor?.end()
        supervisor = nil
        unlink(tried.device.folder + "/notify")
    }

    func run(_ injection: Injection?) throws -> Outcome {
        do {
            return try attempt(injection)
        } catch {
            end()
            throw error
        }
    }

    private func attempt(_ injection: Injection?) throws -> Outcome {
        let supervisor = try running()
        let generation = tried.shown ?? 0
        let said = supervisor.program.lines.count
        let clients = try tried.waitingClients()
        try supervisor.whileGone { try injection.map(tried.injector.fail) ?? tried.injector.record() }
        guard injection != nil else { return .borne("") }
        let isMade = tried.injector.isMade
        try tried.injector.clear()

        let lines = supervisor.program.lines.dropFirst(said)
        let signals = lines.filter { $0.hasPrefix("ended by signal ") && $0 != "ended by signal 9" }
        guard signals.isEmpty else { throw Wrong("\(signals.joined()): \(tried.oneLine(supervisor.text))") }
        guard tried.shown == generation else { throw Wrong("the page shows \(tried.shown ?? 0), not \(generation)") }
        // The clients of a connection that is not continued are free; all others learn of the change.
        try tried.resume()
        let code = try tried.runToEnd(clients, of: supervisor.program)
        try waitInRounds("the change") { tried.device.attribute("generation") == "\(generation + 1)" }
        try tried.expectRightAnswers(of: supervisor.program, at: generation + 1)
        // One that believes the kernel that its connection has ended has told the manager before that it is ready.
        let starts = supervisor.program.lines.dropFirst(said).filter { $0.hasPrefix("started ") }.count
        let remarks = tried.remarks(of: supervisor.program, after: said)
        let isContinued = starts == 1 && !remarks.contains("afresh")
        guard code == 0 || !isContinued else { throw Wrong("clients: \(tried.oneLine(clients.text)); \(remarks)") }
        guard starts == 1 || remarks.contains("error: ") else { throw Wrong("it ended without a message") }
        return !isMade ? .notMade : starts > 1 ? .ended(remarks) : .borne(remarks)
    }

    private func running() throws -> Supervisor {
        if let supervisor { return supervisor }
        try tried.reset()
        let daemon = [Built.path(of: "TestClient")] + tried.injector.command + [Built.path(of: "sysgenidd")]
        let started = try Supervisor(tried.device, Array(tried.options.dropFirst(4)), daemon: daemon)
        supervisor = started
        return started
    }
}
