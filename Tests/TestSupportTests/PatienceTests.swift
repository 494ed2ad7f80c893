import Glibc
import Testing

@testable import TestSupport

/// That a hang is found, and that nothing else is taken for one, however slow it is.
@Suite(.serialized) struct PatienceTests {
    private static let looks = 8

    /// Whether it is at an end after three times the looks that it needs for that.
    private func isOver(
        with program: RunningProgram, progress: () -> Int = { 0 }, beforeEachLook prepare: () -> Void = {}
    ) -> Bool {
        let wakeUpsPerLook = 25
        var patience = Patience(for: program.processID, looks: Self.looks, wakeUpsPerLook: wakeUpsPerLook)
        for wakeUp in 0..<3 * Self.looks * wakeUpsPerLook {
            if wakeUp % wakeUpsPerLook == 0 { prepare() }
            usleep(2_000)
            if patience.isOver(progress) { return true }
        }
        return false
    }

    /// The same for a program that is let run in one look of so many, and is stopped in all others.
    private func isOver(withOneThatRunsInEvery period: Int) throws -> Bool {
        let program = try shell("while :; do :; done")
        program.signal(SIGSTOP)
        var looks = 0
        return isOver(
            with: program,
            beforeEachLook: {
                looks += 1
                program.signal(looks % period == 0 ? SIGCONT : SIGSTOP)
            })
    }

    private func shell(_ line: String) throws -> RunningProgram { try RunningProgram("/bin/sh", ["-c", line]) }

    @Test func aProgramThatSleepsIsAHang() throws {
        #expect(isOver(with: try shell("sleep 1000; true")))
    }

    @Test func aProgramThatWasStoppedIsAHang() throws {
        let program = try shell("while :; do :; done")
        program.signal(SIGSTOP)
        #expect(isOver(with: program))
    }

    /// As a daemon does that has nothing to do.
    @Test func oneThatHardlyEverDoesAnythingIsAHang() throws {
        #expect(try isOver(withOneThatRunsInEvery: 16))
    }

    @Test func oneThatWorksIsNone() throws {
        #expect(!isOver(with: try shell("while :; do :; done")))
    }

    @Test func oneThatGetsAThirdOfTheTimeIsNone() throws {
        #expect(try !isOver(withOneThatRunsInEvery: 3))
    }

    /// What the program has started counts, and with the lowest priority it may just be waiting for a processor.
    @Test func oneWhoseChildWorksIsNone() throws {
        #expect(!isOver(with: try shell("nice -n 19 sh -c 'while kill -0 $PPID; do :; done'; true")))
    }

    @Test func oneThatStartsProgramsIsNone() throws {
        #expect(!isOver(with: try shell("while :; do sleep 0.02; done")))
    }

    @Test func oneWhoseProgressIsSeenElsewhereIsNone() throws {
        var number = 0
        let program = try shell("sleep 1000; true")
        let count = {
            number += 1
            return number
        }
        #expect(!isOver(with: program, progress: count))
        #expect(isOver(with: program, progress: { number }))
    }

    /// All that runs for the tests counts where no process is named.
    @Test func whatThisProcessStartsIsSeen() throws {
        let before = ProcessActivity(of: getpid())
        let program = try shell("sleep 1000; true")
        #expect(ProcessActivity(of: getpid()).hasMoved(since: before))
        #expect(ProcessStates.ofAllStarted.contains("sleep 1000"))
        program.end()
    }

    @Test func aTickNowAndThenIsNoMovement() {
        let before = ProcessActivity(counts: [2: 7, 3: 1])
        #expect(!ProcessActivity(counts: [2: 7, 3: 1]).hasMoved(since: before))
        #expect(!ProcessActivity(counts: [2: 8, 3: 2]).hasMoved(since: before))
        #expect(ProcessActivity(counts: [2: 9, 3: 1]).hasMoved(since: before))
        #expect(ProcessActivity(counts: [2: 7]).hasMoved(since: before))
        #expect(ProcessActivity(counts: [2: 7, 3: 1, 4: 0]).hasMoved(since: before))
    }

    /// Two tests that wait for what never comes would see each other look.
    @Test func aThreadThatWaitsIsNoMovement() throws {
        let waiting = try #require(ProcessActivity.thisThread)
        @Sendable func isCounted() -> Bool { ProcessActivity(of: getpid()).counts.keys.contains(waiting) }
        #expect(isCounted())
        // It is counted until it has begun to wait.
        try patiently("no look at it any more") { try waitUntil("no look at it") { !isCounted() } }
        #expect(isCounted())
    }

    @Test func aNameWithBracketsIsReadAsOne() throws {
        let scratch = try Scratch()
        try #require(symlink("/bin/sleep", scratch.path("a) R 1 (b")) == 0)
        let program = try RunningProgram(scratch.path("a) R 1 (b"), ["1000"])
        try waitUntil("the sleep") { ProcessStates.isAsleep(program.processID) }
        let status = try #require(ProcessStatus("/proc/\(program.processID)/stat"))
        #expect(status.parent == getpid())
    }

    @Test func whatCanNoLongerComeIsNotWaitedFor() throws {
        #expect(throws: TimedOut.self) { try waitUntil("nothing") { nil } }
        let program = try shell("echo text")
        #expect(throws: TimedOut.self) { try program.waitFor("another text") }
    }

    @Test func whatBlocksIsDoneOnAThreadAndItsErrorIsThrown() throws {
        #expect(try patiently("a sum") { 1 + 1 } == 2)
        #expect(throws: NotStarted.self) { try patiently("an error") { throw NotStarted(path: "", errno: 1) } }
    }
}
