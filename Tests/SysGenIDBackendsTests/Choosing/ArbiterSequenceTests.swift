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
        }
        #expect(machine.resumes > 10)
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

    private mutating func look(isPrompted: Bool) {
        let known = UInt64(resumes)
        let readings: [Reading?] = [
            reading(0, Identity(domain: .init("vmclock"), high: known, low: 0)),
            reading(1, Identity(domain: .vmGenerationID, high: 7, low: known)),
            // It is not looked at each time.
            isPrompted || chance(of: 2)
                ? reading(2, Identity(domain: .vmGenerationID, high: 7, low: known)) : nil,
            // It is looked at where it has something to say.
            isPrompted || line != seenLine ? .identity(Identity(domain: .kernelLog, high: 0, low: line)) : nil,
        ]
        if readings[3] != nil { seenLine = line }
        arbiter.take(readings, now: now) { registry.take($0) }
    }

    private func reading(_ index: Int, _ identity: Identity) -> Reading {
        isFailing[index] ? .failure("gone") : .identity(identity)
    }

    private mutating func chance(of odds: Int) -> Bool {
        Int.random(in: 0..<odds, using: &random) == 0
    }
}
