import StateModel
import TestSupport
import Testing

@testable import SysGenIDCore

/// Generations that clients have seen and that none of the daemon's were.
struct ForgedTests {
    @Test(
        "a change passes over what was forged, and over nothing else",
        arguments: [
            (5, [], 0, 6), (5, [6], 0, 7), (5, [7], 0, 6), (5, [6, 7, 9], 0, 8), (5, [7, 6], 0, 8),
            (5, [8, 6, 7], 0, 9),
            // What lies behind, the current generation and 0 change nothing.
            (5, [4, 5, 0], 0, 6),
            // One number far away brings the counter nowhere.
            (5, [.max, 1_000_000], 0, 6), (5, [6, .max], 0, 7),
            // Also where a minimum leads to one.
            (5, [1_006], 1_006, 1_007), (5, [1_006], 1_005, 1_005), (5, [.max], .max, 1),
            // Past the end of the numbers, and on from their beginning.
            (1, [.max], .max, 2), (1, [2, 3, .max], .max, 4), (.max - 1, [.max], 0, 1), (.max, [1, 2], 0, 3),
            (.max - 2, [.max - 1, .max, 1], 0, 2),
        ] as [(UInt32, [UInt32], UInt32, UInt32)])
    func next(current: UInt32, forged: [UInt32], minimum: UInt32, expected: UInt32) {
        var registry = GenerationRegistry(continuing: Record(generation: Generation(rawValue: current)))
        forged.forEach { registry.sawForged($0) }
        #expect(registry.trigger(minimum: minimum).publishedGeneration == expected)
        #expect(registry.current.rawValue == expected)
    }

    @Test func aResumePassesOverItToo() {
        let known = Identity(domain: .vmGenerationID, high: 0, low: 1)
        var registry = GenerationRegistry(continuing: Record(generation: 5, identities: [known]))
        registry.sawForged(6)
        let step = registry.identify(Identity(domain: .vmGenerationID, high: 0, low: 2))
        #expect(step.publishedGeneration == 7)
    }

    @Test func itIsNotForgottenByTheChangesBetween() {
        var registry = GenerationRegistry()
        registry.sawForged(4)
        let seen = (1...5).map { _ in registry.trigger(minimum: 0).publishedGeneration }
        #expect(seen == [1, 2, 3, 5, 6])
    }

    @Test func numbersThatFollowEachOtherAreOneRange() {
        var forged = ForgedGenerations()
        for number: UInt32 in [5, 7, 6, 9, .max, .max - 1, 5, 1] { forged.remember(number, at: 3) }
        #expect(forged.ranges == [1...1, 5...7, 9...9, (.max - 1)...(.max)])
    }

    /// However many somebody writes, and in whatever order: the next change is to none of them.
    @Test(arguments: [1, 2, 3, 7] as [UInt32], [true, false])
    func aFloodHidesNoneOfTheNextChanges(step: UInt32, isRising: Bool) {
        var registry = GenerationRegistry(continuing: Record(generation: 100))
        let numbers = (1...1_000).map { 100 + UInt32($0) * step }
        for number in isRising ? numbers : numbers.reversed() { registry.sawForged(number) }
        #expect(registry.forged.ranges.count <= ForgedGenerations.limit)
        for _ in 1..<ForgedGenerations.limit {
            registry.bump()
            #expect(!numbers.contains(registry.current.rawValue))
        }
    }

    @Test func aSuccessorReadsWhatWasKeptAndNothingThatCannotBe() {
        let kept: [(first: UInt32, last: UInt32)] = [(9, 9), (0, 3), (7, 6), (5, 6), (2, .max), (0, 0)]
        #expect(ForgedGenerations(kept).ranges == [5...6, 9...9])
        let many = (1...1_000).map { (first: UInt32($0 * 2), last: UInt32($0 * 2)) }
        #expect(ForgedGenerations(many).ranges.count == ForgedGenerations.limit)
    }

    @Test func whatLeavesNothingIsNoEndlessLoop() {
        var forged = ForgedGenerations()
        forged.remember(.max, at: 5)
        #expect(ForgedGenerations([(first: 1, last: 1 << 20)]).next(after: 5, atLeast: 0).rawValue == 1 << 20 + 1)
        #expect(forged.next(after: .last, atLeast: .max) == 1)
    }
}
