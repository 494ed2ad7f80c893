import Foundation
import TestSupport

/// What must never be, in words.
struct Wrong: Error, CustomStringConvertible {
    var description: String

    init(_ description: String) {
        self.description = description
    }
}

/// Looks until the condition holds, in a number of rounds and not for a time: where the machine is busy the rounds last as
/// much longer as what is waited for.
func waitInRounds(_ what: String, details: () -> String = { "" }, _ condition: () throws -> Bool) throws {
    for _ in 0..<8_000 {
        if try condition() { return }
        usleep(1_500)
    }
    throw Wrong("\(what) does not come: \(details())")
}

extension TriedDevice {
    /// Whether the daemon serves; false where it has ended.
    func comesToServe(_ daemon: RunningProgram) throws -> Bool {
        var serves = false
        try waitInRounds("the start or the end of the daemon", details: { state(of: daemon) }) {
            let isOver = !daemon.isRunning
            serves = daemon.text.contains("serving \(device.path)") || servesInSilence(daemon)
            return serves || isOver
        }
        return serves && daemon.isRunning
    }

    /// Whether it serves, where the line that says so could not be written.
    private func servesInSilence(_ daemon: RunningProgram) -> Bool {
        daemon.text.contains("lines of the log were left out here") && device.attribute("pid") != nil
    }

    /// Whether the daemon ends by itself, some time later.
    func endsSoon(_ daemon: RunningProgram) -> Bool {
        for _ in 0..<4_000 where daemon.isRunning { usleep(1_500) }
        return !daemon.isRunning
    }

    /// What a client of many calls has to say when it has ended; it must, whatever has failed.
    func runToEnd(_ client: RunningProgram, of daemon: RunningProgram) throws -> Int32 {
        try waitInRounds("the end of a client", details: { client.text + state(of: daemon) }) { !client.isRunning }
        return try client.exitCode()
    }

    /// Everything that can be asked has the right answer, with one change.
    func expectRightAnswers(of daemon: RunningProgram, at generation: UInt32) throws {
        let client = try device.run("TestClient", ["exercise", device.path, "\(generation)"])
        guard try runToEnd(client, of: daemon) == 0 else { throw Wrong("answers: \(oneLine(client.text))") }
        try waitInRounds("the published generation", details: { state(of: daemon) }) {
            device.attribute("generation") == "\(generation + 1)"
        }
    }

    /// A resume is one change, and all learn of it who wait for it.
    func expectOneResume(of daemon: RunningProgram, at generation: UInt32) throws {
        let clients = try waitingClients()
        try resume()
        guard try runToEnd(clients, of: daemon) == 0 else { throw Wrong("a resume: \(oneLine(clients.text))") }
        try waitInRounds("the published generation") { device.attribute("generation") == "\(generation + 1)" }
    }

    /// A client that blocks in read, and one that sleeps in poll.
    func waitingClients() throws -> RunningProgram {
        let clients = try device.run("TestClient", ["await", device.path])
        try waitInRounds("the clients", details: { clients.text }) {
            clients.text.contains("ready\n") || !clients.isRunning
        }
        return clients
    }

    /// The daemon ends as it is asked to, and leaves nothing.
    func expectCleanEnd(of daemon: RunningProgram) throws {
        daemon.signal(SIGTERM)
        let code = try code(of: daemon)
        guard code == 0 else { throw Wrong("it ends with \(code): \(oneLine(daemon.text))") }
        try expectNothingLeft()
    }

    /// The exit code of a daemon that is to end.
    func code(of daemon: RunningProgram) throws -> Int32 {
        try waitInRounds("the end of the daemon", details: { state(of: daemon) }) { !daemon.isRunning }
        return try daemon.exitCode()
    }

    func expectNothingLeft() throws {
        if device.isMounted { throw Wrong("it is still mounted") }
        if device.exists { throw Wrong("something is left at the path") }
    }

    /// The next daemon, of which nothing fails, serves at the generation and makes the changes that come.
    func expectRightSuccessor(at generations: ClosedRange<UInt32>) throws {
        let daemon = try device.run("sysgenidd", options)
        defer { daemon.end() }
        guard try comesToServe(daemon) else { throw Wrong("the next daemon does not serve: \(oneLine(daemon.text))") }
        guard let shown, generations.contains(shown) else {
            throw Wrong("the next daemon is at \(shown.debugDescription), not at \(generations)")
        }
        try expectRightAnswers(of: daemon, at: shown)
        try expectCleanEnd(of: daemon)
    }

    /// What a daemon that has ended by itself has said of it: it has to say what has failed.
    func message(of daemon: RunningProgram) throws -> String {
        let code = try code(of: daemon)
        guard code == 1 else { throw Wrong("it ended with \(code): \(oneLine(daemon.text))") }
        guard let line = daemon.lines.last(where: { $0.contains("error: ") }) else {
            throw Wrong("it ended without a message: \(oneLine(daemon.text))")
        }
        return line.replacing("sysgenidd: ", with: "")
    }

    /// What the daemon has said besides what it always says.
    func remarks(of daemon: RunningProgram, after count: Int = 0) -> String {
        daemon.lines.dropFirst(count).filter { line in !Self.usual.contains { line.contains($0) } }
            .map { $0.replacing("sysgenidd: ", with: "") }.joined(separator: " | ")
    }

    private static let usual = [
        "there is no group sysgenid", "the identity of this system is known", ": serving ", "triggered by",
        "stopped at",
        ": generation ",
    ]

    private func state(of daemon: RunningProgram) -> String {
        "\n\(daemon.text)\n\(daemon.isRunning ? ProcessStates.ofAllStarted : "it has ended")"
    }

    func oneLine(_ text: String) -> String { text.split(separator: "\n").suffix(12).joined(separator: " | ") }
}
