import StateModel
import SysGenIDCore
import TestSupport
import Testing

struct RandomSequenceTests {
    /// The seeds of the sequences. To repeat one that failed, put its seed here alone.
    static let seeds: Range<UInt64> = 0..<200
    static let eventsOfASequence = 2_000

    @Test("the registry does what the model does", arguments: seeds)
    func sequence(seed: UInt64) throws {
        var run = ComparedRun(SeededGenerator(seed: seed))
        for number in 0..<Self.eventsOfASequence {
            let complaint = run.step(isLate: number > Self.eventsOfASequence * 3 / 4)
            try #require(complaint == nil, "seed \(seed), event \(number)")
        }
    }

    @Test("a registry that is taken over again and again does what the model does", arguments: seeds)
    func sequenceOfDaemons(seed: UInt64) throws {
        var run = ComparedRun(SeededGenerator(seed: seed))
        for number in 0..<Self.eventsOfASequence / 4 {
            let complaint = run.step(isLate: false) ?? run.takeOver()
            try #require(complaint == nil, "seed \(seed), event \(number)")
        }
    }

    @Test func theSequencesReachEveryAnswer() {
        var reached: Set<String> = []
        for seed in Self.seeds.prefix(40) {
            var run = ComparedRun(SeededGenerator(seed: seed))
            for number in 0..<Self.eventsOfASequence {
                _ = run.step(isLate: number > Self.eventsOfASequence * 3 / 4)
            }
            reached.formUnion(run.reached)
        }
        // What the frontends refuse by themselves.
        let others: [Refusal] = [
            .unknownRequest, .invalidName, .nameTaken, .noSuchDevice, .tooManyDevices, .alreadyOpened,
        ]
        let refusals = Refusal.allCases.filter { !others.contains($0) }.map { "\(Answer.refused($0))" }
        #expect(reached.isSuperset(of: refusals + ["parked", "done", "generation", "count", "wrap-around"]))
    }
}
