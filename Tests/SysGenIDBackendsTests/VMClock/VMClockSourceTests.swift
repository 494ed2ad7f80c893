import Glibc
import Synchronization
import SysGenIDCore
import SysGenIDSystem
import TestSupport
import Testing

@testable import SysGenIDBackends

/// A vmclock device that is played by a file.
struct VMClockSourceTests {
    let scratch: Scratch
    private var path: String { scratch.path("dev/vmclock0") }

    init() throws {
        scratch = try Scratch()
    }

    private func openFailure() -> String? {
        do throws(SourceFailure) {
            _ = try VMClockSource.open(systemRoot: scratch.path, memory: PhysicalMemory(scratch.path("dev/mem")))
            return nil
        } catch {
            #expect(!error.description.contains("\n"))
            return error.description
        }
    }

    private func put(_ bytes: [UInt8], at offset: Int64) throws {
        try NamedFile(path, .writeOnly).write(bytes, at: offset)
    }

    @Test func theCounterIsTheIdentity() throws {
        try VMClockFixture().write(to: scratch.path)
        let source = try VMClockSource(systemRoot: scratch.path)
        let domain = Identity.Domain("vmclock")
        #expect(try source.identity() == Identity(domain: domain, high: 0x0807_0605_0403_0201, low: 0))
        try put([0xff], at: 0x68)
        #expect(try source.identity() == Identity(domain: domain, high: 0x0807_0605_0403_02ff, low: 0))
        // The disruption marker changes nothing of it.
        try put([0xfe], at: 0x10)
        let clock = try #require(try source.sighting().clock)
        #expect(clock.fields.disruptionMarker == 0x4444_3333_2222_11fe && clock.fields.counterID == 1)
        #expect(!clock.isAnnounced)
        #expect(try source.identity() == Identity(domain: domain, high: 0x0807_0605_0403_02ff, low: 0))
    }

    @Test func aFirstLookTellsOfAnotherCounterAlone() throws {
        try VMClockFixture().write(to: scratch.path)
        let source = try VMClockSource(systemRoot: scratch.path)
        let seen = try source.identity()
        #expect(source.news(since: seen) == nil)
        try put([0xff], at: 0x68)
        #expect(source.news(since: seen) == (try source.sighting()))
        // What cannot be read is told by the look that follows.
        #expect(truncate(path, 0) == 0)
        #expect(source.news(since: seen) == nil)
    }

    @Test func whatCannotBeUsedSaysWhy() throws {
        #expect(openFailure()?.contains("\(path) is missing") == true)
        try Files.makeDirectories(path, permissions: 0o755)
        #expect(openFailure()?.contains("cannot map \(path)") == true)
        #expect(rmdir(path) == 0)
        try Files.replace(path, with: [], permissions: 0o644)
        #expect(openFailure()?.contains("has only 0 bytes") == true)
        #expect(mkfifo(path + ".fifo", 0o644) == 0 && rename(path + ".fifo", path) == 0)
        #expect(openFailure()?.contains("cannot map \(path)") == true)
        var fixture = VMClockFixture()
        fixture.flags = 1 << 9
        try fixture.write(to: scratch.path)
        #expect(openFailure()?.contains("the disruption marker is not one") == true)
    }

    @Test func aPageThatBreaksLaterIsAFailureAndThenRecovers() throws {
        try VMClockFixture().write(to: scratch.path)
        let source = try VMClockSource(systemRoot: scratch.path)
        let identity = try source.identity()
        try put([0x07], at: 0x0c)
        #expect(throws: SourceFailure(.unsteady, "\(path) \(VMClockPage.Defect.alwaysBeingWritten)")) {
            try source.identity()
        }
        try put([0x08], at: 0x0c)
        #expect(try source.identity() == identity)
        // Memory behind a file's end is not touched.
        #expect(truncate(path, 0) == 0)
        #expect(throws: SourceFailure(.damaged, "\(path) \(VMClockPage.Defect.tooShort(0))")) { try source.identity() }
        #expect(source.pollDescriptor == nil)
    }

    @Test func aDeviceWhosePollNeverWaitsIsNotPolled() throws {
        // A plain file is always readable, as is the device of a kernel that does not know poll(2) on it.
        for flags: UInt64 in [1 << 8, 1 << 8 | 1 << 9] {
            var fixture = VMClockFixture()
            fixture.flags = flags
            try fixture.write(to: scratch.path)
            #expect(try VMClockSource(systemRoot: scratch.path).pollDescriptor == nil)
        }
    }

    @Test func pollWaitsWhereAReadingEndsTheReadiness() {
        var seen = 0
        var sequence = 4
        #expect(VMClockSource.pollWaits(acknowledge: { seen = sequence }, isReadable: { seen != sequence }))
        // The page changes once in between.
        var changes = 1
        let changing = VMClockSource.pollWaits(
            acknowledge: {
                seen = sequence
                if changes > 0 { (changes, sequence) = (changes - 1, sequence + 2) }
            }, isReadable: { seen != sequence })
        #expect(changing)
        #expect(!VMClockSource.pollWaits(acknowledge: {}, isReadable: { true }))
        #expect(VMClockSource.pollWaits(acknowledge: {}, isReadable: { false }))
    }

    @Test func aWriterOnAnotherThreadIsNeverSeenHalfway() throws {
        try VMClockFixture().write(to: scratch.path)
        let source = try VMClockSource(systemRoot: scratch.path)
        let hypervisor = Hypervisor(page: path)
        let thread = try Thread(named: "hypervisor") { hypervisor.run() }
        defer { thread.join() }
        defer { hypervisor.isStopped.store(true, ordering: .relaxed) }
        var changeCount = 0
        var last: UInt64 = 0
        let end = MonotonicClock.now() + UInt64(Patience.capMilliseconds) * 1_000_000
        while changeCount < 2_000, MonotonicClock.now() < end {
            // A writer that lost its processor in the middle is no tear.
            guard let counter = try? source.identity().high else { continue }
            // Every value but the first has the same word twice.
            let isWhole = counter >> 32 == counter & 0xffff_ffff
            try #require(isWhole || counter == VMClockFixture().generationCounter)
            if counter != last { changeCount += 1 }
            last = counter
        }
        #expect(changeCount == 2_000)
    }
}

/// Writes the counter again and again, the same number in both of its words, as a hypervisor does: with the
/// sequence odd in between.
private final class Hypervisor: Sendable {
    let isStopped = Atomic(false)
    private let page: String

    init(page: String) {
        self.page = page
    }

    func run() {
        guard let file = try? NamedFile(page, .readWrite) else { return }
        let address = mmap(nil, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, file.descriptor.rawValue, 0)
        guard let address, address != MAP_FAILED else { return }
        defer { munmap(address, 4096) }
        let words = address.assumingMemoryBound(to: Atomic<UInt32>.self)
        let sequence = words + 0x0c / 4
        let counter = words + 0x68 / 4
        var number: UInt32 = 0
        while !isStopped.load(ordering: .relaxed) {
            number &+= 1
            sequence.pointee.wrappingAdd(1, ordering: .relaxed)
            atomicMemoryFence(ordering: .releasing)
            counter[0].store(number.littleEndian, ordering: .relaxed)
            counter[1].store(number.littleEndian, ordering: .relaxed)
            sequence.pointee.wrappingAdd(1, ordering: .releasing)
            // Long enough now and then for a reading, and often not.
            for _ in 0..<number % 32 { _ = MonotonicClock.now() }
        }
    }
}
