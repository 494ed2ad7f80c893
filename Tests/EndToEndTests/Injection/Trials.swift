import Foundation
import TestSupport

/// A way to let calls fail, in one phase of a daemon's life.
protocol Trial: SendableMetatype {
    init(_ tried: TriedDevice)

    /// Lives through the phase once; with nothing that fails it notes all calls.
    func run(_ injection: Injection?) throws -> Outcome

    /// Ends what a trial has left for the next one.
    func end()
}

extension Trial {
    func end() {}
}

/// From the start until clients are served.
struct StartTrial: Trial {
    let tried: TriedDevice

    init(_ tried: TriedDevice) {
        self.tried = tried
    }

    func run(_ injection: Injection?) throws -> Outcome {
        try tried.reset()
        try injection.map(tried.injector.fail) ?? tried.injector.record()
        let daemon = try tried.start()
        defer { daemon.end() }
        guard try tried.comesToServe(daemon) else { return try end(of: daemon, changes: 0) }
        let isMade = injection == nil || tried.injector.isMade
        guard injection != nil else { return .borne("") }
        let remarks = tried.remarks(of: daemon)
        do {
            try tried.expectRightAnswers(of: daemon, at: TriedDevice.generation)
            try tried.expectOneResume(of: daemon, at: TriedDevice.generation + 1)
        } catch  where tried.endsSoon(daemon) {
            // Its thread has met the failure when the others had begun to serve.
            return try end(of: daemon, changes: 2)
        }
        try tried.expectCleanEnd(of: daemon)
        return isMade ? .borne(remarks) : .notMade
    }

    /// It has said why, and left nothing but its state.
    private func end(of daemon: RunningProgram, changes: UInt32) throws -> Outcome {
        let message = try tried.message(of: daemon)
        try tried.expectNothingLeft()
        try tried.expectRightSuccessor(at: TriedDevice.generation...TriedDevice.generation + changes)
        return .ended(message)
    }
}

/// A daemon that serves while calls fail: it is the same one for all, until one of them has ended it.
final class ServingDaemon {
    let tried: TriedDevice
    private(set) var daemon: RunningProgram?

    init(_ tried: TriedDevice) {
        self.tried = tried
    }

    func end() {
        daemon?.end()
        daemon = nil
    }

    /// Lets something be done with the daemon while a call fails.
    ///
    /// - Parameters:
    ///   - changes: how many changes come of it.
    ///   - body: what is done; whether all that it saw was right, had the daemon borne it.
    func run(
        _ injection: Injection?, changes: ClosedRange<UInt32>, _ body: (RunningProgram) throws -> String?
    ) throws -> Outcome {
        do {
            let outcome = try attempt(injection, changes: changes, body)
            guard outcome == .notMade else { return outcome }
            // Some calls are made only once by a daemon.
            end()
            return try attempt(injection, changes: changes, body)
        } catch {
            end()
            throw error
        }
    }

    private func attempt(
        _ injection: Injection?, changes: ClosedRange<UInt32>, _ body: (RunningProgram) throws -> String?
    ) throws -> Outcome {
        let daemon = try running()
        let generation = tried.shown ?? 0
        let said = daemon.lines.count
        let complaint = try body(daemon)
        guard injection != nil else { return .borne("") }
        let isMade = tried.injector.isMade
        try tried.injector.clear()
        let expected = generation + changes.lowerBound...generation + changes.upperBound
        if complaint == nil, daemon.isRunning, let shown = tried.shown, expected.contains(shown) {
            do {
                try tried.expectRightAnswers(of: daemon, at: shown)
                return isMade ? .borne(tried.remarks(of: daemon, after: said)) : .notMade
            } catch  where tried.endsSoon(daemon) {}
        }
        guard tried.endsSoon(daemon) else {
            throw Wrong(
                "\(complaint ?? "the page shows \(tried.shown ?? 0)"): \(tried.remarks(of: daemon, after: said))")
        }
        self.daemon = nil
        let message = try tried.message(of: daemon)
        try tried.expectNothingLeft()
        try tried.expectRightSuccessor(at: expected)
        return .ended(message)
    }

    private func running() throws -> RunningProgram {
        if let daemon, daemon.isRunning { return daemon }
        try tried.reset()
        let daemon = try tried.start()
        guard try tried.comesToServe(daemon) else { throw Wrong("it does not serve: \(daemon.text)") }
        self.daemon = daemon
        return daemon
    }
}

/// A trial of a daemon that serves.
protocol ServingTrial: Trial {
    var serving: ServingDaemon { get }

    init(serving: ServingDaemon)
}

extension ServingTrial {
    init(_ tried: TriedDevice) {
        self.init(serving: ServingDaemon(tried))
    }

    func end() { serving.end() }
}

/// Everything that a client can ask for.
struct RequestTrial: ServingTrial {
    let serving: ServingDaemon

    func run(_ injection: Injection?) throws -> Outcome {
        let tried = serving.tried
        return try serving.run(injection, changes: 0...1) { daemon in
            let before = tried.shown
            try injection.map(tried.injector.fail) ?? tried.injector.record()
            let client = try tried.device.run("TestClient", ["exercise", tried.device.path])
            _ = try tried.runToEnd(client, of: daemon)
            let isLost = client.lines.contains("trigger 0") && tried.shown == before
            return isLost ? "a change was promised and did not come" : nil
        }
    }
}

/// A resume that the backend notices, while clients wait for it.
struct ChangeTrial: ServingTrial {
    let serving: ServingDaemon

    func run(_ injection: Injection?) throws -> Outcome {
        let tried = serving.tried
        return try serving.run(injection, changes: 1...1) { daemon in
            let clients = try tried.waitingClients()
            try injection.map(tried.injector.fail) ?? tried.injector.record()
            try tried.resume()
            let code = try tried.runToEnd(clients, of: daemon)
            // Who was to get the answer that was lost gets an error.
            return code == 0 || injection?.site == "writev /dev/fuse" ? nil : tried.oneLine(clients.text)
        }
    }
}

/// From SIGTERM to the end.
struct StopTrial: Trial {
    let tried: TriedDevice

    init(_ tried: TriedDevice) {
        self.tried = tried
    }

    func run(_ injection: Injection?) throws -> Outcome {
        try tried.reset()
        let daemon = try tried.start()
        defer { daemon.end() }
        guard try tried.comesToServe(daemon) else { throw Wrong("it does not serve: \(daemon.text)") }
        let clients = try tried.waitingClients()
        let said = daemon.lines.count
        try injection.map(tried.injector.fail) ?? tried.injector.record()
        daemon.signal(SIGTERM)
        let code = try tried.code(of: daemon)
        guard injection != nil else { return .borne("") }
        let isMade = tried.injector.isMade
        _ = try tried.runToEnd(clients, of: daemon)
        let remarks = tried.remarks(of: daemon, after: said)
        guard code == 0 || code == 1 && !remarks.isEmpty else { throw Wrong("it ended with \(code): \(daemon.text)") }
        if injection.map(Self.isUntrue) != true { try tried.expectNothingLeft() }
        try tried.expectRightSuccessor(at: TriedDevice.generation...TriedDevice.generation)
        return !isMade ? .notMade : code == 0 ? .borne(remarks) : .ended(remarks)
    }

    /// Whether it says that nothing is at the path, where something is: who believes that leaves it.
    private static func isUntrue(_ injection: Injection) -> Bool {
        injection.result == -ENOENT && injection.site.hasSuffix(" FOLDER/sysgenid")
    }
}
