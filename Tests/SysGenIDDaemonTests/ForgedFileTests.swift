import Foundation
import Logging
import SysGenIDCore
import SysGenIDSystem
import TestSupport
import Testing

@testable import SysGenIDDaemon

/// What the next daemon has to know of the page that was mapped before it.
struct ForgedFileTests {
    let scratch: Scratch
    let directory: RuntimeDirectory
    private let logger = Logger(label: "test")

    init() throws {
        scratch = try Scratch()
        directory = try RuntimeDirectory(path: scratch.path("run"))
    }

    private func continued(pageShowed: UInt32?) -> [ClosedRange<UInt32>] {
        ForgedFile(in: directory)
            .continued(at: Generation(rawValue: 7), pageShowed: pageShowed, logger).ranges
    }

    @Test func whereNothingWasForgedThereIsNoFile() {
        #expect(continued(pageShowed: nil) == [])
        #expect(continued(pageShowed: 7) == [])
        #expect(!Files.exists(directory.path(of: ForgedFile.name)))
    }

    @Test func itIsKept() throws {
        var forged = ForgedGenerations()
        for number: UInt32 in [8, 9, 4_000_000_000] { forged.remember(number, at: Generation(rawValue: 7)) }
        try ForgedFile(in: directory).store(forged)
        #expect(continued(pageShowed: nil) == forged.ranges)
        // Fewer than before leave nothing of those.
        var fewer = ForgedGenerations()
        fewer.remember(12, at: Generation(rawValue: 7))
        try ForgedFile(in: directory).store(fewer)
        #expect(continued(pageShowed: nil) == [12...12])
    }

    @Test func whatThePageShowedWhileThereWasNoDaemonIsKeptAsWell() {
        #expect(continued(pageShowed: 8) == [8...8])
        #expect(continued(pageShowed: nil) == [8...8])
    }

    @Test(arguments: [0, 1, 7, 9, 4_096])
    func aDamagedFileDoesNoHarm(count: Int) throws {
        let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 37) }
        try Files.replace(directory.path(of: ForgedFile.name), with: bytes, permissions: 0o600)
        #expect(continued(pageShowed: nil).count <= ForgedGenerations.limit)
    }

    @Test func oneThatCannotBeReadIsTold() throws {
        let path = directory.path(of: ForgedFile.name)
        try Files.makeDirectories(path, permissions: 0o755)
        let lines = KeptLines()
        let forged = ForgedFile(in: directory).continued(at: .fresh, pageShowed: nil, lines.logger)
        #expect(forged.ranges == [])
        #expect(
            lines.all == [
                "error: a change may lead to a generation that was forged before: read \(path): Is a directory; remove what is there"
            ])
    }

    @Test func aPageThatWasThereBeforeMayBeMappedForWriting() throws {
        let memory = try RuntimeDirectory(path: "/dev/shm/sysgenid-test-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(atPath: memory.path) }
        let first = try ServedPages(in: memory, continuing: nil, Generation(rawValue: 1), logger)
        #expect(!first.wasThereBefore && first.found == nil)
        first.counterPage.store(5)
        let second = try ServedPages(in: memory, continuing: nil, Generation(rawValue: 1), logger)
        #expect(second.wasThereBefore && second.found == 5)
        #expect(second.counterPage.load() == 1)
        second.counterPage.store(6)
        let page = try CounterPage(adopting: try second.counterPage.file.duplicate())
        let third = try ServedPages(in: memory, continuing: page, Generation(rawValue: 1), logger)
        #expect(third.wasThereBefore && third.found == 6)
    }
}
