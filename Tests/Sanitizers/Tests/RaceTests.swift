import Foundation
import TestSupport
import Testing

/// Whether Thread Sanitizer knows of the project's locks, and finds what is done without them.
struct RaceTests {
    @Test(arguments: [(2, 0), (1, 66), (0, 66)] as [(Int, Int32)])
    func whatIsDoneWithoutTheLockIsFound(_ careful: Int, _ code: Int32) throws {
        let folder = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
        // The report is part of the output, and none of the test run's.
        let program = try RunningProgram(
            folder.appending(path: "race").path, ["\(careful)"], environment: ["TSAN_OPTIONS": "exitcode=66"])
        #expect(try program.exitCode() == code)
        #expect(program.text.contains("ThreadSanitizer: data race") == (code != 0))
    }
}
