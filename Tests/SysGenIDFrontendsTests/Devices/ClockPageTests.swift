import SysGenIDCore
import SysGenIDSystem
import TestSupport
import Testing

@testable import SysGenIDFrontends

/// A page in the layout of a vmclock over the lives of daemons.
struct ClockPageTests {
    private let scratch: Scratch
    private var path: String { scratch.path("clock") }

    init() throws {
        scratch = try Scratch(in: "/dev/shm")
    }

    private func bytes(_ page: ClockPage) -> [UInt8] { page.contents(VMClockLayout.size, at: 0) }

    @Test func aStoreChangesTheSequenceNumberAndTheCounterAlone() throws {
        let page = try ClockPage(new: path, generation: Generation(rawValue: 7), sequence: 2)
        #expect(page.reading == ClockReading(sequence: 2, counter: 7))
        #expect(page.contents(.max, at: 0) == page.reading.page)
        page.store(Generation(rawValue: 8), sequence: 4)
        #expect(page.reading == ClockReading(sequence: 4, counter: 8))
        #expect(page.contents(.max, at: 0) == page.reading.page)
        #expect(bytes(page)[0x68] == 8 && bytes(page)[0x0c] == 4)
    }

    @Test(arguments: [
        (0, 8, 8), (0x68, 8, 8), (CounterPage.size - 4, 8, 4), (CounterPage.size, 8, 0), (-1, 8, 0), (0, 0, 0),
        (1 << 62, 1, 0),
    ])
    func readsEndAtTheEndOfThePage(offset: Int, count: Int, expected: Int) throws {
        let page = try ClockPage(new: path, generation: Generation(rawValue: 7), sequence: 2)
        #expect(page.contents(count, at: Int64(offset)).count == expected)
    }

    @Test(
        "the next daemon shows its generation",
        arguments: [
            (7, 6, 6, 7), (8, 6, 8, 8), (2, 6, 8, 0x1_0000_0002),
            // Killed in the midst of a store.
            (7, 5, 6, 7), (8, 5, 6, 8), (8, 0xffff_ffff, 0, 8),
        ] as [(UInt32, UInt32, UInt32, UInt64)])
    func successor(generation: UInt32, left: UInt32, sequence: UInt32, counter: UInt64) throws {
        let page = try ClockPage(new: path, generation: Generation(rawValue: 7), sequence: left)
        _ = page
        let next = try ClockPage(left: path, generation: Generation(rawValue: generation))
        #expect(next.reading == ClockReading(sequence: sequence, counter: counter))
        #expect(page.reading == next.reading)
    }

    @Test func aFileThatNobodyCameToWriteIsNone() throws {
        _ = try NamedMemory(path, isNew: true)
        #expect(throws: SystemCallFailure.self) { try ClockPage(left: path, generation: Generation(rawValue: 7)) }
        #expect(throws: SystemCallFailure.self) {
            try ClockPage(new: path, generation: Generation(rawValue: 7), sequence: 2)
        }
    }

    @Test func whatIsStoredInTheKernelsCacheIsNeverAMixtureUnderTheSequenceNumber() {
        let (before, after) = (ClockReading(sequence: 4, counter: 9), ClockReading(sequence: 6, counter: 11))
        var page = before.page
        let stores = CachedContents.clock(after).stores
        #expect(stores.count == 3)
        for (number, store) in stores.enumerated() {
            page.replaceSubrange(store.offset..<store.offset + store.bytes.count, with: store.bytes)
            let isBeingWritten = !page[0x0c].isMultiple(of: 2)
            #expect(isBeingWritten == (number < 2))
        }
        #expect(page == after.page)
    }
}
