import SysGenIDSystem
import TestSupport
import Testing

struct OwnProcessTests {
    /// Of each part of a program's mapping that nobody writes to, all pages are there then.
    @Test func allOfTheProgramCanBeTouched() throws {
        // Where memory is scarce, the kernel takes some of it back at once.
        try waitUntil("all of the program in memory") {
            OwnProcess.touchProgram()
            return try isWholeProgramThere()
        }
    }

    private func isWholeProgramThere() throws -> Bool {
        let program = try Files.linkTarget("/proc/self/exe")
        let text = String(decoding: try Files.read("/proc/self/smaps", limit: 16 << 20), as: UTF8.self)
        let lines = text.split(separator: "\n")
        let start = try #require(lines.firstIndex { $0.hasSuffix(" \(program)") && $0.contains(" r-xp ") })
        func kilobytes(_ name: String) -> Int? {
            let line = lines[start...].first { $0.hasPrefix(name) }
            return line?.split(separator: " ").dropFirst().first.flatMap { Int($0) }
        }
        let size = try #require(kilobytes("Size:"))
        return kilobytes("Rss:") == size
    }
}
