import Glibc
import TestSupport
import Testing

@testable import SysGenIDSystem

@Suite("ProcessMark")
struct ProcessMarkTests {
    @Test("the time is behind a name that may have anything in it")
    func parsing() {
        let rest = "S 1 12 12 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 987654 1 2"
        for name in ["sh", "a b", "a) S 1 2 3", ""] {
            #expect(ProcessMark.startTime(stat: Array("12 (\(name)) \(rest)\n".utf8)) == 987_654)
        }
        for text in ["", "12 (sh", "12 (sh) S 1 2", "12 (sh) " + rest.replacing("987654", with: "x")] {
            #expect(ProcessMark.startTime(stat: Array(text.utf8)) == nil)
        }
    }

    @Test("a process is known by it, and its group is ended")
    func process() throws {
        let pipe = try OutputPipe()
        let scratch = try Scratch()
        let path = scratch.path("program")
        let script = "#!/bin/sh\nsleep 1000 &\necho $!\nwait\n"
        let file = open(path, O_WRONLY | O_CREAT, 0o755)
        write(file, script, script.utf8.count)
        close(file)
        let child = try ChildProcess(
            inGroupOfItsOwn: path, environment: ["PATH": "/usr/bin:/bin"], output: pipe.writingEnd)
        let mark = try #require(ProcessMark(of: child.id))
        var said: [UInt8] = []
        try waitUntil("the number of the other one") {
            said += (try? pipe.readingEnd.read(upTo: 64)) ?? []
            return said.last == UInt8(ascii: "\n")
        }
        let other = try #require(Int32(String(decoding: said.dropLast(), as: UTF8.self)))
        #expect(mark.startTime <= ProcessMark(of: other)?.startTime ?? 0)
        ProcessMark(id: mark.id, startTime: mark.startTime + 1).endGroup()
        #expect(ProcessMark(of: child.id) == mark, "it is another one")
        mark.endGroup()
        var end: ChildProcess.End?
        var status: CInt = 0
        try waitUntil("its end") {
            if waitpid(child.id, &status, WNOHANG) == child.id { end = .killed(by: Signal(rawValue: status & 0x7f)) }
            return end != nil
        }
        #expect(end == .killed(by: .kill))
        try waitUntil("the end of the other one") { isOver(other) }
        #expect(ProcessMark(of: child.id) == nil)
    }
}

/// Whether it has ended, be it that nobody has taken note of it.
private func isOver(_ process: Int32) -> Bool {
    guard let stat = try? Files.read("/proc/\(process)/stat") else { return true }
    return String(decoding: stat, as: UTF8.self).contains(") Z ")
}
