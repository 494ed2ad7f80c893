import StateModel
import Testing

@testable import SysGenIDCore

struct PollTests {
    var registry = GenerationRegistry()

    @Test mutating func pollIsTrueExactlyWhileOutdated() {
        let watcher = registry.open()
        #expect(registry.polled(watcher, mayBeNotified: false) == false)
        registry.bump()
        #expect(registry.polled(watcher, mayBeNotified: false) == true)
        #expect(registry.polled(watcher, mayBeNotified: false) == true)
        _ = registry.acknowledge(watcher)
        #expect(registry.polled(watcher, mayBeNotified: false) == false)
    }

    @Test mutating func aSleepingPollIsToldOfTheChangeOnce() {
        let watcher = registry.open()
        for _ in 0..<3 { _ = registry.polled(watcher, mayBeNotified: true) }
        let step = registry.trigger(minimum: 0)
        #expect(step.effects.filter { $0 == .notifyPoll(watcher) }.count == 1)
        #expect(registry.trigger(minimum: 0).notifiedPolls.isEmpty)
    }

    @Test mutating func eachChangeIsToldToAPollThatAsksAgainWithoutAcknowledging() {
        let watcher = registry.open()
        for _ in 0..<3 {
            _ = registry.polled(watcher, mayBeNotified: true)
            #expect(registry.trigger(minimum: 0).notifiedPolls == [watcher])
        }
    }

    @Test mutating func onlyPollsThatMaySleepAreTold() {
        let sleeping = registry.open()
        let looking = registry.open()
        _ = registry.polled(sleeping, mayBeNotified: true)
        _ = registry.polled(looking, mayBeNotified: false)
        #expect(registry.trigger(minimum: 0).notifiedPolls == [sleeping])
    }

    @Test mutating func aLookDoesNotCancelASleepingPoll() {
        let watcher = registry.open()
        _ = registry.polled(watcher, mayBeNotified: true)
        _ = registry.polled(watcher, mayBeNotified: false)
        #expect(registry.trigger(minimum: 0).notifiedPolls == [watcher])
    }

    @Test mutating func aClosedWatcherIsNotTold() {
        let watcher = registry.open()
        _ = registry.polled(watcher, mayBeNotified: true)
        _ = registry.closed(watcher)
        #expect(registry.trigger(minimum: 0).notifiedPolls.isEmpty)
        #expect(registry.polled(watcher, mayBeNotified: true) == nil)
    }

    @Test mutating func aWatcherThatComesToBeUpToDateByWrapAroundIsNotTold() {
        registry = GenerationRegistry(continuing: Record(generation: 5))
        let watcher = registry.open()
        registry.bump(minimum: .max)
        _ = registry.polled(watcher, mayBeNotified: true)
        #expect(registry.trigger(minimum: 5).notifiedPolls.isEmpty)
        #expect(registry.polled(watcher, mayBeNotified: false) == false)
        #expect(registry.census.outdated == 0)
    }
}
