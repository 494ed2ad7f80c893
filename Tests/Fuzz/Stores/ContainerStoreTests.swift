import StateModel
import SysGenIDCore
import Testing

@testable import StateModel
@testable import SysGenIDFrontends
@testable import SysGenIDFuse

/// The devices of containers, whenever the daemon is killed that changes them: each change was made or was not, and where
/// its request is delivered again it is made once.
extension EveryStoreTests {
    enum ContainerEvent: CaseIterable {
        case add, remove, change, begin, lookUp, open, openClock, trigger, triggerAtMinimum, resume, resumeWithClock,
            clock, triggerSystem, forget, release

        /// Whether it may be seen half made, before it is delivered again: several words are changed of a device that
        /// is there, or the kernel has let it go and it is there still.
        var hasParts: Bool { [.change, .begin, .release, .resumeWithClock].contains(self) }
        /// Whether the pages show the hypervisor's clock after it, and showed another one before.
        var bringsClock: Bool { [.clock, .resumeWithClock].contains(self) }
        /// Whether it is a change of a generation, which a successor makes once it has begun.
        var isTrigger: Bool { [.trigger, .triggerAtMinimum, .triggerSystem].contains(self) }
    }

    /// One that somebody has open, one that nobody has opened, and one whose name was taken away.
    private static let (opened, fresh, nameless) = (
        DeviceID(slot: 2, uses: 0), DeviceID(slot: 3, uses: 0), DeviceID(slot: 4, uses: 0)
    )
    private static let watcher = WatcherID(slot: 0, uses: 0)

    private static func startedHost() throws -> ContainerHost {
        let host = try ContainerHost()
        for (number, name) in ["opened", "fresh", "nameless"].enumerated() {
            try add(name, by: UInt64(10 + 2 * number), to: host)
        }
        try open(Self.opened, by: 20, in: host)
        _ = try host.service.openClock(of: Self.opened) { _ in 21 }
        try host.service.removeContainer("nameless", by: 22)
        return host
    }

    private static func add(_ name: String, by request: UInt64, to host: ContainerHost) throws {
        var made = DeviceEntry(name: name, userID: 1, groupID: 2, permissions: 0o755, time: 3)
        made.making = request
        _ = try host.service.addContainer(made) { _ in BackingID(request) }
    }

    private static func open(_ device: DeviceID, by request: UInt64, in host: ContainerHost) throws {
        _ = try host.service.opened(
            device, by: Opener(thread: 1, userID: 0, account: .privileged),
            for: RequestKey(request, of: .deviceDirectory), flags: .isInDirectory, isForWriting: false)
    }

    private static func perform(_ event: ContainerEvent, on host: ContainerHost) throws {
        let service = host.service
        switch event {
        case .add: try add("new", by: 30, to: host)
        case .remove: try service.removeContainer("opened", by: 30)
        case .change:
            _ = service.changeContainer(opened, AttributeChange(permissions: 0o700, userID: 7, groupID: 8))
        case .begin: try service.beginContainer(fresh, at: 41)
        case .lookUp: _ = service.lookedUp("fresh", in: 30)
        case .open: try open(fresh, by: 30, in: host)
        case .openClock: _ = try service.openClock(of: fresh) { _ in 31 }
        case .trigger: service.handle { $0.triggered(minimum: 0, isPermitted: true, by: watcher) }
        case .triggerAtMinimum: service.handle { $0.triggered(minimum: 9, isPermitted: true, by: watcher) }
        case .resume: service.identified(Identity(domain: .vmGenerationID, high: 0, low: 2), by: "test")
        case .resumeWithClock:
            service.hostClockSeen(ContainerHost.clock(2))
            service.identified(Identity(domain: .vmclock, high: 2, low: 0), by: "test")
            service.showHostClock()
        case .clock:
            service.hostClockSeen(ContainerHost.clock(2))
            service.showHostClock()
        case .triggerSystem: service.handle { $0.triggered(minimum: 0, isPermitted: true) }
        case .forget: service.forgot(fresh, 1, in: 30)
        case .release: service.forgot(nameless, 1, in: 30)
        }
    }

    @Test("killed at every store of what happens to containers' devices", arguments: ContainerEvent.allCases)
    func containers(_ event: ContainerEvent) throws {
        let first = try Self.startedHost()
        // Another one is a resume.
        first.service.remembered(Identity(domain: .vmGenerationID, high: 0, low: 1))
        first.service.remembered(Identity(domain: .vmclock, high: 1, low: 0))
        var remains = try first.remains
        let daemon = try ContainerHost(continuing: remains)
        if event.bringsClock {
            daemon.service.hostClockSeen(ContainerHost.clock(1))
            daemon.service.showHostClock()
            remains = try daemon.remains
        }
        let before = daemon.known
        #expect(before.entries.count == 3 && daemon.wrongPages.isEmpty)
        let deeds = try daemon.deeds { try Self.perform(event, on: daemon) }
        let after = daemon.known
        #expect(after != before && !deeds.isEmpty)
        #expect(daemon.wrongPages.isEmpty && daemon.hasClock == event.bringsClock)

        try continued(with: remains, from: before, to: after, by: event, "before all")
        for (number, deed) in deeds.enumerated() {
            remains.take(deed)
            try continued(with: remains, from: before, to: after, by: event, "store \(number + 1) of \(deeds.count)")
        }
        #expect(try ContainerHost(continuing: remains).known == after)
    }

    /// Looks at a daemon that continues, and has it do what was not answered.
    private func continued(
        with remains: ContainerHost.Remains, from before: ContainerHost.Known, to after: ContainerHost.Known,
        by event: ContainerEvent, _ moment: String
    ) throws {
        let successor = try ContainerHost(continuing: remains)
        let found = successor.known
        #expect(found == before || found == after || event.hasParts, "\(event), \(moment): \(found)")
        #expect(successor.wrongPages.isEmpty && !successor.hasClock, "\(event), \(moment)")
        for entry in found.entries.values where entry.flags.contains(.hasMinimum) {
            #expect(entry.generation.rawValue >= entry.minimum, "\(event), \(moment)")
        }
        #expect(found.system.rawValue >= remains.word(in: 1), "\(event), \(moment)")
        for (counter, seen) in zip(successor.counters, remains.counters) {
            #expect(counter >= seen, "\(event), \(moment): a counter went back")
        }
        for (id, file) in zip(ContainerHost.paged, ContainerHost.firstPage...) {
            let generation = found.entries[id]?.generation.rawValue ?? 0
            #expect(generation >= remains.word(in: file), "\(event), \(moment): a page was ahead of the table")
        }
        if !event.isTrigger || found == before { try Self.perform(event, on: successor) }
        #expect(successor.known == after, "\(event), \(moment), delivered again")
        #expect(successor.wrongPages.isEmpty, "\(event), \(moment), delivered again")
        #expect(successor.hasClock == event.bringsClock, "\(event), \(moment), delivered again")
    }
}
