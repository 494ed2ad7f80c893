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
        let page = try ClockPage(new: path, generation: Generation(rawValue: 7), VMClockFields(), sequence: 2)
        #expect(page.reading == ClockReading(sequence: 2, counter: 7))
        #expect(page.contents(.max, at: 0) == page.reading.page)
        page.store(Generation(rawValue: 8), nil, sequence: 4)
        #expect(page.reading == ClockReading(sequence: 4, counter: 8))
        #expect(page.contents(.max, at: 0) == page.reading.page)
        #expect(bytes(page)[0x68] == 8 && bytes(page)[0x0c] == 4)
    }

    @Test(arguments: [
        (0, 8, 8), (0x68, 8, 8), (CounterPage.size - 4, 8, 4), (CounterPage.size, 8, 0), (-1, 8, 0), (0, 0, 0),
        (1 << 62, 1, 0),
    ])
    func readsEndAtTheEndOfThePage(offset: Int, count: Int, expected: Int) throws {
        let page = try ClockPage(new: path, generation: Generation(rawValue: 7), VMClockFields(), sequence: 2)
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
        let page = try ClockPage(new: path, generation: Generation(rawValue: 7), VMClockFields(), sequence: left)
        _ = page
        let next = try ClockPage(left: path, generation: Generation(rawValue: generation))
        #expect(next.reading == ClockReading(sequence: sequence, counter: counter))
        #expect(page.reading == next.reading)
    }

    private var clock: VMClockFields {
        var fields = VMClockFields()
        (fields.counterID, fields.status, fields.disruptionMarker) = (1, 2, 99)
        (fields.seconds, fields.maximumError, fields.flags) = (1_700_000_000, 6, [.ofClock])
        return fields
    }

    @Test func fieldsStayUntilThereAreOthers() throws {
        let page = try ClockPage(new: path, generation: Generation(rawValue: 7), VMClockFields(), sequence: 2)
        page.store(Generation(rawValue: 8), clock, sequence: 4)
        #expect(page.reading == ClockReading(sequence: 4, counter: 8, fields: clock))
        #expect(page.contents(.max, at: 0) == page.reading.page)
        page.store(Generation(rawValue: 9), nil, sequence: 6)
        #expect(page.reading == ClockReading(sequence: 6, counter: 9, fields: clock))
        page.store(Generation(rawValue: 9), VMClockFields(), sequence: 8)
        #expect(page.reading == ClockReading(sequence: 8, counter: 9))
        #expect(page.contents(.max, at: 0) == page.reading.page)
    }

    /// Nobody has looked at the hypervisor's page since the last daemon did.
    @Test("the next daemon shows no clock before it has looked", arguments: [6, 5] as [UInt32])
    func successorOfAClock(left: UInt32) throws {
        let page = try ClockPage(new: path, generation: Generation(rawValue: 7), clock, sequence: left)
        let next = try ClockPage(left: path, generation: Generation(rawValue: 7))
        #expect(next.reading == ClockReading(sequence: left == 6 ? 8 : 6, counter: 7, fields: clock.withoutClock))
        #expect(page.reading == next.reading)
        #expect(next.fields.disruptionMarker == 99 && next.fields.status == VMClockLayout.Status.unreliable)
        let last = try ClockPage(left: path, generation: Generation(rawValue: 7))
        #expect(last.reading == next.reading)
        let sequence = next.sequence
        // A container's shows what the system's does.
        _ = try ClockPage(left: path, generation: Generation(rawValue: 7), clock)
        #expect(page.reading == ClockReading(sequence: sequence + 2, counter: 7, fields: clock))
    }

    @Test func aFileThatNobodyCameToWriteIsNone() throws {
        _ = try NamedMemory(path, isNew: true)
        #expect(throws: SystemCallFailure.self) { try ClockPage(left: path, generation: Generation(rawValue: 7)) }
        #expect(throws: SystemCallFailure.self) {
            try ClockPage(new: path, generation: Generation(rawValue: 7), VMClockFields(), sequence: 2)
        }
    }

    @Test func whatIsStoredInTheKernelsCacheIsNeverAMixtureUnderTheSequenceNumber() {
        let before = ClockReading(sequence: 4, counter: 9)
        let after = ClockReading(sequence: 6, counter: 11, fields: clock)
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
