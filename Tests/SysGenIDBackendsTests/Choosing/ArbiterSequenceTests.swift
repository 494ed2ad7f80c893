import SysGenIDCore
import TestSupport
import Testing

@testable import SysGenIDBackends

/// A machine whose sources break and come back at random, and which is resumed at random: each resume is one change.
struct ArbiterSequenceTests {
    /// To repeat a sequence that failed, put its seed here alone.
    static let seeds: Range<UInt64> = 0..<100

    @Test("one resume is one change, whatever breaks", arguments: seeds)
    func sequence(seed: UInt64) throws {
        var machine = RandomMachine(seed: seed)
        for number in 0..<500 {
            machine.live()
            try #require(machine.generation == machine.resumes, "seed \(seed), step \(number)")
            try #require(machine.isShortWayTheSame, "seed \(seed), step \(number)")
        }
        #expect(machine.resumes > 10 && machine.shortWays > 0)
    }
}

/// Sources, a daemon's registry, and how often the machine was really resumed.
private struct RandomMachine {
    private var random: SeededGenerator
    private var arbiter: Arbiter
    private var registry = GenerationRegistry()
    private var isFailing = [false, false, false, false]
    private var line: UInt64 = 0
    /// What the log said when it was looked at last.
    private var seenLine: UInt64?
    /// In how many steps the kernel will log the line of the last resume.
    private var lineIsDueIn: Int?
    private(set) var resumes: UInt32 = 0
    /// How often a resume was reported before the arbiter knew of it, and whether the arbiter has reported the same then,
    /// before all else.
    private(set) var shortWays = 0
    private(set) var isShortWayTheSame = true
    private var now: UInt64 = 0

    private static let names = ["vmclock", "acpi", "qemu-fw-cfg", "kernel-log"]

    init(seed: UInt64) {
        random = SeededGenerator(seed: seed)
        arbiter = Arbiter(Self.names)
        look(isPrompted: true)
    }

    var generation: UInt32 { registry.current.rawValue }

    /// Some time goes by.
    mutating func live() {
        now += UInt64.random(in: 1...Arbiter.settlingTime / 6, using: &random)
        if chance(of: 20), lineIsDueIn == nil {
            resumes += 1
            lineIsDueIn = Int.random(in: 0...4, using: &random)
            // What one host offers the next may not, but one source outlives the resume.
            let lasting = isFailing.indices.prefix(3).filter { !isFailing[$0] }.randomElement(using: &random)!
            breakSources()
            isFailing[lasting] = false
        } else if chance(of: 10), lineIsDueIn == nil {
            breakSources()
        } else if chance(of: 200), lineIsDueIn == nil {
            // The daemon is started again.
            registry = GenerationRegistry(continuing: registry.record)
            arbiter = Arbiter(Self.names)
        }
        if let steps = lineIsDueIn {
            if steps == 0 { line += UInt64.random(in: 1...9, using: &random) }
            lineIsDueIn = steps == 0 ? nil : steps - 1
        }
        for announcer in [0, 3] where chance(of: 2) { goShortWay(from: announcer) }
        look(isPrompted: false)
        while arbiter.isUndecided { look(isPrompted: true) }
        // By the next full look at the latest.
        look(isPrompted: true)
    }

    /// Any of the sources but the log, which is always there.
    private mutating func breakSources() {
        for index in 0..<3 { isFailing[index] = Bool.random(using: &random) }
        // The kernel's line is too late to be looked for in the moment of the resume.
        if isFailing[..<3].allSatisfy(\.self) { isFailing[Int.random(in: 0..<3, using: &random)] = false }
    }

    /// Where one source that announces its changes, the first or the log, has something new and one decides alone, as the
    /// loop does.
    private mutating func goShortWay(from announcer: Int) {
        guard announcer == 0 || line != seenLine, let decisive = arbiter.decisive(announcedBy: announcer),
            !arbiter.isDue(at: now),
            !isFailing[decisive.index], identity(decisive.index) != decisive.seen
        else { return }
        let early = BackendReport.identity(identity(decisive.index), by: Self.names[decisive.index])
        let recognition = registry.take(early)
        var readings: [Reading?] = [nil, nil, nil, nil]
        readings[decisive.index] = .identity(identity(decisive.index))
        var reports: [BackendReport] = []
        arbiter.take(readings, now: now) {
            reports.append($0)
            return $0 == early ? recognition : registry.take($0)
        }
        shortWays += 1
        if reports.first != early || reports.dropFirst().contains(early) { isShortWayTheSame = false }
    }

    private mutating func look(isPrompted: Bool) {
        let readings: [Reading?] = [
            reading(0), reading(1),
            // It is not looked at each time.
            isPrompted || chance(of: 2) ? reading(2) : nil,
            // It is looked at where it has something to say.
            isPrompted || line != seenLine ? reading(3) : nil,
        ]
        if readings[3] != nil { seenLine = line }
        arbiter.take(readings, now: now) { registry.take($0) }
    }

    private func reading(_ index: Int) -> Reading {
        isFailing[index] ? .failure("gone") : .identity(identity(index))
    }

    private func identity(_ index: Int) -> Identity {
        switch index {
        case 0: Identity(domain: .init("vmclock"), high: UInt64(resumes), low: 0)
        case 1, 2: Identity(domain: .vmGenerationID, high: 7, low: UInt64(resumes))
        default: Identity(domain: .kernelLog, high: 0, low: line)
        }
    }

    private mutating func chance(of odds: Int) -> Bool {
        Int.random(in: 0..<odds, using: &random) == 0
    }
}
