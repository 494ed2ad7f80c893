import Glibc
import SysGenIDSystem
import TestSupport
import Testing

struct DirectoriesTests {
    let scratch: Scratch

    init() throws {
        scratch = try Scratch()
    }

    private func make(_ name: String) throws {
        try Files.replace(scratch.path(name), with: [], permissions: 0o600)
    }

    @Test func namesAreSortedAndWithoutTheDirectoriesOwn() throws {
        #expect(try Files.names(in: scratch.path, limit: 0) == [])
        for name in ["b", ".hidden", "a b", "é"] { try make(name) }
        try Files.makeDirectories(scratch.path("directory"), permissions: 0o700)
        #expect(try Files.names(in: scratch.path, limit: 5) == [".hidden", "a b", "b", "directory", "é"])
    }

    @Test func moreNamesThanTheLimitAreRefused() throws {
        for name in ["a", "b", "c"] { try make(name) }
        #expect(throws: SystemCallFailure("readdir", scratch.path, .overflow)) {
            try Files.names(in: scratch.path, limit: 2)
        }
    }

    @Test func namesThatAreNotTextAreLeftOut() throws {
        try make("a")
        let path = Array(scratch.path("").utf8).map(CChar.init(bitPattern:)) + [CChar(bitPattern: 0xff), 0]
        let descriptor = open(path, O_CREAT | O_WRONLY, 0o600)
        #expect(descriptor >= 0)
        close(descriptor)
        #expect(try Files.names(in: scratch.path, limit: 1) == ["a"])
        unlink(path)
    }

    @Test func whatIsNoDirectoryIsRefused() throws {
        try make("file")
        #expect(throws: SystemCallFailure("opendir", scratch.path("file"), .notDirectory)) {
            try Files.names(in: scratch.path("file"), limit: 1)
        }
        #expect(throws: SystemCallFailure("opendir", scratch.path("none"), .noSuchFileOrDirectory)) {
            try Files.names(in: scratch.path("none"), limit: 1)
        }
        mkfifo(scratch.path("pipe"), 0o600)
        #expect(throws: SystemCallFailure("opendir", scratch.path("pipe"), .notDirectory)) {
            try Files.names(in: scratch.path("pipe"), limit: 1)
        }
    }
}
