import SysGenIDCore
import SysGenIDFuse
import SysGenIDSystem
import TestSupport
import Testing

@testable import SysGenIDFrontends

/// The thread that stores in the kernel's cache, without a kernel; what reaches one is seen by `CacheOrderTests`.
struct CachePublisherTests {
    /// What a page shows when a change goes on.
    private final class Notes: Sendable {
        let shown = Lock<[UInt32]>([])
        var all: [UInt32] { shown.withLock(\.self) }
    }

    private let publisher: CachePublisher
    private let session: Session
    private let notes = Notes()

    init() throws {
        publisher = try CachePublisher()
        publisher.begin(with: Generation(rawValue: 3))
        session = try Session(
            file: FileOperations(), backingFile: try openFile("/dev/null", .readOnly),
            connection: try openFile("/dev/null", .readWrite))
    }

    private func store(_ generation: UInt32) {
        publisher.store(Generation(rawValue: generation)) { [publisher, notes] in
            notes.shown.withLock { $0.append(publisher.shown.rawValue) }
        }
    }

    @Test func pagesShowTheGenerationOfTheStartUntilAStoreBegins() throws {
        #expect(publisher.shown.rawValue == 3)
        store(4)
        #expect(publisher.shown.rawValue == 3)
        #expect(notes.all.isEmpty)
        try publisher.start(for: session)
        try waitUntil("the store") { notes.all == [4] }
        #expect(publisher.shown.rawValue == 4)
        publisher.stop()
    }

    @Test func eachChangeGoesOnAfterItsOwnStore() throws {
        store(4)
        store(5)
        try publisher.start(for: session)
        store(6)
        try waitUntil("the stores") { notes.all.count == 3 }
        #expect(notes.all == [4, 5, 6])
        store(7)
        try waitUntil("one that comes later") { notes.all == [4, 5, 6, 7] }
        publisher.stop()
    }

    @Test func changesGoOnWithoutAStoreWhenThereIsNoneAnyMore() throws {
        store(4)
        publisher.stop()
        #expect(notes.all == [3])
        #expect(publisher.shown.rawValue == 3)
    }

    @Test func theThreadIsThereFromItsStartToItsEnd() throws {
        #expect(publisher.thread == nil)
        try publisher.start(for: session)
        #expect(publisher.thread?.name == "page-cache")
        publisher.stop()
        #expect(publisher.thread == nil)
    }
}
