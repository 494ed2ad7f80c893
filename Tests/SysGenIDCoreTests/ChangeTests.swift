import Testing

@testable import SysGenIDCore

/// A change by trigger, and the order that clients rely on.
struct ChangeTests {
    var registry = GenerationRegistry(continuing: Record(generation: 9))

    @Test mutating func aTriggerNeedsPermission() {
        let watcher = registry.open()
        _ = registry.read(watcher, count: 4, parkingAs: 1)
        #expect(registry.triggered(minimum: 100, isPermitted: false) == Step(.refused(.notPermitted)))
        #expect(registry.current == 9)
        #expect(registry.parkedCount == 1)
    }

    @Test mutating func aTriggerIsPublishedThenRecordedThenTold() {
        let identity = Identity(domain: .vmGenerationID, high: 1, low: 2)
        registry = GenerationRegistry(continuing: Record(generation: 9, identities: [identity]))
        let watcher = registry.open()
        _ = registry.read(watcher, count: 4, parkingAs: 1)
        _ = registry.polled(watcher, mayBeNotified: true)
        let step = registry.trigger(minimum: 0)
        #expect(
            step
                == Step(
                    .done, commit: .change(Record(generation: 10, identities: [identity])),
                    [.complete(1, .generation(10)), .notifyPoll(watcher)]))
        #expect(registry.record == Record(generation: 10, identities: [identity]))
    }

    /// The system's page waits for nothing, and those of containers for nobody who is to be woken.
    @Test mutating func whoeverWaitsIsLookedForWhenAllPagesAreStored() {
        let watcher = registry.open()
        _ = registry.read(watcher, count: 4, parkingAs: 1)
        _ = registry.polled(watcher, mayBeNotified: true)
        registry.added(DeviceID(rawValue: 1), at: 3)
        #expect(
            registry.triggered(minimum: 0, isPermitted: true)
                == Step(.done, commit: .change(Record(generation: 10))))
        #expect(registry.changeStored() == [.publishContainer(DeviceID(rawValue: 1), 4)])
        #expect(registry.pagesStored() == [.complete(1, .generation(10)), .notifyPoll(watcher)])
        #expect(registry.changeStored() + registry.pagesStored() == [])
    }

    @Test(arguments: [(0, 10), (10, 10), (11, 11), (0x8000_0000, 0x8000_0000)] as [(UInt32, UInt32)])
    mutating func theMinimumIsHonoured(minimum: UInt32, expected: UInt32) {
        #expect(registry.trigger(minimum: minimum).publishedGeneration == expected)
        #expect(registry.current.rawValue == expected)
    }

    @Test mutating func theWrapAroundIsReportedBeforeAnyoneWakes() {
        registry = GenerationRegistry(continuing: Record(generation: .last))
        let watcher = registry.open()
        _ = registry.read(watcher, count: 4, parkingAs: 1)
        let step = registry.trigger(minimum: 0)
        #expect(step.commit == .change(Record(generation: 1)))
        #expect(step.effects == [.reportWrapAround, .complete(1, .generation(1))])
    }

    /// Those who are waited for come first, and polls, which ask again before they are awake, last; each in the order in
    /// which they came.
    @Test(arguments: [
        // What each watcher of those from 1 on does, in this order: r reads, w waits, p polls; upper case is tracked.
        ("r", "r1"), ("rR", "r2 r1"), ("prR", "r3 r2 p1"), ("rRrR", "r2 r4 r1 r3"), ("PpRrw", "r3 r4 w5 p1 p2"),
        ("wWrRpP", "r4 r3 w1 w2 p5 p6"), ("rrrrrrrrrrrrR", "r13 r1 r2 r3 r4 r5 r6 r7 r8 r9 r10 r11 r12"),
    ])
    mutating func whoSleepsIsWokenByHowMuchDependsOnHim(sleepers: String, expected: String) {
        // Somebody is outdated, so that waits wait.
        _ = registry.openOutdated()
        let watchers = sleepers.map { sleeper in
            let watcher = registry.open()
            if sleeper.isUppercase { _ = registry.trackingChanged(watcher, to: true) }
            return watcher
        }
        for (index, sleeper) in sleepers.enumerated() {
            let request = RequestID(rawValue: UInt64(index) + 1)
            switch sleeper.lowercased() {
            case "r": _ = registry.read(watchers[index], count: 4, parkingAs: request)
            case "w": _ = registry.waited(watchers[index], for: .everyOpenFile, until: nil, parkingAs: request)
            default: _ = registry.polled(watchers[index], mayBeNotified: true)
            }
        }
        let effects = registry.trigger(minimum: 0).effects
        let woken: [String] = effects.compactMap { effect in
            switch effect {
            case .complete(let request, .generation): "r\(request.rawValue)"
            case .complete(let request, _): "w\(request.rawValue)"
            case .notifyPoll(let watcher): watchers.firstIndex(of: watcher).map { "p\($0 + 1)" }
            default: nil
            }
        }
        #expect(woken.joined(separator: " ") == expected)
    }

    @Test mutating func anOrdinaryChangeReportsNoWrapAround() {
        #expect(!registry.trigger(minimum: .max).effects.contains(.reportWrapAround))
    }

    @Test mutating func theTriggeringWatcherIsOutdatedLikeAnyOther() {
        let watcher = registry.open()
        registry.bump()
        #expect(registry.census.outdated == 1)
        #expect(registry.polled(watcher, mayBeNotified: false) == true)
    }

    @Test mutating func aClosedWatcherIsGone() {
        let watcher = registry.open()
        #expect(registry.closed(watcher) == Step(.done))
        let refusal = Step(.refused(.noSuchWatcher))
        #expect(registry.closed(watcher) == refusal)
        #expect(registry.read(watcher, count: 4, parkingAs: 1) == refusal)
        #expect(registry.wrote(watcher, 9) == refusal)
        #expect(registry.trackingChanged(watcher, to: true) == refusal)
        #expect(registry.waited(watcher, for: .tracked, until: nil, parkingAs: 1) == refusal)
        #expect(registry.polled(watcher, mayBeNotified: true) == nil)
        #expect(registry.census == Census())
    }
}
