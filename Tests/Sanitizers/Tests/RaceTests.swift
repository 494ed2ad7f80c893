import Foundation
import TestSupport
import Testing

/// Whether Thread Sanitizer knows of the project's locks, and finds what is done without them.
struct RaceTests {
    private static let program = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
        .appending(path: "race").path

    /// Whether a race was reported, with so many of the two threads taking the lock.
    private func isFound(careful: Int) throws -> Bool {
        // The report is part of the output, and none of the test run's.
        let race = try RunningProgram(Self.program, ["\(careful)"], environment: ["TSAN_OPTIONS": "exitcode=66"])
        let code = try race.exitCode()
        #expect(code == (race.text.contains("WARNING: ThreadSanitizer:") ? 66 : 0), "\(race.text)")
        return code == 66
    }

    @Test(arguments: [0, 1])
    func whatIsDoneWithoutTheLockIsFound(_ careful: Int) throws {
        // It remembers only the last accesses of a word, and misses one race in ten.
        #expect(try (0..<10).contains { _ in try isFound(careful: careful) })
    }

    @Test func whatIsDoneWithTheLockIsNone() throws {
        for _ in 0..<10 { #expect(try !isFound(careful: 2)) }
    }
}
