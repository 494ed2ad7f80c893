import StateModel
import Testing

@testable import SysGenIDCore

/// Waiting for watchers, in both versions of the interface.
struct WaitTests {
    var registry = GenerationRegistry()

    @Test(arguments: [WatcherScope.tracked, .everyOpenFile])
    mutating func aWaitIsDoneAtOnceWhereNobodyIsOutdated(scope: WatcherScope) {
        let overseer = registry.open()
        #expect(registry.waited(overseer, for: scope, until: 10, parkingAs: 1) == Step(.done))
        #expect(registry.parkedCount == 0)
    }

    @Test mutating func onlyTheOlderInterfaceWaitsForUntrackedWatchers() {
        _ = registry.openOutdated()
        let overseer = registry.open()
        #expect(registry.waited(overseer, for: .tracked, until: nil, parkingAs: 1) == Step(.done))
        #expect(registry.waited(overseer, for: .everyOpenFile, until: nil, parkingAs: 2) == Step(.parked))
    }

    @Test(arguments: [WatcherScope.tracked, .everyOpenFile])
    mutating func anOutdatedCallerIsRefused(scope: WatcherScope) {
        let overseer = registry.openOutdated()
        let step = registry.waited(overseer, for: scope, until: nil, parkingAs: 1)
        #expect(step == Step(.refused(.callerOutdated)))
    }

    @Test(arguments: [WatcherScope.tracked, .everyOpenFile])
    mutating func theLastAcknowledgementEndsTheWait(scope: WatcherScope) {
        let first = registry.openOutdated(isTracked: true)
        let second = registry.openOutdated(isTracked: true)
        let overseer = registry.open()
        #expect(registry.waited(overseer, for: scope, until: nil, parkingAs: 1).answer == .parked)
        #expect(registry.acknowledge(first).completions.isEmpty)
        #expect(registry.acknowledge(second).completions == [1: .done])
        #expect(registry.parkedCount == 0)
    }

    @Test(arguments: [WatcherScope.tracked, .everyOpenFile])
    mutating func theLastCloseEndsTheWait(scope: WatcherScope) {
        let watcher = registry.openOutdated(isTracked: true)
        let overseer = registry.open()
        _ = registry.waited(overseer, for: scope, until: nil, parkingAs: 1)
        #expect(registry.closed(watcher).completions == [1: .done])
    }

    @Test mutating func turningTrackingOffEndsTheNewerWaitOnly() {
        let watcher = registry.openOutdated(isTracked: true)
        let overseer = registry.open()
        _ = registry.waited(overseer, for: .tracked, until: nil, parkingAs: 1)
        _ = registry.waited(overseer, for: .everyOpenFile, until: nil, parkingAs: 2)
        #expect(registry.trackingChanged(watcher, to: false).completions == [1: .done])
        #expect(registry.acknowledge(watcher).completions == [2: .done])
    }

    @Test(arguments: [WatcherScope.tracked, .everyOpenFile])
    mutating func aNewChangeEndsTheWaitSinceTheCallerIsOutdated(scope: WatcherScope) {
        _ = registry.openOutdated(isTracked: true)
        let overseer = registry.open()
        _ = registry.waited(overseer, for: scope, until: 10, parkingAs: 1)
        let step = registry.trigger(minimum: 0)
        #expect(step.completions == [1: .refused(.callerOutdated)])
        #expect(registry.deadlinePassed(now: 10) == Step(.done))
    }

    @Test mutating func trackingCountsAnOutdatedWatcherAtOnce() {
        let watcher = registry.openOutdated()
        #expect(registry.census.trackedOutdated == 0)
        for _ in 0..<2 { #expect(registry.trackingChanged(watcher, to: true) == Step(.done)) }
        #expect(registry.census.trackedOutdated == 1)
        #expect(registry.census.tracked == 1)
        for _ in 0..<2 { #expect(registry.trackingChanged(watcher, to: false) == Step(.done)) }
        #expect(registry.census.trackedOutdated == 0)
        #expect(registry.census.tracked == 0)
        #expect(registry.census.outdated == 1)
    }

    @Test mutating func theCountOfTheOlderInterfaceIsOfEveryOpenFile() {
        #expect(registry.countedOutdated() == Step(.count(0)))
        let tracked = registry.openOutdated(isTracked: true)
        _ = registry.openOutdated()
        _ = registry.open()
        #expect(registry.countedOutdated() == Step(.count(2)))
        _ = registry.acknowledge(tracked)
        #expect(registry.countedOutdated() == Step(.count(1)))
    }

    @Test mutating func aSignalEndsTheParkedRequest() {
        _ = registry.openOutdated()
        let overseer = registry.open()
        _ = registry.waited(overseer, for: .everyOpenFile, until: nil, parkingAs: 1)
        _ = registry.read(overseer, count: 4, parkingAs: 2)
        #expect(registry.interrupted(1) == Step(.done, [.complete(1, .refused(.interrupted))]))
        #expect(registry.interrupted(2) == Step(.done, [.complete(2, .refused(.interrupted))]))
        #expect(registry.interrupted(1) == Step(.done))
        #expect(registry.interrupted(99) == Step(.done))
        #expect(registry.parkedCount == 0)
    }

    @Test mutating func closingEndsTheParkedRequestsOfThatWatcher() {
        let outdated = registry.openOutdated(isTracked: true)
        let overseer = registry.open()
        let other = registry.open()
        _ = registry.waited(overseer, for: .tracked, until: nil, parkingAs: 1)
        _ = registry.read(overseer, count: 4, parkingAs: 2)
        _ = registry.read(other, count: 4, parkingAs: 3)
        let gone = Answer.refused(.noSuchWatcher)
        #expect(registry.closed(overseer).completions == [1: gone, 2: gone])
        #expect(registry.acknowledge(outdated).completions.isEmpty)
        #expect(registry.parkedCount == 1)
    }
}
