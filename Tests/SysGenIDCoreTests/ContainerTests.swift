import StateModel
import Testing

@testable import SysGenIDCore

/// The devices of containers beside the system's.
struct ContainerTests {
    private static let (web, database) = (DeviceID(rawValue: 2), DeviceID(rawValue: 3))
    private var registry = GenerationRegistry(continuing: Record(generation: 5))

    init() {
        registry.added(Self.web, at: 0)
        registry.added(Self.database, at: 7)
    }

    private var generations: [UInt32?] {
        [.system, Self.web, Self.database].map { registry.generation(of: $0)?.rawValue }
    }

    private mutating func open(_ device: DeviceID) throws -> WatcherID {
        try registry.opened(by: .anyone, device)
    }

    @Test mutating func aDeviceHasTheGenerationThatItWasAddedWith() throws {
        #expect(generations == [5, 0, 7])
        registry.added(Self.web, at: 9)
        registry.added(.system, at: 9)
        #expect(generations == [5, 0, 7])
        #expect(registry.generation(of: DeviceID(rawValue: 4)) == nil)
        #expect(throws: Refusal.noSuchWatcher) { try registry.opened(by: .anyone, DeviceID(rawValue: 4)) }
        for device in [DeviceID.system, Self.web, Self.database] {
            let watcher = try open(device)
            #expect(registry.device(of: watcher) == device)
            #expect(registry.isUpToDate(watcher))
        }
    }

    @Test(
        "what a change of the first container, or of the system, makes of all",
        arguments: [
            (true, 0, [5, 1, 7]), (true, 41, [5, 41, 7]), (true, .max, [5, .max, 7]),
            (false, 0, [6, 1, 8]), (false, 41, [41, 1, 8]),
        ] as [(Bool, UInt32, [UInt32])])
    mutating func change(isOfContainer: Bool, minimum: UInt32, expected: [UInt32]) throws {
        let watcher = try open(isOfContainer ? Self.web : .system)
        #expect(registry.triggered(minimum: minimum, isPermitted: false, by: watcher).answer == .refused(.notPermitted))
        #expect(generations == [5, 0, 7])
        let step = registry.trigger(minimum: minimum, by: watcher)
        #expect(generations == expected)
        #expect(step.publishedGeneration == (isOfContainer ? nil : expected[0]))
        #expect(step.publishedContainers[Self.web]?.rawValue == expected[1])
        #expect(step.publishedContainers[Self.database]?.rawValue == (isOfContainer ? nil : expected[2]))
        #expect((step.commit == nil) == isOfContainer)
    }

    @Test mutating func whatIsPublishedOfContainersHasANewRevisionWithEachChange() throws {
        var seen: Set<UInt64> = [registry.containerRevision]
        func isNews(
            _ event: (inout GenerationRegistry) throws -> Void, in registry: inout GenerationRegistry
        ) rethrows -> Bool {
            try event(&registry)
            return seen.insert(registry.containerRevision).inserted
        }
        let cache = DeviceID(rawValue: 4)
        #expect(isNews({ $0.added(cache, at: 1) }, in: &registry))
        #expect(isNews({ _ = $0.began(cache, at: 3) }, in: &registry))
        var watcher = WatcherID(rawValue: 0)
        #expect(try isNews({ watcher = try $0.opened(by: .anyone, cache) }, in: &registry))
        #expect(isNews({ _ = $0.trackingChanged(watcher, to: true) }, in: &registry))
        #expect(isNews({ _ = $0.trigger(minimum: 0, by: watcher) }, in: &registry))
        #expect(isNews({ _ = $0.wrote(watcher, 4) }, in: &registry))
        #expect(isNews({ _ = $0.trigger(minimum: 0) }, in: &registry))
        #expect(isNews({ _ = $0.closed(watcher) }, in: &registry))
        // What the system's watchers do is no news of a container.
        #expect(try !isNews({ watcher = try $0.opened(by: .anyone) }, in: &registry))
        #expect(!isNews({ _ = $0.trackingChanged(watcher, to: true) }, in: &registry))
    }

    @Test mutating func aResumeIsOneChangeOfEach() {
        _ = registry.identify(Identity(domain: .vmGenerationID, high: 0, low: 1))
        #expect(generations == [5, 0, 7])
        _ = registry.identify(Identity(domain: .vmGenerationID, high: 0, low: 2))
        #expect(generations == [6, 1, 8])
    }

    @Test mutating func whoReadsIsToldOfItsOwnDevice() throws {
        let (first, second, system) = try (open(Self.web), open(Self.database), open(.system))
        for (number, watcher) in [first, second, system].enumerated() {
            let request = RequestID(rawValue: UInt64(number + 1))
            #expect(registry.read(watcher, count: 4, parkingAs: request).answer == .parked)
            _ = registry.polled(watcher, mayBeNotified: true)
        }
        var step = registry.trigger(minimum: 0, by: first)
        #expect(step.completions == [1: .generation(1)])
        #expect(step.notifiedPolls == [first])
        #expect(registry.acknowledge(first) == Step(.refused(.notCurrent)))
        #expect(registry.wrote(first, 1).answer == .done)
        _ = registry.read(first, count: 4, parkingAs: 4)
        step = registry.trigger(minimum: 0, by: system)
        #expect(step.completions == [2: .generation(8), 3: .generation(6), 4: .generation(2)])
        #expect(step.notifiedPolls == [second, system])
        #expect(registry.parkedCount == 0)
    }

    @Test(arguments: [WatcherScope.tracked, .everyOpenFile])
    mutating func aWaitIsForTheWatchersOfItsDeviceAndTheSystemsForAll(scope: WatcherScope) throws {
        let (first, second, overseer) = try (open(Self.web), open(Self.database), open(.system))
        let inside = try open(Self.web)
        for watcher in [first, second] { _ = registry.trackingChanged(watcher, to: true) }
        registry.bump()
        for (watcher, generation) in [(inside, 1), (overseer, 6)] as [(WatcherID, Generation)] {
            #expect(registry.wrote(watcher, generation).answer == .done)
        }
        #expect(registry.waited(inside, for: scope, until: nil, parkingAs: 1).answer == .parked)
        #expect(registry.waited(overseer, for: scope, until: nil, parkingAs: 2).answer == .parked)
        #expect(registry.wrote(first, 1).completions == [1: .done])
        #expect(registry.closed(second).completions == [2: .done])
    }

    @Test mutating func countedAreTheWatchersOfTheDeviceAndOfTheSystemAll() throws {
        let (first, second, system) = try (open(Self.web), open(Self.database), open(.system))
        _ = registry.trackingChanged(second, to: true)
        _ = registry.trigger(minimum: 0, by: first)
        let counts = [first, second, system].map { registry.countedOutdated(by: $0).answer }
        #expect(counts == [.count(1), .count(0), .count(1)])
        #expect(registry.outdatedOpeners(limit: 9).count == 1)
        registry.bump()
        #expect(registry.countedOutdated().answer == .count(3))
        #expect(registry.census(of: Self.web).outdated == 1)
        #expect(registry.census(of: Self.database).trackedOutdated == 1)
        #expect(registry.census.trackedOutdated == 1)
    }

    @Test mutating func aDeviceIsKeptAsLongAsSomebodyHasIt() throws {
        let (first, second) = try (open(Self.web), open(Self.web))
        for watcher in [first, second] {
            #expect(registry.released(Self.web) == false)
            _ = registry.closed(watcher)
        }
        #expect(registry.released(Self.web) == true)
        #expect(registry.released(Self.web) == true)
        #expect(generations == [5, nil, 7])
        #expect(throws: Refusal.noSuchWatcher) { try registry.opened(by: .anyone, Self.web) }
        #expect(registry.trigger(minimum: 0).publishedContainers == [Self.database: 8])
    }

    @Test mutating func itBeginsAtAMinimumUntilSomebodyHasIt() throws {
        let step = registry.began(Self.web, at: 41)
        #expect(step == Step(.done, [.publishContainer(Self.web, 41)]))
        let watcher = try open(Self.web)
        #expect(registry.isUpToDate(watcher))
        #expect(registry.began(Self.web, at: 50).answer == .refused(.noSuchWatcher))
        #expect(registry.began(DeviceID(rawValue: 4), at: 50).answer == .refused(.noSuchWatcher))
        #expect(generations == [5, 41, 7])
    }

    @Test mutating func whatWasForgedOfOneIsPassedOverByItAlone() throws {
        registry.sawForged(1, of: Self.web)
        registry.sawForged(6, of: Self.web)
        registry.bump()
        #expect(generations == [6, 2, 8])
        let watcher = try open(Self.web)
        registry.sawForged(3, of: Self.web)
        _ = registry.trigger(minimum: 0, by: watcher)
        #expect(generations == [6, 4, 8])
    }

    @Test func whatThereIsOfWatchersIsSharedByAllDevices() throws {
        var registry = GenerationRegistry(limits: Limits(watchers: 256))
        registry.added(Self.web, at: 0)
        let opener = Opener(thread: 1, userID: 1_000)
        var count = 0
        while (try? registry.opened(by: opener, count.isMultiple(of: 2) ? Self.web : .system)) != nil { count += 1 }
        #expect(count == 30)
        #expect(throws: Refusal.tooManyWatchers) { try registry.opened(by: opener, Self.web) }
    }

    /// A generation that somebody has acknowledged comes again only when the numbers start again.
    @Test mutating func aWaitEndsWhereTheNumbersStartAgain() throws {
        let (watcher, driver, overseer) = try (open(Self.web), open(Self.web), open(.system))
        _ = registry.trigger(minimum: 1, by: driver)
        _ = registry.wrote(watcher, 1)
        _ = registry.trigger(minimum: .max, by: driver)
        _ = registry.closed(driver)
        #expect(registry.waited(overseer, for: .everyOpenFile, until: nil, parkingAs: 1).answer == .parked)
        let step = registry.trigger(minimum: 0, by: watcher)
        #expect(generations == [5, 1, 7])
        // Its owner can bring it about as often as he likes.
        #expect(!step.effects.contains(.reportWrapAround))
        #expect(step.completions == [1: .done])
    }
}
