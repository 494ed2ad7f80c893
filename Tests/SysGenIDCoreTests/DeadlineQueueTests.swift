import Glibc
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

/// What one client does costs nothing that grows with what others do: the processor's time for it is about the same
/// where two hundred times as many wait. That is not the time that passes, so it does not matter how busy the machine is.
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

    /// The processor's time that the thread takes for the body 300 times, in nanoseconds.
    private func cost(
        among others: Int, prepare: (inout GenerationRegistry, WatcherID) -> Void = { _, _ in },
        _ body: (inout GenerationRegistry, _ number: UInt64) -> Void
    ) -> Int {
        var (registry, outdated) = registry(others: others)
        prepare(&registry, outdated)
        var (begin, end) = (timespec(), timespec())
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &begin)
        for number in 0..<300 as Range<UInt64> { body(&registry, 1_000_000 + 3 * number) }
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &end)
        return (end.tv_sec - begin.tv_sec) * 1_000_000_000 + end.tv_nsec - begin.tv_nsec
    }

    private func expectProportion(
        prepare: (inout GenerationRegistry, WatcherID) -> Void = { _, _ in },
        _ body: (inout GenerationRegistry, _ number: UInt64) -> Void
    ) {
        let (few, many) = (cost(among: 100, prepare: prepare, body), cost(among: 20_000, prepare: prepare, body))
        #expect(many < 20 * few, "\(few) ns among 100, \(many) ns among 20,000")
    }

    @Test func aCloseEndsWhatWasParkedThroughIt() {
        expectProportion { registry, number in
            let watcher = registry.open()
            _ = registry.read(watcher, count: 4, parkingAs: RequestID(rawValue: number))
            _ = registry.waited(
                watcher, for: .everyOpenFile, until: Deadline(rawValue: 9_000_000),
                parkingAs: RequestID(rawValue: number + 1))
            #expect(registry.closed(watcher).completions.count == 2)
        }
    }

    @Test func aDeadlineEndsItsOwnWait() {
        expectProportion { registry, number in
            let watcher = registry.open()
            let request = RequestID(rawValue: number)
            _ = registry.waited(watcher, for: .tracked, until: 1, parkingAs: request)
            let step = registry.deadlinePassed(now: 1)
            #expect(step.completions == [request: .refused(.timedOut)])
            #expect(step.armedDeadlines == [1_000])
            _ = registry.closed(watcher)
        }
    }

    @Test func anInterruptEndsItsOwnRequest() {
        expectProportion { registry, number in
            let watcher = registry.open()
            _ = registry.waited(
                watcher, for: .tracked, until: Deadline(rawValue: number), parkingAs: RequestID(rawValue: number))
            #expect(registry.interrupted(RequestID(rawValue: number)).completions.count == 1)
            _ = registry.closed(watcher)
        }
    }

    /// Only the waits for every open file go on, for one that is still outdated: there is none to end.
    @Test func waitsThatGoOnAreNotLookedAt() {
        expectProportion(prepare: { registry, outdated in _ = registry.trackingChanged(outdated, to: false) }) {
            registry, _ in
            let watcher = registry.open()
            #expect(registry.closed(watcher).completions.isEmpty)
        }
    }
}
