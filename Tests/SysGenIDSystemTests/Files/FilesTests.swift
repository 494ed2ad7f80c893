import Glibc
import SystemPackage
import TestSupport
import Testing

@testable import SysGenIDSystem

struct FilesTests {
    let scratch: Scratch

    init() throws {
        scratch = try Scratch()
    }

    @Test(arguments: [0o644, 0o600, 0o666] as [UInt32])
    func replaceMakesAFileWithItsPermissions(permissions: UInt32) throws {
        let path = scratch.path("file")
        try Files.replace(path, with: Array("one\n".utf8), permissions: permissions)
        #expect(try Files.read(path) == Array("one\n".utf8))
        #expect(try Files.status(path).permissions == permissions)
        #expect(scratch.names == ["file"])
    }

    @Test func replaceLeavesTheOldFileToThoseWhoHaveItOpen() throws {
        let path = scratch.path("file")
        try Files.replace(path, with: Array("first".utf8), permissions: 0o644)
        let reader = try openFile(path, .readOnly)
        let first = try Files.status(path)
        try Files.replace(path, with: Array("second, and longer".utf8), permissions: 0o600)
        #expect(try reader.read(upTo: 100) == Array("first".utf8))
        let second = try Files.status(path)
        #expect(second.inode != first.inode)
        #expect(second.permissions == 0o600)
        #expect(second.size == 18)
    }

    @Test func aReaderNeverSeesAPart() throws {
        let path = scratch.path("file")
        let contents = [UInt8](repeating: 0x61, count: 4096)
        let others = [UInt8](repeating: 0x62, count: 2048)
        try Files.replace(path, with: contents, permissions: 0o644)
        let writer = try Thread(named: "writer") {
            for round in 0..<500 {
                try? Files.replace(path, with: round % 2 == 0 ? others : contents, permissions: 0o644)
            }
        }
        defer { writer.join() }
        while waitUntilReadable([writer.endDescriptor], milliseconds: 0).isEmpty {
            let seen = try Files.read(path)
            try #require(seen == contents || seen == others)
        }
    }

    @Test func replaceDoesNotFollowALinkThatWasPutInItsWay() throws {
        let victim = scratch.path("victim")
        try Files.replace(victim, with: Array("precious".utf8), permissions: 0o644)
        #expect(symlink(victim, scratch.path("file.new")) == 0)
        #expect(throws: SystemCallFailure("open", scratch.path("file.new"), .tooManySymbolicLinkLevels)) {
            try Files.replace(scratch.path("file"), with: [1], permissions: 0o644)
        }
        #expect(try Files.read(victim) == Array("precious".utf8))
    }

    @Test func aReplacementThatFailsLeavesTheOldFileAndNoDraft() throws {
        // A folder cannot be replaced by a file, which is known only when the draft has been written.
        try Files.makeDirectories(scratch.path("file"), permissions: 0o755)
        #expect(throws: SystemCallFailure("rename", scratch.path("file"), .isDirectory)) {
            try Files.replace(scratch.path("file"), with: [1], permissions: 0o644)
        }
        #expect(scratch.names == ["file"])
    }

    @Test func readStopsAtTheLimit() throws {
        let path = scratch.path("file")
        try Files.replace(path, with: Array(0..<100), permissions: 0o644)
        #expect(try Files.read(path, limit: 10) == Array(0..<10))
        #expect(try Files.read("/dev/zero", limit: 100_000).count == 100_000)
        #expect(throws: SystemCallFailure("open", scratch.path("none"), .noSuchFileOrDirectory)) {
            try Files.read(scratch.path("none"))
        }
    }

    @Test func aLinkSaysItsTarget() throws {
        let link = scratch.path("link")
        try #require(symlink("nowhere/é", link) == 0)
        #expect(try Files.linkTarget(link) == "nowhere/é")
        #expect(throws: SystemCallFailure("readlink", scratch.path("none"), .noSuchFileOrDirectory)) {
            try Files.linkTarget(scratch.path("none"))
        }
    }

    @Test func statusTellsWhatChanged() throws {
        let path = scratch.path("file")
        try Files.replace(path, with: [1], permissions: 0o644)
        let before = try Files.status(path)
        #expect(before.kind == .regular)
        #expect(before.size == 1)
        #expect(before.modificationTime > 0)
        #expect(before.userID == geteuid())
        let times = [timespec(tv_sec: 1_000, tv_nsec: 7), timespec(tv_sec: 2_000, tv_nsec: 9)]
        #expect(utimensat(AT_FDCWD, path, times, 0) == 0)
        let after = try Files.status(path)
        #expect(after.modificationTime == 2_000_000_000_009)
        #expect(after != before)
        #expect(try Files.status("/dev/null").kind == .characterDevice)
        #expect(try Files.status(scratch.path).kind == .directory)
    }

    @Test func directoriesAreMadeWithTheirParents() throws {
        let path = scratch.path("a/b/c")
        #expect(!Files.exists(path))
        try Files.makeDirectories(path, permissions: 0o700)
        try Files.makeDirectories(path, permissions: 0o700)
        #expect(try Files.status(path).kind == .directory)
        #expect(try Files.status(path).permissions == 0o700)
    }

    @Test func aMissingFileCannotBeRemoved() throws {
        #expect(throws: SystemCallFailure("unlink", scratch.path("none"), .noSuchFileOrDirectory)) {
            try Files.remove(scratch.path("none"))
        }
    }

    @Test func filesOfAnyLengthAreReadWhole() throws {
        for count in [0, 1, 4_095, 4_096, 4_097, 8_192, 100_000] {
            let contents = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31) }
            try Files.replace(scratch.path("file"), with: contents, permissions: 0o644)
            #expect(try Files.read(scratch.path("file"), limit: 1 << 20) == contents)
            #expect(try Files.read(scratch.path("file"), limit: 5_000) == Array(contents.prefix(5_000)))
        }
        #expect(try Files.read(scratch.path("file"), limit: 0) == [])
    }

    @Test func aNameIsTakenByWhateverIsThere() throws {
        try Files.replace(scratch.path("file"), with: [1], permissions: 0)
        try #require(symlink("nowhere", scratch.path("link")) == 0)
        for name in ["file", "link", "."] { #expect(Files.isNameTaken(scratch.path(name))) }
        for name in ["none", "file/none", "none/none"] { #expect(!Files.isNameTaken(scratch.path(name))) }
    }
}
