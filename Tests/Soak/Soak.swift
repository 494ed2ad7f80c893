import Foundation
import TestSupport

/// Hours of changes and faults. Calm, in which one daemon lives long enough for something to grow, and storm, in which
/// daemons are killed, take turns.
final class Soak {
    let stage: Stage
    var random: SeededGenerator
    var done: [Fault: Int] = [:]
    private let end: Date
    private let clientCount: Int
    private var growth: Growth
    private var (resumes, triggers, answered) = (0, 0, 0)
    private var measurements = 0

    private static let calm: TimeInterval = 240
    private static let storm: TimeInterval = 120

    init(on stage: Stage, _ options: Options) throws {
        self.stage = stage
        clientCount = options.clients
        random = SeededGenerator(seed: options.seed)
        end = Date(timeIntervalSinceNow: options.minutes * 60)
        // What is allocated once is there after the first change.
        growth = Growth(from: try Footprint(of: stage))
        for _ in 1...20 {
            try trigger()
            try killWarmingUp()
        }
        try settle()
        growth = Growth(from: try Footprint(of: stage))
    }

    /// - Returns: whether all is well.
    func run() throws -> Bool {
        let begun = Date()
        var (isStorm, turn, report) = (true, Date(timeIntervalSinceNow: Self.storm), Date())
        while Date() < end {
            if Date() >= turn {
                isStorm.toggle()
                turn = Date(timeIntervalSinceNow: isStorm ? Self.storm : Self.calm)
            }
            try round(isStorm: isStorm)
            guard Date() >= report else { continue }
            report = Date(timeIntervalSinceNow: 60)
            say(
                "\(Int(Date().timeIntervalSince(begun))) s: generation \(expected), \(growth.last.residentBytes >> 10) KiB"
            )
        }
        return try finish(after: Date().timeIntervalSince(begun))
    }

    /// A few changes and faults, after which everybody knows the last generation, and nothing has grown.
    private func round(isStorm: Bool) throws {
        let faults = Fault.allCases.filter { isStorm || !$0.endsTheDaemon }
        for _ in 1...Int.random(in: 1...4, using: &random) {
            try change()
            try perform(faults.randomElement(using: &random)!)
        }
        try settle()
        let grown = growth.note(try Footprint(of: stage))
        measurements += 1
        guard grown.isEmpty else { throw Failure("\(grown.joined(separator: ", ")) have grown\n\(growth.summary)") }
    }

    private func killWarmingUp() throws {
        let client = try RunningProgram(Stage.program("TestClient"), ["read", stage.path])
        usleep(20_000)
        client.end()
    }

    // MARK: Changes

    /// How many changes there was reason for, and so which generation there has to be.
    private var expected: Int { resumes + triggers }

    /// A trigger, or a resume.
    func change() throws {
        if Bool.random(using: &random) { try trigger() } else { try resume() }
    }

    private func trigger() throws {
        triggers += 1
        try stage.clients.send("trigger")
    }

    /// The clients learn first that a change will come. Two resumes that nobody has seen are one change, so there is one at a
    /// time.
    func resume() throws {
        if kill(stage.daemon, 0) == 0 { try awaitChanges() }
        resumes += 1
        try stage.clients.send("expect")
        try stage.wait(for: "the clients") { stage.saidByClients.expecting == expected }
        try Stage.setIdentity(resumes, in: stage.identityFile)
    }

    /// Waits until all changes are made.
    func awaitChanges() throws {
        try stage.wait(for: "generation \(expected)") {
            let seen = Int(try stage.mapped() ?? 0)
            if seen > expected { throw Failure("the page shows \(seen), and \(expected) is asked for") }
            return seen == expected && stage.saidByClients.triggered == triggers
        }
    }

    /// Waits until page, attributes and clients are at the last generation.
    func settle(isPublished: Bool = true) throws {
        try awaitChanges()
        answered += 1
        try stage.clients.send("told")
        let wanted = "\(clientCount) told of \(expected), 0 failures"
        try stage.wait(for: "that all clients are told") { stage.saidByClients.answers == answered }
        let said = stage.saidByClients
        guard said.lastAnswer == wanted, said.complaints.isEmpty else {
            throw Failure("\(wanted) was to be said: \(said.lastAnswer)\n\(said.complaints.joined(separator: "\n"))")
        }
        guard isPublished else { return }
        try stage.wait(for: "the attributes") { stage.attribute("generation") == "\(expected)" }
    }

    // MARK: The end

    private func finish(after seconds: TimeInterval) throws -> Bool {
        let watchers = stage.attribute("watchers") ?? "no"
        try stage.clients.send("end")
        let code = try stage.clients.exitCode()
        try stage.wait(for: "that nobody is counted any more") { stage.attribute("watchers") == "0" }
        let served = stage.served
        stage.supervisor.signal(SIGTERM)
        _ = try stage.supervisor.exitCode()
        say(stage.clients.text.split(separator: "\n").suffix(9).joined(separator: "\n"))
        say("\(Int(seconds)) s: \(resumes) resumes, \(triggers) triggers, generation \(expected); \(watchers) watchers")
        say(Fault.allCases.map { "\($0.rawValue): \(done[$0] ?? 0)" }.joined(separator: ", "))
        say("\(served) daemons have served, one after the other; \(measurements) measurements")
        say(growth.summary)
        let errors = stage.log.errors
        errors.prefix(5).forEach { say(String($0)) }
        let isLeft = stage.supervisor.lines.last != "0 kept" || stage.isMounted
        say("\(errors.count) errors in the log; \(isLeft ? "something" : "nothing") is left")
        return code == 0 && errors.isEmpty && !isLeft
    }

    func say(_ text: String) {
        // At once, also where it goes to a file.
        FileHandle.standardOutput.write(Data("\(text)\n".utf8))
    }
}
