import StateModel
import TestSupport
import Testing

@testable import SysGenIDCore

struct DeadlineQueueTests {
    @Test(arguments: 0..<20 as Range<UInt64>)
    func theEarliestThatWaitsComesFirst(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var queue = DeadlineQueue()
        var waiting: [RequestID: Deadline] = [:]
        var number: UInt64 = 0
        for _ in 0..<2_000 {
            switch Int.random(in: 0..<5, using: &generator) {
            case 0...1:
                number += 1
                let deadline = Deadline(rawValue: .random(in: 0..<200, using: &generator))
                waiting[RequestID(rawValue: number)] = deadline
                queue.add(RequestID(rawValue: number), at: deadline)
            case 2:
                if let gone = waiting.keys.randomElement(using: &generator) { waiting[gone] = nil }
                queue.tidy(waiting: waiting.count) { waiting[$0] == $1 }
            case 3:
                #expect(queue.earliest { waiting[$0] == $1 } == waiting.values.min())
            default:
                let now = Deadline(rawValue: .random(in: 0..<100, using: &generator))
                let due = queue.takeDue(now: now) { waiting[$0] == $1 }
                let earliest = waiting.values.min().flatMap { $0 <= now ? $0 : nil }
                #expect(due.flatMap { waiting[$0] } == earliest)
                if let due { waiting[due] = nil }
            }
        }
    }

    /// What is answered before its time does not make it grow.
    @Test func waitsThatAreInterruptedLeaveNothing() {
        var queue = DeadlineQueue()
        for number in 0..<10_000 as Range<UInt64> {
            queue.add(RequestID(rawValue: number), at: Deadline(rawValue: 1_000_000 - number))
            queue.tidy(waiting: 0) { _, _ in false }
            #expect(queue.count <= 17)
        }
    }
}

/// What one client does costs nothing that grows with what others do.
struct ProportionTests {
    /// A registry in which many wait, for one watcher.
    private func registry(others: Int) -> (GenerationRegistry, WatcherID) {
        var registry = GenerationRegistry(limits: Limits(watchers: 100_000))
        let outdated = registry.openOutdated(isTracked: true)
        for number in 0..<others {
            let watcher = registry.open()
            _ = registry.read(watcher, count: 4, parkingAs: RequestID(rawValue: UInt64(10 + 3 * number)))
            for (offset, scope) in [WatcherScope.tracked, .everyOpenFile].enumerated() {
                _ = registry.waited(
                    watcher, for: scope, until: Deadline(rawValue: UInt64(1_000 + number)),
                    parkingAs: RequestID(rawValue: UInt64(11 + 3 * number + offset)))
            }
        }
        return (registry, outdated)
    }

    /// A cost that grows with those of others would make 20,000 of them take minutes here.
    @Test func closingInterruptingAndTimingOutIsForOnesOwn() {
        var (registry, _) = registry(others: 10_000)
        let before = registry.parkedCount
        for number in 0..<20_000 as Range<UInt64> {
            let watcher = registry.open()
            let first = RequestID(rawValue: 1_000_000 + 3 * number)
            let second = RequestID(rawValue: 1_000_001 + 3 * number)
            let third = RequestID(rawValue: 1_000_002 + 3 * number)
            _ = registry.waited(watcher, for: .tracked, until: Deadline(rawValue: 1), parkingAs: first)
            _ = registry.read(watcher, count: 4, parkingAs: second)
            _ = registry.waited(watcher, for: .everyOpenFile, until: Deadline(rawValue: 2_000_000), parkingAs: third)
            let timedOut = registry.deadlinePassed(now: 1)
            #expect(timedOut.completions == [first: .refused(.timedOut)])
            #expect(timedOut.armedDeadlines == [1_000])
            #expect(registry.closed(watcher).completions.count == 2)
        }
        #expect(registry.parkedCount == before)
        #expect(registry.deadlinePassed(now: 1_000).completions.count == 2)
    }

    @Test func aCloseLooksAtNoWaitThatGoesOn() {
        var (registry, outdated) = registry(others: 10_000)
        // It is still outdated: only the waits for every open file go on.
        #expect(registry.trackingChanged(outdated, to: false).completions.count == 10_000)
        for _ in 0..<20_000 {
            let watcher = registry.open()
            #expect(registry.closed(watcher).completions.isEmpty)
        }
        #expect(registry.acknowledge(outdated).completions.count == 10_000)
    }
}
