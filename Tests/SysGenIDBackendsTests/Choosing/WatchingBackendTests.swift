import Glibc
import SysGenIDCore
import SysGenIDSystem
import TestSupport
import Testing

@testable import SysGenIDBackends

/// The loop of the hardware backends, with a kernel log in a plain file.
@Suite struct WatchingBackendTests {
    private let machine: ReplayedMachine
    private let source = ChangingSource(1)

    init() throws {
        machine = try ReplayedMachine()
        try machine.writeKernelLog([ReplayedMachine.forkLine(1_234)])
    }

    private func run() throws -> RunningBackend {
        let wanted = SourceCandidate(name: "test", remark: "") { [source] _ throws(SourceFailure) in source }
        let kernelLog = HardwareSources(systemRoot: machine.root).kernelLog
        let lineup = Lineup([wanted, kernelLog], now: MonotonicClock.now())
        return try RunningBackend(WatchingBackend(lineup, interval: 10))
    }

    private func identity(_ number: UInt64) -> Identity { ChangingSource.identity(number) }
    private func line(_ number: UInt64) -> Identity { Identity(domain: .kernelLog, high: 0, low: number) }

    @Test func eachIdentityIsReportedOnce() throws {
        let running = try run()
        let start: [BackendReport] = [
            .deciding("test"), .identity(identity(1), by: "test"), .identity(line(1_235), by: "kernel-log"),
        ]
        #expect(running.reports(count: 3) == start)
        source.set(2)
        #expect(running.reports(count: 4).last == .identity(identity(2), by: "test"))
        // The kernel's word comes later, and belongs to the change that is there.
        try machine.log(ReplayedMachine.forkLine(1_300))
        #expect(running.reports(count: 5).last == .reserve(line(1_301)))
        source.set(3)
        #expect(running.reports(count: 6).last == .identity(identity(3), by: "test"))
        #expect(running.stopped().count == 6)
    }

    /// What it does at a resume is done once when it serves, and nobody hears of it: by the kernel's line, and by an identity
    /// after it.
    @Test func aResumeIsRehearsedOnceAndNotReported() throws {
        let running = try run()
        #expect(running.rehearsals(count: 2).map(\.domain) == [.kernelLog, .vmGenerationID])
        let start = running.reports(count: 3)
        #expect(start.count == 3)
        source.set(2)
        #expect(running.reports(count: 4).last == .identity(identity(2), by: "test"))
        #expect(running.stopped().count == 4)
        #expect(running.rehearsals(count: 2).count == 2)
    }

    @Test func theNextBestTakesOverWhereASourceBreaks() throws {
        let running = try run()
        _ = running.reports(count: 3)
        source.breakDown()
        let broken: [BackendReport] = [.unreadable("test: gone"), .deciding("kernel-log")]
        #expect(running.reports(count: 5).suffix(2) == broken)
        try machine.log(ReplayedMachine.forkLine(1_300))
        #expect(running.reports(count: 6).last == .identity(line(1_301), by: "kernel-log"))
        source.set(2)
        let back: [BackendReport] = [.readable("test"), .deciding("test"), .reserve(identity(2))]
        #expect(running.reports(count: 9).suffix(3).elementsEqual(back))
        _ = running.stopped()
    }

    @Test func itLooksAtOnceWhereSomebodyAsksForIt() throws {
        let wanted = SourceCandidate(name: "test", remark: "") { [source] _ throws(SourceFailure) in source }
        let lineup = Lineup([wanted], now: MonotonicClock.now())
        let running = try RunningBackend(WatchingBackend(lineup, interval: 60_000))
        _ = running.reports(count: 2)
        source.set(2)
        running.lookAgain()
        #expect(running.reports(count: 3).last == .identity(identity(2), by: "test"))
        #expect(running.stopped().count == 3)
    }

    @Test func aSourceThatAnnouncesItsChangesIsLeftAloneBetweenThem() throws {
        let source = try CountingSource(isAnnouncing: true)
        let lineup = Lineup([source.candidate("test")], now: MonotonicClock.now())
        let running = try RunningBackend(WatchingBackend(lineup, interval: 10))
        _ = running.reports(count: 2)
        let (start, looks) = (MonotonicClock.now(), source.looks)
        usleep(300_000)
        // Some time may have gone by, and with each second of it a look.
        #expect(source.looks - looks <= 1 + Int((MonotonicClock.now() - start) / Lineup.longestSilence))
        // By the looks of each second alone, ten changes would take ten of them, each time.
        var count = 2
        let isQuick = (1...5).contains { _ in
            let first = MonotonicClock.now()
            for _ in 1...10 {
                source.change()
                count += 1
                let expected = BackendReport.identity(CountingSource.identity(UInt64(count - 1)), by: "test")
                #expect(running.reports(count: count).last == expected)
            }
            return MonotonicClock.now() - first < 5 * Lineup.longestSilence
        }
        #expect(isQuick)
        #expect(running.stopped().count == count)
    }

    @Test func theKernelsLogAnnouncesItsLines() throws {
        try Files.remove(machine.scratch.path("dev/kmsg"))
        let log = try PlayedKernelLog(machine.scratch.path("dev/kmsg"))
        let kernelLog = HardwareSources(systemRoot: machine.root).kernelLog
        let lineup = Lineup([kernelLog], now: MonotonicClock.now())
        // A look that comes by itself is too late for this test.
        let running = try RunningBackend(WatchingBackend(lineup, interval: 60_000))
        #expect(running.reports(count: 2) == [.deciding("kernel-log"), .identity(line(0), by: "kernel-log")])
        for number: UInt64 in 1...5 {
            log.log("6,\(10 * number - 1),77,-;something else\n")
            log.log(ReplayedMachine.forkLine(10 * number))
            #expect(running.reports(count: 2 + Int(number)).last == .identity(line(10 * number + 1), by: "kernel-log"))
        }
        #expect(running.stopped().count == 7)
    }

    @Test func whatWasLoggedByAnybodyElseIsNothing() throws {
        source.breakDown()
        let running = try run()
        let start: [BackendReport] = [.deciding("kernel-log"), .identity(line(1_235), by: "kernel-log")]
        #expect(running.reports(count: 2) == start)
        // Facility 1 is what the kernel gives to a line that a process has written.
        try machine.log("14,1235,99887767,-;random: crng reseeded due to virtual machine fork\n")
        try machine.log("6,1236,99887768,-;something: random: crng reseeded due to virtual machine fork\n")
        try machine.log(" random: crng reseeded due to virtual machine fork\n")
        try machine.log("garbage\n,,,;\n;\n")
        try machine.log(ReplayedMachine.forkLine(1_300))
        #expect(running.reports(count: 3) == start + [.identity(line(1_301), by: "kernel-log")])
        #expect(running.stopped().count == 3)
    }
}

/// A source that a test changes.
final class ChangingSource: IdentitySource {
    private let now: Lock<Result<Identity, SourceFailure>>

    init(_ number: UInt64) {
        now = Lock(.success(Self.identity(number)))
    }

    static func identity(_ number: UInt64) -> Identity {
        Identity(domain: .vmGenerationID, high: number, low: 0)
    }

    func identity() throws(SourceFailure) -> Identity { try now.withLock { $0 }.get() }

    func set(_ number: UInt64) { now.withLock { $0 = .success(Self.identity(number)) } }
    func breakDown() { now.withLock { $0 = .failure(SourceFailure(.unreadable, "gone")) } }
}
