import Glibc
import SysGenIDSystem
import TestSupport
import Testing

/// The variables belong to the whole process, and so do the numbers from 3 on: they are looked at in a process of its
/// own by the end-to-end tests. Here is what must not happen.
@Suite(.serialized) struct DescriptorStoreTests {
    private func passed(_ pid: String, _ count: String, _ names: String) -> Set<String> {
        setenv("LISTEN_PID", pid, 1)
        setenv("LISTEN_FDS", count, 1)
        setenv("LISTEN_FDNAMES", names, 1)
        let passed = DescriptorStore.takePassed(["sysgenid-page"])
        return passed.names
    }

    @Test func whatIsMeantForAnotherProcessIsNotTaken() {
        #expect(passed("1", "1", "sysgenid-page").isEmpty)
        #expect(getenv("LISTEN_PID") == nil && getenv("LISTEN_FDS") == nil && getenv("LISTEN_FDNAMES") == nil)
    }

    @Test(arguments: ["", "0", "-1", "65", "999999999999999999999", "x"])
    func countsThatCannotBeAreNone(_ count: String) {
        #expect(passed("\(getpid())", count, "sysgenid-page").isEmpty)
    }

    @Test func withoutVariablesThereIsNothing() {
        let passed = DescriptorStore.takePassed(["sysgenid-page"])
        #expect(passed.names.isEmpty)
    }
}

@Suite struct SharedMemoryTests {
    @Test func aSecondMappingShowsWhatIsStored() throws {
        let memory = try SharedMemory(named: "test", size: 8_192)
        memory.store(UInt32(7), at: 4_096)
        memory.store(UInt64(1 << 40), at: 4_104)
        [1, 2, 3].withUnsafeBytes { (bytes: UnsafeRawBufferPointer) in memory.store(bytes, at: 0) }
        let other = try SharedMemory(adopting: try memory.file.duplicate(), named: "test")
        #expect(other.size == 8_192)
        #expect(other.load(UInt32.self, at: 4_096) == 7)
        #expect(other.load(UInt64.self, at: 4_104) == 1 << 40)
        #expect(other.load(8, at: 0) == [1, 0, 0, 0, 0, 0, 0, 0])
    }

    @Test func aFileThatCouldBecomeShorterIsRefused() throws {
        let scratch = try Scratch()
        let file = try NamedFile(scratch.path("memory"), [.readWrite, .create])
        try file.setLength(4_096)
        #expect(throws: SystemCallFailure("mmap", "test", .invalidArgument)) {
            try SharedMemory(adopting: try file.descriptor.duplicate(), named: "test")
        }
        // Whether a file that has the size of a page is one depends on where it lies: /tmp may be in memory.
        try file.setLength(4_095)
        #expect(throws: SystemCallFailure("mmap", "the counter page", .invalidArgument)) {
            try CounterPage(adopting: try file.descriptor.duplicate())
        }
    }

    @Test func aCounterPageGoesOnWithWhatItShows() throws {
        let page = try CounterPage(generation: 9)
        let next = try CounterPage(adopting: try page.file.duplicate())
        #expect(next.load() == 9)
        next.store(10)
        #expect(page.load() == 10)
    }
}
