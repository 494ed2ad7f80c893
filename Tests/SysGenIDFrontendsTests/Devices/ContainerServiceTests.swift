import SysGenIDCore
import SysGenIDSystem
import TestSupport
import Testing

@testable import SysGenIDFrontends
@testable import SysGenIDFuse

/// What the service does with the devices of containers.
struct ContainerServiceTests {
    private static let opener = Opener(thread: 1, userID: 0, account: .privileged)
    private let scratch: Scratch
    private let played: PlayedService
    private var service: GenerationService { played.service }

    init() throws {
        scratch = try Scratch(in: "/dev/shm")
        let devices = try ContainerDevices(
            in: scratch.path, limit: 9, system: .fresh, last: nil, isContinued: false)
        played = try PlayedService(containers: devices)
    }

    private func make(_ name: String, by request: UInt64 = 2, userID: UInt32 = 0) throws -> DeviceID {
        var made = DeviceEntry(name: name, userID: userID, groupID: 0, permissions: 0o755, time: 1)
        made.making = request
        return try service.addContainer(made) { _ in BackingID(request) }.id
    }

    private func open(_ device: DeviceID, isForWriting: Bool = false) throws -> WatcherID {
        try service.opened(
            device, by: Self.opener, for: RequestKey(2, of: .deviceDirectory), flags: [], isForWriting: isForWriting)
    }

    private func trigger(by watcher: WatcherID) {
        service.handle(cause: .trigger(thread: 1, userID: 0)) {
            $0.triggered(minimum: 0, isPermitted: true, by: watcher)
        }
    }

    private func page(of device: DeviceID) -> NamedPage? {
        service.guarded.withLock { $0.containers?.devices[device]?.page }
    }

    @Test func aChangeOfOneIsStoredToldAndNotRecorded() throws {
        let (first, second) = try (make("a"), make("b", by: 4))
        let watcher = try open(first)
        trigger(by: watcher)
        #expect(
            played.news() == ["told: containerChanged(\"a\", to: 1, triggered by process 1 of user 0)"])
        #expect(page(of: first)?.load() == 1 && page(of: second)?.load() == 0)
        #expect(service.entry(of: first)?.generation.rawValue == 1)
        #expect(service.current == .fresh)
        played.trigger()
        #expect(page(of: first)?.load() == 2 && page(of: second)?.load() == 1)
        #expect(service.entry(of: second)?.systemGeneration.rawValue == 1)
        #expect(played.news().suffix(1) == ["told: 1, triggered by process 1 of user 0"])
    }

    @Test func theFiguresAreThoseOfEachWithAName() throws {
        let (first, second) = try (make("b"), make("a", by: 4))
        let none = service.containerFiguresVersion
        #expect(none != nil && service.containerFiguresVersion == none)
        let watchers = try [open(first), open(first, isForWriting: true), open(second)]
        trigger(by: watchers[2])
        service.handle { $0.trackingChanged(watchers[0], to: true) }
        let figures = service.containerFigures
        #expect(figures.map(\.name) == ["b", "a"])
        #expect(figures.map(\.generation.rawValue) == [0, 1])
        #expect(figures.map(\.census.watchers) == [2, 1])
        #expect(figures.map(\.census.tracked) == [1, 0])
        #expect(figures.map(\.census.outdated) == [0, 1])
        #expect(figures.map(\.pageOverwrites) == [0, 0])

        let before = service.containerFiguresVersion
        #expect(before != none)
        page(of: first)?.store(99)
        service.checkContainers()
        service.checkContainers()
        #expect(service.containerFigures.map(\.pageOverwrites) == [1, 0])
        let written = service.containerFiguresVersion
        #expect(written != before)
        try service.removeContainer("b", by: 12)
        #expect(service.containerFigures.map(\.name) == ["a"])
        #expect(service.containerFiguresVersion != written)
        #expect(try PlayedService().service.containerFiguresVersion == nil)
    }

    @Test func aRequestThatComesTwiceIsMadeOnce() throws {
        let device = try make("a", by: 8)
        #expect(try make("a", by: 8) == device)
        #expect(service.entry(of: device)?.lookups.count == 1)
        #expect(throws: Refusal.nameTaken) { try make("a", by: 10) }
        try service.removeContainer("a", by: 12)
        try service.removeContainer("a", by: 12)
        #expect(throws: Refusal.noSuchDevice) { try service.removeContainer("a", by: 14) }
        #expect(service.containerCount == 0)
    }

    @Test func onlyWhomItWasGivenToIsItsOwner() throws {
        let (own, other) = try (make("a", userID: 1_000), make("b", by: 4))
        let (watcher, another) = try (open(own), open(other))
        #expect(service.isOwner(1_000, of: watcher))
        #expect(!service.isOwner(1_001, of: watcher))
        #expect(!service.isOwner(1_000, of: another))
        // One that is still root's was given to nobody: whether root may is asked elsewhere.
        #expect(!service.isOwner(0, of: another))
        #expect(try !service.isOwner(1_000, of: open(.system)))
        _ = service.changeContainer(own, AttributeChange(userID: 1_001))
        #expect(service.isOwner(1_001, of: watcher))
        #expect(!service.isOwner(1_000, of: watcher))
    }

    @Test func itBeginsAtAMinimumBeforeItWasEverOpened() throws {
        let device = try make("a")
        try service.beginContainer(device, at: 41)
        #expect(page(of: device)?.load() == 41)
        #expect(service.entry(of: device)?.minimum == 41)
        let watcher = try open(device)
        #expect(throws: Refusal.alreadyOpened) { try service.beginContainer(device, at: 50) }
        service.closed(watcher)
        #expect(throws: Refusal.alreadyOpened) { try service.beginContainer(device, at: 50) }
        #expect(page(of: device)?.load() == 41)
    }

    @Test func whatHasNoNameIsKeptByWhoHasItOpenAndByTheKernel() throws {
        let device = try make("a", by: 2)
        _ = service.lookedUp("a", in: 4)
        let watcher = try open(device)
        try service.removeContainer("a", by: 6)
        service.forgot(device, 2, in: 8)
        #expect(service.entry(of: device) != nil)
        service.closed(watcher)
        #expect(service.entry(of: device) == nil)
        #expect(service.takeReleasedBackings() == [2])
        #expect(service.takeReleasedBackings() == [])

        let next = try make("a", by: 10)
        let another = try open(next)
        try service.removeContainer("a", by: 12)
        service.closed(another)
        #expect(service.entry(of: next) != nil)
        service.forgot(next, 1, in: 14)
        #expect(service.entry(of: next) == nil)
        // What has a name is kept by it.
        let third = try make("a", by: 16)
        service.forgot(third, 1, in: 18)
        #expect(service.entry(of: third) != nil)
    }

    @Test func whatWasForgedInItsPageIsPutRightAndPassedOver() throws {
        let device = try make("a")
        let watcher = try open(device, isForWriting: true)
        _ = played.news()
        page(of: device)?.store(1)
        service.checkPage()
        #expect(page(of: device)?.load() == 0)
        #expect(played.news() == ["told: containerPageOverwritten(\"a\", seen: 1, generation: 0)"])
        trigger(by: watcher)
        #expect(page(of: device)?.load() == 2)
    }

    @Test func whoSleepsIsToldOfWhatAPredecessorHasChanged() throws {
        let device = try make("a")
        let watcher = try open(device)
        var registry = service.guarded.withLock { $0.registry }
        let memory = try #require(try HandoverMemory(device: "/dev/sysgenid", limits: Limits(watchers: 16)))
        memory.commit(registry.record)
        let handed = try #require(registry.handedWatcher(watcher))
        memory.opened(watcher, handed, by: RequestKey(2, of: .deviceDirectory), flags: .isInDirectory)
        memory.polled(watcher, number: 5, at: .fresh)
        let (_, inheritance) = try HandoverReader(memory.memory).continued()
        #expect(Inherited(inheritance, in: registry).stalePolls.isEmpty)
        // Its own alone, so that the system has the generation that it had.
        _ = registry.triggered(minimum: 0, isPermitted: true, by: watcher)
        #expect(Inherited(inheritance, in: registry).stalePolls == [watcher])
    }

    /// A daemon that is killed then has stored it nowhere else.
    @Test func aChangeOfOneIsLeftToASuccessorFirst() throws {
        let memory = try #require(try HandoverMemory(device: "/dev/sysgenid", limits: Limits(watchers: 16)))
        let devices = try ContainerDevices(
            in: scratch.path("other"), limit: 9, system: .fresh, last: nil, isContinued: false)
        let played = try PlayedService(handover: Handover(new: memory), containers: devices)
        let service = played.service
        service.finishInheritedChange()
        let made = DeviceEntry(name: "a", userID: 0, groupID: 0, permissions: 0o755, time: 1)
        let device = try service.addContainer(made) { _ in nil }.id
        let watcher = try service.opened(
            device, by: Self.opener, for: RequestKey(2, of: .deviceDirectory), flags: [], isForWriting: false)
        #expect(try HandoverReader(memory.memory).continued().1.lastContainerChange == nil)
        service.handle { $0.triggered(minimum: 7, isPermitted: true, by: watcher) }
        let (_, inheritance) = try HandoverReader(memory.memory).continued()
        #expect(
            inheritance.lastContainerChange == DeviceChange(device: device, generation: Generation(rawValue: 7)))
        #expect(inheritance.record.generation == .fresh)
        played.trigger()
        #expect(try HandoverReader(memory.memory).continued().1.lastContainerChange == nil)
    }
}
