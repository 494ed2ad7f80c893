import Testing

@testable import TestSupport

/// What a test has of a program that it runs.
@Suite struct RunningProgramTests {
    @Test func aLineForAProgramThatHasEndedIsAFailure() throws {
        let program = try RunningProgram("/bin/sh", ["-c", "echo over"])
        #expect(try program.exitCode() == 0)
        let failure = try #require(throws: NotSent.self) { try program.send("more") }
        #expect(failure.description.contains("it wrote: over"))
    }
}
