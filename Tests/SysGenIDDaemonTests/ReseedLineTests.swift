import SysGenIDCore
import SysGenIDFrontends
import SysGenIDSystem
import SystemPackage
import TestSupport
import Testing

@testable import SysGenIDDaemon

/// The line that is published of the last reseed.
struct ReseedLineTests {
    private static let moment = 1_614_556_800
    private static let missing = HostEntropyMissing("/dev/hwrng was too slow")
    private static let failure = SystemCallFailure("RNDRESEEDCRNG", "/dev/urandom", .noData)

    private static let lines: [(reseed: Reseed, text: String)] = [
        (Reseed(), "2021-03-01T00:00:00Z 7 taken identity,host"),
        (Reseed(hostEntropyMissing: missing), "2021-03-01T00:00:00Z 7 taken identity /dev/hwrng was too slow"),
        (
            Reseed(failure: SystemCallFailure("open", "/dev/urandom", .noMemory)),
            "2021-03-01T00:00:00Z 7 failed identity,host open /dev/urandom: Cannot allocate memory"
        ),
        (
            Reseed(hostEntropyMissing: missing, failure: failure),
            "2021-03-01T00:00:00Z 7 failed identity /dev/hwrng was too slow; RNDRESEEDCRNG /dev/urandom: No data"
                + " available; the generator has no seed at all yet, and will take this into it"
        ),
    ]

    @Test func itSaysWhenForWhatFromWhatAndWhetherItWorked() {
        for (reseed, text) in Self.lines {
            let published = ReseedLine(reseed, for: Generation(rawValue: 7), at: Self.moment)
            #expect(published.text == text)
            #expect(published.hasFailed == (reseed.failure != nil))
            #expect(ReseedLine(predecessor: Array("\(text)\n".utf8)) == published)
        }
    }

    @Test(arguments: [
        "", "\n", "none\n", "2021-03-01T00:00:00Z 7 taken identity", "2021-03-01T00:00:00Z 7 taken\n",
        "2021-03-01T00:00:00Z 7 given identity\n", "2021-03-01T00:00:00Z many taken identity\n",
        "2021-03-01T00:00:00Z 7 taken identity\n\n", "2021-03-01T00:00:00Z 7 taken identity \u{1B}[31m\n",
    ])
    func whatNoDaemonWritesIsNotContinued(_ text: String) {
        #expect(ReseedLine(predecessor: Array(text.utf8)) == nil)
    }

    @Test func aSuccessorContinuesWithIt() throws {
        let scratch = try Scratch()
        let directory = try RuntimeDirectory(path: scratch.path("run"))
        #expect(directory.predecessorReseed == nil)
        var attributes = Attributes(
            generation: 7, pageOffset: 0, watchers: WatcherFigures(Census()), backend: "acpi", backendReason: "best",
            frontends: ["fuse"], processID: 4711, device: "/dev/sysgenid")
        _ = directory.publish(attributes)
        #expect(directory.predecessorReseed == nil)
        attributes.reseed = ReseedLine(Reseed(failure: Self.failure), for: 7, at: Self.moment)
        _ = directory.publish(attributes, onlyUrgent: true)
        let history = ChangeHistory(continuing: directory.predecessorReseed)
        #expect(history.lastReseed == attributes.reseed)
        #expect(history.lastReseed?.hasFailed == true)
        // Counted is what this daemon has done.
        #expect(history.summary.reseeds[hasHostEntropy: true, isTaken: false] == 0)
        history.note(.changed(to: 8, .trigger(thread: 12, userID: 0)), at: Self.moment)
        #expect(history.lastReseed == attributes.reseed)
        history.note(.changed(to: 9, .backend("acpi", Reseed())), at: Self.moment)
        #expect(history.lastReseed == ReseedLine(Reseed(), for: 9, at: Self.moment))
        #expect(history.summary.reseeds[hasHostEntropy: true, isTaken: true] == 1)
    }
}
