import StateModel
import TestSupport
import Testing

@testable import SysGenIDCore

struct TakeoverTests {
    private func successor(of registry: GenerationRegistry) -> GenerationRegistry {
        GenerationRegistry(continuing: registry.record, limits: registry.limits, watchers: registry.handedSlots)
    }

    @Test func watchersGoOnUnderTheirNumbers() {
        var registry = GenerationRegistry()
        let tracked = registry.openOutdated(isTracked: true)
        let fresh = registry.open()
        var next = successor(of: registry)
        #expect(next.current == 1)
        #expect(next.census == registry.census)
        #expect(next.read(tracked, count: 4, parkingAs: nil).answer == .generation(1))
        #expect(next.read(fresh, count: 4, parkingAs: nil).answer == .refused(.wouldBlock))
        #expect(next.waited(fresh, for: .tracked, until: nil, parkingAs: 1).answer == .parked)
        #expect(next.acknowledge(tracked).completions == [1: .done])
    }

    @Test func aNumberThatWasGivenIsNotGivenAgain() {
        var registry = GenerationRegistry()
        let gone = registry.open()
        let stays = registry.open()
        _ = registry.closed(gone)
        var next = successor(of: registry)
        let new = next.open()
        #expect(![gone, stays].contains(new))
        #expect(next.closed(gone).answer == .refused(.noSuchWatcher))
        #expect(next.closed(stays).answer == .done)
        #expect(new.slot == gone.slot)
        #expect(new.uses == gone.uses + 1)
    }

    @Test func sleepingPollsAreToldOfTheNextChange() {
        var registry = GenerationRegistry()
        let sleeping = registry.open()
        let other = registry.open()
        _ = registry.polled(sleeping, mayBeNotified: true)
        var next = successor(of: registry)
        _ = next.polled(other, mayBeNotified: false)
        #expect(next.trigger(minimum: 0).notifiedPolls == [sleeping])
    }

    @Test func handedWatchersCountForTheLimits() throws {
        var registry = GenerationRegistry(limits: Limits(watchers: 2))
        let first = registry.open()
        _ = registry.open()
        var next = successor(of: registry)
        #expect(throws: Refusal.tooManyWatchers) { try next.opened(by: .anyone) }
        _ = next.closed(first)
        #expect(throws: Never.self) { try next.opened(by: .anyone) }
    }
}
