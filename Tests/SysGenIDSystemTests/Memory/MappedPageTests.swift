import Glibc
import SysGenIDSystem
import SystemPackage
import TestSupport
import Testing

struct MappedPageTests {
    let scratch: Scratch
    private var path: String { scratch.path("page") }

    init() throws {
        scratch = try Scratch()
        try Files.replace(path, with: (0..<4096).map { UInt8(truncatingIfNeeded: $0 / 4) }, permissions: 0o644)
    }

    @Test func wordsAreLoadedAsTheFileHasThem() throws {
        let page = try MappedPage(path)
        #expect(page.count == 4096)
        #expect(page.loadWord(at: 0) == 0)
        #expect(page.loadWord(at: 4) == 0x0101_0101)
        #expect(page.loadWord(at: 4092) == 0xffff_ffff)
        try NamedFile(path, .writeOnly).write([0xaa, 0xaa, 0xaa, 0xaa], at: 4)
        #expect(page.loadWord(at: 4) == 0xaaaa_aaaa)
    }

    @Test func theMappingStaysWithItsFile() throws {
        let page = try MappedPage(path)
        try Files.replace(path, with: [UInt8](repeating: 0x77, count: 4096), permissions: 0o644)
        #expect(page.loadWord(at: 4) == 0x0101_0101)
    }

    @Test func aPlainFileTellsHowMuchOfThePageItHas() throws {
        let page = try MappedPage(path)
        for length in [112, 0, 1 << 30] {
            #expect(truncate(path, length) == 0)
            #expect(page.count == min(length, Int(sysconf(CInt(_SC_PAGESIZE)))))
        }
    }

    @Test func aDeviceHasThePage() throws {
        let page = try MappedPage("/dev/zero")
        #expect(page.count == Int(sysconf(CInt(_SC_PAGESIZE))))
        #expect(page.loadWord(at: page.count - 4) == 0)
    }

    @Test func acknowledgingMovesNothing() throws {
        let page = try MappedPage(path)
        page.acknowledge()
        #expect(lseek(page.descriptor, 0, SEEK_CUR) == 0)
        #expect(page.loadWord(at: 4) == 0x0101_0101)
    }

    @Test func whatCannotBeMappedIsAFailure() throws {
        #expect(throws: SystemCallFailure("open", scratch.path("none"), .noSuchFileOrDirectory)) {
            try MappedPage(scratch.path("none"))
        }
        #expect(throws: SystemCallFailure("mmap", scratch.path, Errno(rawValue: ENODEV))) {
            try MappedPage(scratch.path)
        }
    }
}
