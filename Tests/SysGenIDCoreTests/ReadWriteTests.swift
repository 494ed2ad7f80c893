import StateModel
import Testing

@testable import SysGenIDCore

struct ReadWriteTests {
    var registry = GenerationRegistry(continuing: Record(generation: 41))

    @Test mutating func anUpToDateReadWithoutBlockingWouldBlock() {
        let watcher = registry.open()
        #expect(registry.read(watcher, count: 4, parkingAs: nil) == Step(.refused(.wouldBlock)))
        #expect(registry.parkedCount == 0)
    }

    @Test(arguments: [Int.min, -1, 0, 1, 2, 3])
    mutating func aBufferThatIsTooSmallIsRefusedWhateverTheState(count: Int) {
        let watcher = registry.open()
        #expect(registry.read(watcher, count: count, parkingAs: 1).answer == .refused(.bufferTooSmall))
        registry.bump()
        #expect(registry.read(watcher, count: count, parkingAs: 1).answer == .refused(.bufferTooSmall))
        #expect(registry.parkedCount == 0)
    }

    @Test(arguments: [4, 5, 8, 4096, Int.max])
    mutating func anOutdatedReadReturnsTheGenerationUntilItIsAcknowledged(count: Int) {
        let watcher = registry.openOutdated()
        for _ in 0..<3 {
            #expect(registry.read(watcher, count: count, parkingAs: nil) == Step(.generation(42)))
            #expect(registry.read(watcher, count: count, parkingAs: 1) == Step(.generation(42)))
        }
        #expect(registry.acknowledge(watcher).answer == .done)
        #expect(registry.read(watcher, count: count, parkingAs: nil).answer == .refused(.wouldBlock))
    }

    @Test mutating func aParkedReadReturnsTheNewGeneration() {
        let watcher = registry.open()
        #expect(registry.read(watcher, count: 4, parkingAs: 7) == Step(.parked))
        #expect(registry.parkedCount == 1)
        let step = registry.trigger(minimum: 0)
        #expect(step.completions == [7: .generation(42)])
        #expect(registry.parkedCount == 0)
    }

    @Test mutating func allReadsOfAllWatchersReturnAtOneChange() {
        let first = registry.open()
        let second = registry.open()
        for (watcher, request) in [(first, 1), (first, 2), (second, 3)] as [(WatcherID, RequestID)] {
            #expect(registry.read(watcher, count: 4, parkingAs: request).answer == .parked)
        }
        let step = registry.trigger(minimum: 100)
        #expect(step.completions == [1: .generation(100), 2: .generation(100), 3: .generation(100)])
    }

    @Test mutating func aWriteOfAnotherLengthIsRefused() {
        let watcher = registry.openOutdated()
        #expect(registry.wrote(watcher, nil) == Step(.refused(.wrongLength)))
        #expect(registry.census.outdated == 1)
    }

    @Test(arguments: [0, 41, 43, .max] as [UInt32])
    mutating func aWriteOfAnotherGenerationChangesNothing(value: UInt32) {
        let outdated = registry.openOutdated()
        #expect(registry.wrote(outdated, Generation(rawValue: value)) == Step(.refused(.notCurrent)))
        #expect(registry.census.outdated == 1)
        #expect(registry.read(outdated, count: 4, parkingAs: nil).answer == .generation(42))
    }

    @Test mutating func theCurrentGenerationCanBeAcknowledgedAgain() {
        let watcher = registry.openOutdated()
        for _ in 0..<3 { #expect(registry.wrote(watcher, 42) == Step(.done)) }
        #expect(registry.census.outdated == 0)
    }

    @Test mutating func oneWatcherDoesNotAcknowledgeForAnother() {
        let first = registry.openOutdated()
        let second = registry.openOutdated()
        _ = registry.acknowledge(first)
        #expect(registry.census.outdated == 1)
        #expect(registry.polled(first, mayBeNotified: false) == false)
        #expect(registry.polled(second, mayBeNotified: false) == true)
    }

    @Test mutating func aWatcherIsUpToDateWhenItOpens() {
        _ = registry.openOutdated()
        let late = registry.open()
        #expect(registry.polled(late, mayBeNotified: false) == false)
        #expect(registry.census.outdated == 1)
        #expect(registry.census.watchers == 2)
    }
}
