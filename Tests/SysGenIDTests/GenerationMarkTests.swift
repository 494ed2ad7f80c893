import Glibc
import SysGenIDCore
import SysGenIDSystem
import TestSupport
import Testing

@testable import SysGenID

/// A probe that looks at the hypervisor's page as well, as far as a plain file can play one.
@Suite(.enabled(if: getuid() == 0, "needs root, whose files alone are believed"))
struct GenerationMarkTests {
    let scratch: Scratch
    private let page: PageFile
    private let clock: NamedMemory

    init() throws {
        scratch = try Scratch()
        page = try PageFile(scratch.path("page"), generation: 7)
        clock = try NamedMemory(scratch.path("clock"), isNew: true)
        VMClockLayout.page(size: CounterPage.size).withUnsafeBytes { clock.store($0, at: 0) }
    }

    private var plain: GenerationProbe {
        get throws {
            GenerationProbe(
                try MappedGeneration.published(scratch.path("page"), offset: CounterPage.generationOffset))
        }
    }

    private var played: HypervisorClock? {
        get throws {
            HypervisorClock(
                try MappedDevicePage(
                    mapping: try openFile(scratch.path("clock"), .readOnly), at: scratch.path("clock")))
        }
    }

    private var probe: GenerationProbe {
        get throws { try plain.with(try #require(try played)) }
    }

    private func setCounter(_ counter: UInt64) {
        clock.store(counter.littleEndian, at: VMClockLayout.Offset.generationCounter)
    }

    private func setSequence(_ sequence: UInt32) {
        clock.store(sequence.littleEndian, at: VMClockLayout.Offset.sequence)
    }

    @Test func whatHasNotChangedIsEqual() throws {
        let probe = try probe
        let mark = probe.mark()
        #expect(probe.mark() == mark)
        // The hypervisor adjusts its clock.
        setSequence(2)
        #expect(probe.mark() == mark)
        #expect(!probe.mark().awaitsGeneration(since: mark))
        #expect(probe.hypervisorCounter == 0)
    }

    @Test func aResumeIsSeenAtOnceAndAgainWithTheGeneration() throws {
        let probe = try probe
        let before = probe.mark()
        setCounter(1)
        let first = probe.mark()
        #expect(first != before)
        #expect(first.awaitsGeneration(since: before))
        #expect(probe.load().rawValue == 7, "what is acknowledged is the generation")
        page.store(8)
        let second = probe.mark()
        #expect(second != first && second != before)
        #expect(!second.awaitsGeneration(since: before))
        #expect(!second.awaitsGeneration(since: first))
        #expect(probe.hypervisorCounter == 1)
    }

    @Test func aTriggerIsAChangeThatNothingFollows() throws {
        let probe = try probe
        let before = probe.mark()
        page.store(8)
        #expect(probe.mark() != before)
        #expect(!probe.mark().awaitsGeneration(since: before))
    }

    /// One value of both words might come again.
    @Test func noChangeOfOneMakesUpForOneOfTheOther() throws {
        let probe = try probe
        var marks: Set<GenerationProbe.Mark> = []
        let counters: [UInt64] = [0, 1, 7, 1 << 32, 1 << 32 | 1, 7 << 32, 7 << 32 | 7, .max, .max - 1]
        for generation in [0, 1, 7, .max] as [UInt32] {
            page.store(generation)
            for counter in counters {
                setCounter(counter)
                #expect(marks.insert(probe.mark()).inserted)
            }
        }
    }

    @Test func aPageThatStaysInTheMiddleOfAnUpdateIsOneChangeAndHoldsUpNobody() throws {
        let probe = try probe
        let before = probe.mark()
        setSequence(1)
        let during = probe.mark()
        #expect(during != before)
        #expect(during.awaitsGeneration(since: before))
        #expect(probe.mark() == during)
        setCounter(1)
        #expect(probe.mark() != during)
        // It was settled in between, and is being written again.
        setCounter(0)
        setSequence(3)
        #expect(probe.mark() != during)
        setSequence(4)
        #expect(probe.mark() == before)
    }

    @Test func withoutAClockTheMarkIsTheGeneration() throws {
        let probe = try plain
        let before = probe.mark()
        setCounter(1)
        #expect(probe.mark() == before)
        page.store(8)
        #expect(probe.mark() != before)
        #expect(probe.hypervisorCounter == nil)
    }

    @Test(
        arguments: [
            (VMClockLayout.Offset.magic, 0), (VMClockLayout.Offset.size, 0x6f), (VMClockLayout.Offset.version, 2),
            (VMClockLayout.Offset.version + 1, 1), (VMClockLayout.Offset.flags + 1, 2),
        ] as [(Int, UInt8)])
    func aPageThatShowsNoCounterIsNotLookedAt(_ offset: Int, _ byte: UInt8) throws {
        #expect(try played != nil)
        // What lies above in the size.
        if offset == VMClockLayout.Offset.size {
            [UInt8](repeating: 0, count: 3).withUnsafeBytes { clock.store($0, at: offset + 1) }
        }
        withUnsafeBytes(of: byte) { clock.store($0, at: offset) }
        #expect(try played == nil)
    }

    /// Files can be made shorter; and other devices are none of the kernel's vmclocks.
    @Test func whatIsNoDeviceOfADriverIsNotMapped() throws {
        let probe = try plain
        let link = scratch.path("link"), fifo = scratch.path("fifo")
        try #require(symlink(scratch.path("clock"), link) == 0 && mkfifo(fifo, 0o600) == 0)
        for path in [scratch.path("clock"), link, fifo, scratch.path, scratch.path("none"), "/dev/null", "/dev/zero"] {
            #expect(probe.withClock(at: path).hypervisorCounter == nil, "\(path)")
        }
        let failure = #expect(throws: SystemCallFailure.self) { _ = try MappedDevicePage("/dev/zero") }
        #expect(failure?.errno == .inappropriateIOCTLForDevice)
        // One of a driver's own, that has no page.
        #expect(probe.withClock(at: "/dev/fuse").hypervisorCounter == nil)
    }
}
