import SysGenID
import SysGenIDSystem
import TestSupport
import Testing

@testable import SysGenIDOverseer

/// Long random sequences of events, whose world keeps account of what was done: what has to hold is simpler than how it
/// comes about.
@Suite("Readiness, random sequences")
struct ReadinessSequenceTests {
    @Test("whatever comes in whatever order", arguments: 0..<400 as Range<UInt64>)
    func sequences(seed: UInt64) throws {
        var world = World(seed: seed)
        for _ in 0..<400 {
            world.step()
            if !world.complaints.isEmpty { break }
        }
        world.settle()
        #expect(world.complaints == [], "seed \(seed): \(world.trail.suffix(40))")
    }

    @Test("the sequences come to all stages and answers")
    func coverage() {
        var stages: Set<Readiness.Stage> = []
        var answers: Set<String> = []
        for seed: UInt64 in 0..<200 {
            var world = World(seed: seed)
            for _ in 0..<400 {
                world.step()
                stages.insert(world.readiness.stage)
            }
            answers.formUnion(world.answered)
        }
        #expect(stages == Set(Readiness.Stage.allCases))
        #expect(answers == ["ready", "quiesced", "failed", "deadlineExceeded", "notQuiet", "notServed"])
    }
}

/// The device, its watchers, hooks that run, callers and overseers that are killed.
private struct World {
    var readiness = Readiness(Self.settings)
    var complaints: [String] = []
    var trail: [String] = []
    var answered: Set<String> = []

    private static let settings = Readiness.Settings(deadline: 1_000, backendGrace: 100)
    private static let hooks = [Hook("10-a"), Hook("20-b"), Hook("30-c.optional")]

    private var random: SeededGenerator
    private var now: UInt64 = 1_000
    private var record: Readiness.Record?
    /// What the device has, what is published of its last resume, and what the overseer was shown.
    private var device = Generation(rawValue: 5)
    private var reseed: PublishedReseed?
    private var shown: Generation?
    private var learning: Generation?
    private var awaited: Generation?
    private var isTriggering = false
    private var minimum: UInt32 = 0
    /// The hook that runs, and whether it was ended.
    private var running: (hook: Hook, phase: Phase, generation: Generation, isEnding: Bool)?
    /// The hooks that have succeeded for a generation, which are those that are run once.
    private var done: [Generation: [String]] = [:]
    private var failed: Set<Generation> = []
    private var lastCall: UInt64 = 0
    private var waiting: [CallNumber: Generation?] = [:]

    init(seed: UInt64) {
        random = SeededGenerator(seed: seed)
        take(.served(true))
    }

    private mutating func chance(_ one: Int) -> Bool { Int.random(in: 0..<one, using: &random) == 0 }

    mutating func step() {
        switch Int.random(in: 0..<22, using: &random) {
        case 0: change(isResume: true)
        case 1: change(isResume: false)
        case 2, 3, 4: show()
        case 5, 6, 7: learn()
        case 8, 9, 10, 11, 12: endHook()
        case 13, 14: watch()
        case 15: call()
        case 16: leave()
        case 17: answerTrigger()
        case 18: pass(UInt64.random(in: 1...60, using: &random))
        case 19: if chance(8) { pass(1_100) }
        case 20: if chance(4) { kill() }
        default: take(.served(!chance(4)))
        }
    }

    /// Lets everything come to its end: every call is answered.
    mutating func settle() {
        for _ in 0..<200 {
            take(.served(true))
            show()
            learn()
            answerTrigger()
            endHook()
            watch()
            pass(50)
        }
        pass(5_000)
        if !waiting.isEmpty { complaints.append("\(waiting.keys) were never answered") }
        let end: Set<Readiness.Stage> = [.ready, .failed, .quiesced]
        if !end.contains(readiness.stage) { complaints.append("it stays \(readiness.stage)") }
        if readiness.change?.generation != device { complaints.append("it has missed \(device)") }
    }

    // MARK: What happens

    private mutating func change(isResume: Bool) {
        device = device.next()
        guard isResume else { return }
        reseed = PublishedReseed(device.rawValue, isTaken: !chance(8))
    }

    private mutating func show() {
        shown = device
        take(.shown(device))
    }

    private mutating func learn() {
        guard let generation = learning, generation == device else { return }
        learning = nil
        take(.learned(generation, reseed))
    }

    private mutating func endHook() {
        guard let ended = running else { return }
        running = nil
        let status: Int32 = ended.isEnding ? 137 : chance(6) ? 1 : 0
        if !ended.isEnding {
            if status == 0 { done[ended.generation, default: []].append("\(ended.phase)/\(ended.hook.name)") }
            if status != 0, !ended.hook.isOptional, ended.phase != .failed { failed.insert(ended.generation) }
        }
        take(.hookEnded(status: status))
    }

    private mutating func watch() {
        guard let generation = awaited, generation == device else { return }
        if chance(3) {
            take(.watchersOutdated(generation, processes: ["1 a"]))
        } else {
            take(.watchersUpToDate(generation, WatcherCount()))
        }
    }

    private mutating func call() {
        lastCall += 1
        let call = CallNumber(rawValue: lastCall)
        let deadline: UInt64? = chance(3) ? UInt64.random(in: 0...2_000, using: &random) : nil
        waiting[call] = .some(nil)
        switch Int.random(in: 0..<3, using: &random) {
        case 0: take(.quiesce(call, deadline: deadline))
        case 1:
            let least = chance(2) ? device.next() : nil
            waiting[call] = .some(least)
            take(.waitReady(call, least, deadline: deadline))
        default:
            let announcement = Announcement(
                identity: "\(Int.random(in: 0..<6, using: &random))", entropy: chance(2) ? .taken : .none,
                minimum: chance(3) ? device.rawValue + 2 : 0, isSeenByBackend: chance(2))
            take(.announce(call, announcement, deadline: deadline))
        }
    }

    private mutating func leave() {
        guard let call = waiting.keys.min(by: { $0.rawValue < $1.rawValue }) else { return }
        waiting[call] = nil
        take(.left(call))
    }

    private mutating func answerTrigger() {
        guard isTriggering else { return }
        isTriggering = false
        if chance(5) { return take(.triggered(nil, remark: "no")) }
        device = device.next(atLeast: minimum)
        let made = device
        if chance(2) { show() }
        take(.triggered(made, remark: ""))
    }

    private mutating func pass(_ time: UInt64) {
        now += time
        while let moment = readiness.nextMoment, moment <= now {
            let before = readiness
            take(.timePassed)
            if readiness == before {
                complaints.append("it asks for the same moment again and again")
                break
            }
        }
    }

    /// Another overseer takes the place of this one: its hook goes with it, and so do its callers.
    private mutating func kill() {
        trail.append("killed")
        readiness = Readiness(Self.settings, continuing: record)
        (running, learning, awaited, isTriggering, waiting) = (nil, nil, nil, false, [:])
        take(.served(true))
    }

    // MARK: What is done about it

    private mutating func take(_ event: Readiness.Event) {
        trail.append("\(event)")
        let actions = readiness.take(event, now: now)
        // An overseer may be killed at any moment: what it does is kept first.
        if readiness.record != record, actions.first != .record { complaints.append("what is done was not kept") }
        for action in actions { perform(action) }
    }

    private mutating func perform(_ action: Readiness.Action) {
        switch action {
        case .record: record = readiness.record
        case .learn(let generation): learning = generation
        case .list(let phase): take(.listed(phase, Self.hooks))
        case .run(let hook, let phase, let generation, _): run(hook, phase, generation)
        case .endHook:
            if running?.isEnding != false { complaints.append("there is nothing to end") }
            running?.isEnding = true
        case .awaitWatchers(let generation): awaited = generation
        case .awaitNobody: awaited = nil
        case .trigger(let minimum):
            if isTriggering { complaints.append("two triggers at once") }
            (isTriggering, self.minimum) = (true, minimum)
        case .answer(let call, let answer): check(call, answer)
        case .tell, .newState: break
        }
    }

    private mutating func run(_ hook: Hook, _ phase: Phase, _ generation: Generation) {
        if let running { complaints.append("\(hook.name) runs beside \(running.hook.name)") }
        if generation != shown { complaints.append("\(hook.name) runs for \(generation), and not for \(shown!)") }
        let isOnce = phase == .changed || phase == .ready
        if isOnce, done[generation]?.contains("\(phase)/\(hook.name)") == true {
            complaints.append("\(phase)/\(hook.name) runs twice for \(generation)")
        }
        running = (hook, phase, generation, false)
    }

    private mutating func check(_ call: CallNumber, _ answer: Readiness.Answer) {
        guard let least = waiting.removeValue(forKey: call) else {
            return complaints.append("\(call) does not wait for an answer")
        }
        answered.insert(String("\(answer)".prefix { $0 != "(" }))
        guard case .ready(let proof) = answer else { return }
        let generation = proof.generation
        if generation != shown { complaints.append("ready with \(generation), and not with \(shown!)") }
        if let least, generation.rawValue < least.rawValue { complaints.append("\(generation) is older than \(least)") }
        if failed.contains(generation) { complaints.append("ready although a hook has failed for \(generation)") }
        guard proof.cause != .start else { return }
        let needed = ["changed/10-a", "changed/20-b", "ready/10-a", "ready/20-b"]
        if !Set(needed).isSubset(of: done[generation] ?? []) {
            complaints.append("ready without the hooks: \(done[generation] ?? [])")
        }
        if let reseed, !reseed.isTaken, reseed.generation == generation, proof.reseed?.sources != ["host"] {
            complaints.append("ready without the reseed of \(generation)")
        }
    }
}
