import Testing

@testable import SysGenIDCore

/// Who is behind the watchers that are outdated.
struct OpenerTests {
    var registry = GenerationRegistry()

    private mutating func open(by thread: Int32) throws -> WatcherID {
        try registry.opened(by: Opener(thread: thread, userID: 1_000))
    }

    @Test mutating func onlyTheOutdatedAreNamed() throws {
        let first = try open(by: 11)
        _ = try open(by: 12)
        #expect(registry.outdatedOpeners(limit: 9).isEmpty)
        registry.bump()
        _ = try open(by: 13)
        #expect(registry.outdatedOpeners(limit: 9).map(\.thread) == [11, 12])
        _ = registry.acknowledge(first)
        #expect(registry.outdatedOpeners(limit: 9) == [Opener(thread: 12, userID: 1_000)])
    }

    @Test(arguments: 0...6)
    mutating func notMoreThanTheLimit(limit: Int) throws {
        for thread: Int32 in 1...5 { _ = try open(by: thread) }
        registry.bump()
        #expect(registry.outdatedOpeners(limit: limit).count == min(limit, 5))
    }
}
