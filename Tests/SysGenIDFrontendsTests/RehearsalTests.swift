import SysGenIDCore
import SysGenIDSystem
import TestSupport
import Testing

@testable import SysGenIDFrontends

/// A resume that is gone through without making one.
struct RehearsalTests {
    private static let played = Identity(domain: .kernelLog, high: 0, low: 2)

    /// The record that is there is written once more, and that is all.
    @Test(arguments: [0, 1, 7, UInt32.max]) func nobodySeesIt(_ generation: UInt32) throws {
        let played = try PlayedService(generation: generation)
        let scratch = try Scratch()
        let connection = try NamedFile(scratch.path("connection"), [.readWrite, .create])
        let (watcher, handle) = try played.sleeper(wokenBy: connection)
        _ = played.identify(1)
        _ = played.news()
        let before = played.service.snapshot
        for _ in 1...3 {
            played.service.rehearse(Self.played)
            #expect(played.news() == ["record \(generation), the page shows \(generation)"])
        }
        #expect(played.page.holdsOnly(generation))
        let after = played.service.snapshot
        #expect(after.current == before.current && after.census == before.census)
        #expect(played.service.polled(watcher, pollHandle: handle) == false)
        #expect(try connection.status().size == 0)
        #expect(waitUntilReadable([played.service.changeSignal.descriptor], milliseconds: 5).isEmpty)
        // The resume that was played is none that the service knows.
        #expect(played.identify(2) == .resumed)
        #expect(played.page.load() == (generation == .max ? 1 : generation + 1))
        #expect(played.service.identified(Self.played, by: "kernel-log") == .adopted)
    }

    /// What somebody has written into the page is found by whoever looks for it.
    @Test func aForgedPageIsLeftAlone() throws {
        let played = try PlayedService(generation: 3, mayPageBeWritten: true)
        played.page.store(99)
        played.service.rehearse(Self.played)
        #expect(played.page.load() == 99)
        #expect(played.news() == [])
        played.service.checkPage()
        #expect(played.page.load() == 3)
        #expect(played.news().contains("told: 99 for 3"))
    }
}
