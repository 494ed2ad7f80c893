import Glibc
import SysGenIDCore
import SysGenIDSystem
import Testing

@testable import SysGenIDFrontends

/// What a program has written into the counter page.
struct PageCheckTests {
    private static let fullDisk = SystemCallFailure("pwrite", "forged", .noSpace)

    @Test func aPageThatIsAsItShouldBeIsNoNews() throws {
        let played = try PlayedService(generation: 4)
        played.service.checkPage()
        played.trigger()
        _ = played.news()
        played.service.checkPage()
        #expect(played.news().isEmpty)
    }

    @Test func whatWasForgedIsPutRightKeptToldAndPassedOver() throws {
        let played = try PlayedService(generation: 4)
        played.page.store(5)
        played.service.checkPage()
        #expect(played.page.load() == 4)
        #expect(played.news() == ["forged [\"5...5\"], the page shows 4", "told: 5 for 4"])
        played.service.checkPage()
        #expect(played.news().isEmpty)
        played.trigger()
        #expect(played.page.load() == 6)
        played.page.store(7)
        played.service.checkPage()
        #expect(played.news().suffix(2) == ["forged [\"5...5\", \"7...7\"], the page shows 6", "told: 7 for 6"])
    }

    @Test func soIsWhatStandsBehindTheGeneration() throws {
        let played = try PlayedService(generation: 4)
        try forge(9, atWord: CounterPage.size / 4 - 1, of: played.page)
        played.service.checkPage()
        #expect(played.page.holdsOnly(4))
        #expect(played.news() == ["forged [], the page shows 4", "told: 4 for 4"])
    }

    @Test func itIsToldThoughItCannotBeKept() throws {
        let played = try PlayedService(generation: 4, journalFailure: Self.fullDisk)
        played.page.store(5)
        played.service.checkPage()
        #expect(
            played.news() == ["forged [\"5...5\"], the page shows 4", "told: \(Self.fullDisk)", "told: 5 for 4"])
    }

    @Test func itIsLookedForCloselyWhereAProgramMayHaveMappedItForWriting() throws {
        let played = try PlayedService()
        _ = try played.open()
        #expect(!played.service.mayPageBeWritten)
        let watcher = try played.open(isForWriting: true)
        #expect(played.service.mayPageBeWritten)
        // Its mapping may outlive it.
        played.service.closed(watcher)
        #expect(played.service.mayPageBeWritten)
        #expect(try PlayedService(mayPageBeWritten: true).service.mayPageBeWritten)
    }

    private func forge(_ word: UInt32, atWord place: Int, of page: CounterPage) throws {
        _ = try withUnsafeBytes(of: word) { try page.file.write($0, at: Int64(4 * place)) }
    }
}
