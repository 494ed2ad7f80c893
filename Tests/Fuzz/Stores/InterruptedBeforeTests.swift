import Glibc
import SysGenIDCore
import Testing

@testable import StateModel
@testable import SysGenIDFrontends

extension EveryStoreTests {
    /// As where a signal comes to a call whose daemon is gone: the kernel delivers interrupts before all else.
    @Test(arguments: PlayedDaemon.Way.allCases)
    func aRequestThatWasInterruptedBeforeItCameDoesNotWait(_ way: PlayedDaemon.Way) throws {
        let remains = try Remains(of: way, at: Record(generation: .fresh))
        let daemon = try PlayedDaemon(continuing: remains, by: way)
        defer { daemon.end() }
        var source = MoveSource(way)
        let opener = Opener(thread: 1, userID: 0, account: .privileged)
        let id = WatcherID(slot: 0, uses: 0)
        let open = source.move(for: .open(opener), parked: [])
        try daemon.perform(try #require(open).act)
        source.opened(id, isCached: way == .pageCache)
        let read = Event.read(id, count: 4, request: RequestID(rawValue: 1), limit: nil)
        let found = source.move(for: read, parked: [])
        let move = try #require(found)
        let number = try #require(move.request?.number)
        try daemon.perform(.message(MessageSource.interrupt(of: number)))
        _ = try daemon.takeDeeds()
        try daemon.perform(move.act)
        let errors = try daemon.takeDeeds().compactMap { deed in
            if case .told(let reply) = deed, reply.number == number { reply.error } else { nil }
        }
        #expect(errors == [-EINTR])
        #expect(daemon.service.guarded.withLock { $0.registry.parkedCount } == 0)
    }
}
