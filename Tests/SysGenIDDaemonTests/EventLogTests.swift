import Foundation
import Logging
import SysGenIDFrontends
import SysGenIDFuse
import SysGenIDSystem
import SystemPackage
import Testing

@testable import SysGenIDDaemon

struct EventLogTests {
    /// libfuse complains of each.
    private func makeSessionInVain() {
        #expect(throws: SessionFailure.refusedByLibrary) {
            try Session(
                characterDevice: FileOperations(), named: String(repeating: "n", count: 5_000),
                connection: try openFile("/dev/null", .readWrite))
        }
    }

    @Test func whatLibfuseSaysIsToldOnceASecondWithACount() throws {
        let lines = KeptLines()
        let events = EventLog(lines.logger)
        LibraryLog.redirect { events.report($0) }
        let begin = Date()
        for _ in 1...100 { makeSessionInVain() }
        let told = lines.all
        #expect(told.first?.hasPrefix("warning: libfuse: cuse: dev_info") == true, "\(told)")
        #expect(told.count <= 1 + Int(Date().timeIntervalSince(begin)))
        usleep(1_100_000)
        makeSessionInVain()
        let last = try #require(lines.all.last)
        #expect(last.hasSuffix(" times more before)"), "\(last)")
    }

    @Test func fromWhatTheKernelWasReseededIsToldWithTheChange() {
        let lines = KeptLines()
        let events = EventLog(lines.logger)
        let missing = HostEntropyMissing("/dev/hwrng is missing")
        let failure = SystemCallFailure("open", "/dev/urandom", .noMemory)
        events.report(.changed(to: 1, .backend("acpi", Reseed())))
        events.report(.changed(to: 2, .backend("acpi", Reseed(hostEntropyMissing: missing))))
        events.report(.changed(to: 3, .backend("acpi", Reseed(failure: failure))))
        events.report(.changed(to: 4, .trigger(thread: 12, userID: 0)))
        events.tellChanges()
        let resumed = "the system was resumed, noticed by acpi"
        #expect(
            lines.all == [
                "warning: the kernel's random generator was not reseeded for generation 3: open /dev/urandom: "
                    + "Cannot allocate memory",
                "notice: generation 1: \(resumed); the kernel was reseeded from the identity and the host's entropy",
                "notice: generation 2: \(resumed); the kernel was reseeded from the identity alone: "
                    + "/dev/hwrng is missing",
                "notice: generation 3: \(resumed)",
                "notice: generation 4: triggered by process 12 of user 0",
            ])
    }
}
