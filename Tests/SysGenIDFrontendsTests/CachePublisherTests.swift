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
        let shown = Lock<[UInt32?]>([])
        var all: [UInt32?] { shown.withLock(\.self) }
    }

    private let publisher: CachePublisher
    private let session: Session
    private let notes = Notes()

    init() throws {
        publisher = try CachePublisher()
        publisher.begin(1, with: .generation(Generation(rawValue: 3)))
        session = try Session(
            file: FileOperations(), backingFile: try openFile("/dev/null", .readOnly),
            connection: try openFile("/dev/null", .readWrite))
    }

    private func store(_ generation: UInt32) {
        publisher.store([(node: 1, .generation(Generation(rawValue: generation)))]) { [publisher, notes] in
            notes.shown.withLock { $0.append(publisher.generation(of: 1)) }
        }
    }

    @Test func pagesShowTheGenerationOfTheStartUntilAStoreBegins() throws {
        #expect(publisher.generation(of: 1) == 3)
        store(4)
        #expect(publisher.generation(of: 1) == 3)
        #expect(notes.all.isEmpty)
        try publisher.start(for: session)
        try waitUntil("the store") { notes.all == [4] }
        #expect(publisher.generation(of: 1) == 4)
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
        #expect(publisher.generation(of: 1) == 3)
    }

    @Test func whatCameBeforeTheEndIsStored() throws {
        for _ in 1...200 {
            let publisher = try CachePublisher()
            publisher.begin(1, with: .generation(Generation(rawValue: 3)))
            try publisher.start(for: session)
            publisher.store([(node: 1, .generation(Generation(rawValue: 4)))]) {}
            publisher.stop()
            #expect(publisher.generation(of: 1) == 4)
        }
    }

    @Test func afterTheEndChangesGoOnAtOnce() throws {
        try publisher.start(for: session)
        publisher.stop()
        store(4)
        #expect(notes.all == [3])
    }

    @Test func eachFileShowsItsOwnUntilItIsNoMore() throws {
        publisher.begin(5, with: .generation(Generation(rawValue: 8)))
        publisher.store([
            (node: 5, .generation(Generation(rawValue: 9))), (node: 7, .generation(Generation(rawValue: 1))),
        ]) {
            [notes] in notes.shown.withLock { $0.append(9) }
        }
        try publisher.start(for: session)
        try waitUntil("the store") { notes.all == [9] }
        #expect([1, 5, 7].map { publisher.generation(of: $0) } == [3, 9, nil])
        publisher.end(5)
        #expect(publisher.generation(of: 5) == nil)
        publisher.stop()
    }

    @Test func theThreadIsThereFromItsStartToItsEnd() throws {
        #expect(publisher.thread == nil)
        try publisher.start(for: session)
        #expect(publisher.thread?.name == "page-cache")
        publisher.stop()
        #expect(publisher.thread == nil)
    }
}

extension CachePublisher {
    fileprivate func generation(of node: UInt64) -> UInt32? {
        guard case .generation(let generation)? = latest(of: node) else { return nil }
        return generation.rawValue
    }
}
