import Foundation
import TestSupport
import Testing

@testable import SysGenIDSystem

/// The limits of control groups, as files below a folder.
struct MemoryLimitsTests {
    private let scratch: Scratch

    init() throws {
        scratch = try Scratch()
        try write("VmPeak:\t  900 kB\nVmRSS:\t   1024 kB\n", "proc/self/status")
    }

    private func write(_ text: String, _ path: String) throws {
        let url = URL(filePath: scratch.path(path))
        try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: url)
    }

    private var found: [MemoryLimits.Limit] { MemoryLimits(systemRoot: scratch.path).controlGroupLimits }

    @Test func thoseOfTheGroupAndOfAllAboveItCount() throws {
        try write("0::/system.slice/sysgenidd.service\n", "proc/self/cgroup")
        try write("max\n", "sys/fs/cgroup/system.slice/memory.max")
        try write("67108864\n", "sys/fs/cgroup/system.slice/sysgenidd.service/memory.max")
        let own = MemoryLimits.Limit(
            name: "/sys/fs/cgroup/system.slice/sysgenidd.service/memory.max", bytesLeft: 63 << 20)
        #expect(found == [own])
        try write("33554432\n", "sys/fs/cgroup/system.slice/memory.max")
        let above = MemoryLimits.Limit(name: "/sys/fs/cgroup/system.slice/memory.max", bytesLeft: 31 << 20)
        #expect(found == [above, own])
    }

    @Test func thoseOfTheFirstVersionCount() throws {
        try write("9:name=systemd:/x\n4:cpu,memory:/a\n0::/\n", "proc/self/cgroup")
        try write("9223372036854771712\n", "sys/fs/cgroup/memory/memory.limit_in_bytes")
        try write("8388608\n", "sys/fs/cgroup/memory/a/memory.limit_in_bytes")
        let expected = MemoryLimits.Limit(name: "/sys/fs/cgroup/memory/a/memory.limit_in_bytes", bytesLeft: 7 << 20)
        #expect(found == [expected])
    }

    @Test(arguments: ["", "nonsense\n", "0::/../../etc\n", "4:memory\n", "0::/gone\n"])
    func whatCannotBeReadIsNoLimit(_ text: String) throws {
        try write(text, "proc/self/cgroup")
        #expect(found.isEmpty)
    }

    @Test func withoutFilesThereIsNone() throws {
        #expect(MemoryLimits(systemRoot: scratch.path("none")).controlGroupLimits.isEmpty)
    }
}
