import StateModel
import Testing

@testable import SysGenIDCore

struct LimitTests {
    @Test func watchersAreLimited() throws {
        var registry = GenerationRegistry(limits: Limits(watchers: 2))
        let first = registry.open()
        _ = registry.open()
        #expect(throws: Refusal.tooManyWatchers) { try registry.opened(by: .anyone) }
        _ = registry.closed(first)
        _ = try registry.opened(by: .anyone)
        #expect(throws: Refusal.tooManyWatchers) { try registry.opened(by: .anyone) }
    }

    @Test func parkedRequestsOfOneWatcherAreLimited() {
        var registry = GenerationRegistry(limits: Limits(watchers: 8, parkedPerWatcher: 2))
        _ = registry.openOutdated()
        let greedy = registry.open()
        let modest = registry.open()
        #expect(registry.read(greedy, count: 4, parkingAs: 1).answer == .parked)
        #expect(registry.waited(greedy, for: .everyOpenFile, until: 5, parkingAs: 2).answer == .parked)
        #expect(registry.read(greedy, count: 4, parkingAs: 3) == Step(.refused(.tooManyParked)))
        let step = registry.waited(greedy, for: .everyOpenFile, until: 1, parkingAs: 4)
        #expect(step == Step(.refused(.tooManyParked)))
        #expect(registry.read(modest, count: 4, parkingAs: 5).answer == .parked)

        _ = registry.interrupted(1)
        #expect(registry.read(greedy, count: 4, parkingAs: 6).answer == .parked)
        _ = registry.deadlinePassed(now: 5)
        #expect(registry.read(greedy, count: 4, parkingAs: 7).answer == .parked)
        #expect(registry.read(greedy, count: 4, parkingAs: 8).answer == .refused(.tooManyParked))
    }

    @Test func parkedRequestsOfAllWatchersAreLimited() {
        let limits = Limits(watchers: 3, parkedPerWatcher: 2)
        #expect(limits.parked == 5)
        var registry = GenerationRegistry(limits: limits)
        var answers: [Answer] = []
        for watcher in [registry.open(), registry.open(), registry.open()] {
            for _ in 0..<2 {
                let request = RequestID(rawValue: UInt64(answers.count))
                answers.append(registry.read(watcher, count: 4, parkingAs: request).answer)
            }
        }
        #expect(answers == [.parked, .parked, .parked, .parked, .parked, .refused(.tooManyParked)])
    }

    @Test func aChangeMakesRoomAgain() {
        var registry = GenerationRegistry(limits: Limits(watchers: 1, parkedPerWatcher: 1))
        let watcher = registry.open()
        for request in 0..<10 {
            #expect(registry.read(watcher, count: 4, parkingAs: RequestID(rawValue: UInt64(request))).answer == .parked)
            registry.bump()
            _ = registry.acknowledge(watcher)
        }
        #expect(registry.parkedCount == 0)
    }

    @Test(arguments: [(-1, -1, 1, 1), (0, 0, 1, 1), (5, 70_000, 5, 65_535), (7, 3, 7, 3)])
    func limitsAreBroughtIntoRange(watchers: Int, perWatcher: Int, expected: Int, expectedPerWatcher: Int) {
        let limits = Limits(watchers: watchers, parkedPerWatcher: perWatcher)
        #expect(limits.watchers == expected)
        #expect(limits.parkedPerWatcher == expectedPerWatcher)
    }
}

struct ShutdownTests {
    @Test func everyParkedRequestEndsAndEverySleepingPollWakes() {
        var registry = GenerationRegistry()
        _ = registry.openOutdated()
        let watcher = registry.open()
        let sleeping = registry.open()
        _ = registry.read(watcher, count: 4, parkingAs: 1)
        _ = registry.waited(watcher, for: .everyOpenFile, until: 10, parkingAs: 2)
        _ = registry.polled(sleeping, mayBeNotified: true)
        let step = registry.shutDown()
        let refusal = Answer.refused(.shuttingDown)
        #expect(step.completions == [1: refusal, 2: refusal])
        #expect(step.notifiedPolls == [sleeping])
        #expect(step.publishedGeneration == nil)
        #expect(registry.parkedCount == 0)
    }

    @Test func nobodyCanComeInOrPark() {
        var registry = GenerationRegistry()
        let outdated = registry.openOutdated()
        let watcher = registry.open()
        _ = registry.shutDown()
        #expect(throws: Refusal.shuttingDown) { try registry.opened(by: .anyone) }
        #expect(registry.read(watcher, count: 4, parkingAs: 1).answer == .refused(.shuttingDown))
        let step = registry.waited(watcher, for: .everyOpenFile, until: nil, parkingAs: 2)
        #expect(step.answer == .refused(.shuttingDown))
        #expect(registry.read(outdated, count: 4, parkingAs: 3).answer == .generation(1))
        #expect(registry.acknowledge(outdated).answer == .done)
        #expect(registry.closed(outdated).answer == .done)
    }
}
