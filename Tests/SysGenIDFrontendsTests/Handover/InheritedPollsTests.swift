import SysGenIDCore
import SysGenIDFuse
import SysGenIDSystem
import TestSupport
import Testing

@testable import SysGenIDFrontends

/// Sleeping polls of a predecessor.
struct InheritedPollsTests {
    /// A service that has inherited a sleeping poll of each frontend, in a memory of its own.
    ///
    /// - Parameter missed: a change that came after they were answered.
    private func service(missing missed: UInt32? = nil) throws -> (
        GenerationService, [WatcherID: Inheritance.HandedState]
    ) {
        let memory = try #require(try HandoverMemory(device: "/dev/sysgenid", limits: Limits(watchers: 16)))
        memory.commit(Record(generation: Generation(rawValue: 7)))
        let watcher = HandedWatcher(
            opener: Opener(thread: 5, userID: 0), acknowledged: Generation(rawValue: 7), isTracked: false,
            awaitsPollNotification: true)
        for (slot, flags) in ([[], .isCounterFile] as [WatcherState.Flags]).enumerated() {
            let id = WatcherID(slot: slot, uses: 0)
            memory.opened(id, watcher, by: RequestKey(2, of: .counterFile), flags: flags)
            memory.openAnswered(id, of: flags.contains(.isCounterFile) ? .counterFile : .characterDevice)
            memory.polled(id, number: 90 + UInt64(slot), at: Generation(rawValue: 7))
        }
        if let missed { memory.commit(Record(generation: Generation(rawValue: missed))) }
        let handover = try Handover(continuing: memory.memory, CounterPage(generation: 7))
        let inheritance = try #require(handover.inheritance)
        let service = try GenerationService(
            continuing: inheritance.record, limits: Limits(watchers: 16), journal: Forgetful(), handover: handover,
            report: { _ in })
        return (service, inheritance.watchers)
    }

    /// Whether a change writes to the file, as it does to a connection to wake a poll.
    private func trigger(_ service: GenerationService, _ connection: borrowing NamedFile) throws -> Bool {
        service.handle { $0.triggered(minimum: 0, isPermitted: true) }
        return try connection.status().size > 0
    }

    @Test func aFrontendThatDoesNotServeWakesNobody() throws {
        let scratch = try Scratch()
        let connection = try NamedFile(scratch.path("connection"), [.readWrite, .create])
        let (service, watchers) = try service()
        service.inheritPolls(watchers, of: .counterFile, connection: connection.descriptor.rawValue)
        service.inheritPolls(watchers, of: .characterDevice, connection: -1)
        service.dropPolls(over: connection.descriptor.rawValue)
        let isWoken = try trigger(service, connection)
        #expect(!isWoken)
        #expect(service.guarded.withLock { $0.pollHandles.isEmpty })
    }

    /// Before 6.9 a poll may be served again that was answered, and whose caller sleeps.
    @Test(arguments: [true, false])
    func aPollThatOnlyTheMemoryKnowsIsToldWhenAllIsServed(_ isReplayed: Bool) throws {
        let scratch = try Scratch()
        let connection = try NamedFile(scratch.path("connection"), [.readWrite, .create])
        let (service, watchers) = try service(missing: 8)
        let id = try #require(watchers.first { $0.value.kind == .counterFile }?.key)
        service.inheritPolls(watchers, of: .counterFile, connection: connection.descriptor.rawValue)
        let handle = PollHandle(number: 91, connection: connection.descriptor.rawValue)
        #expect(service.polled(id, pollHandle: handle, isReplayed: isReplayed) == true)
        // The next one has to know as well, should this one be killed before it has served all.
        let memory = try #require(service.handover?.memory)
        #expect(try HandoverReader(memory).continued().1.watchers[id]?.polledAt.rawValue == (isReplayed ? 7 : 8))
        service.caughtUp(.counterFile, watchers: watchers)
        #expect(try (connection.status().size > 0) == isReplayed)
    }

    @Test func oneThatServesWakesThoseOfItsOwn() throws {
        let scratch = try Scratch()
        let connection = try NamedFile(scratch.path("connection"), [.readWrite, .create])
        let (service, watchers) = try service()
        service.inheritPolls(watchers, of: .counterFile, connection: connection.descriptor.rawValue)
        service.inheritPolls(watchers, of: .characterDevice, connection: -1)
        service.dropPolls(over: -1)
        let isWoken = try trigger(service, connection)
        #expect(isWoken)
    }
}
