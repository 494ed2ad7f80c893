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

/// One user cannot take everything from the others.
struct ShareTests {
    @Test func aUserGetsHalfOfWhatTheOthersLeave() throws {
        var registry = GenerationRegistry(limits: Limits(watchers: 64))
        func openAll(_ userID: UInt32) -> [WatcherID] {
            var opened: [WatcherID] = []
            while let watcher = try? registry.opened(by: Opener(thread: 1, userID: userID)) { opened.append(watcher) }
            return opened
        }
        let greedy = openAll(1_000)
        #expect(greedy.count == 32)
        #expect([1_001, 1_002, 1_003].map { openAll($0).count } == [16, 8, 4])
        // Root may use what is left.
        #expect(openAll(0).count == 4)
        for watcher in greedy { _ = registry.closed(watcher) }
        #expect(openAll(1_004).count == 16)
    }

    @Test func parkedRequestsAreSharedToo() throws {
        let limits = Limits(watchers: 6, parkedPerWatcher: 10)
        var registry = GenerationRegistry(limits: limits)
        var request: UInt64 = 0
        func parkAll(_ watchers: [WatcherID]) -> Int {
            var count = 0
            for watcher in watchers {
                while true {
                    request += 1
                    let step = registry.read(watcher, count: 4, parkingAs: RequestID(rawValue: request))
                    guard step.answer == .parked else { break }
                    count += 1
                }
            }
            return count
        }
        let mine = try (0..<3).map { _ in try registry.opened(by: Opener(thread: 1, userID: 1_000)) }
        let yours = try registry.opened(by: Opener(thread: 2, userID: 1_001))
        #expect(limits.parked == 16)
        #expect(parkAll(mine) == 8)
        #expect(parkAll([yours]) == 4)
        registry.bump()
        for watcher in mine + [yours] { _ = registry.acknowledge(watcher) }
        #expect(parkAll([yours]) == 8)
        _ = registry.closed(yours)
        #expect(parkAll(mine) == 8)
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
        #expect(step.publishedGenerations.isEmpty)
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
