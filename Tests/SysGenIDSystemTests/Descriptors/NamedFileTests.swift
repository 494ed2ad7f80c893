import Glibc
import SysGenIDSystem
import SystemPackage
import TestSupport
import Testing

struct NamedFileTests {
    let scratch: Scratch

    init() throws {
        scratch = try Scratch()
    }

    @Test func bytesAreWrittenInPlaceAndTheLengthCanBeSet() throws {
        let file = try NamedFile(scratch.path("file"), [.readWrite, .create])
        try file.write([1, 2, 3, 4], at: 0)
        try file.write([9, 9], at: 1)
        #expect(try file.read(upTo: 10) == [1, 9, 9, 4])
        try file.setLength(2)
        #expect(try file.status().size == 2)
    }

    @Test func failuresNameThePath() throws {
        let path = scratch.path("file")
        let file = try NamedFile(path, [.readOnly, .create])
        #expect(throws: SystemCallFailure("pwrite", path, .badFileDescriptor)) { try file.write([1], at: 0) }
        #expect(throws: SystemCallFailure("ftruncate", path, .invalidArgument)) { try file.setLength(1) }
    }

    @Test func aLockHasOneOwner() throws {
        let path = scratch.path("lock")
        do {
            let first = try NamedFile(path, [.readWrite, .create])
            let second = try NamedFile(path, [.readWrite])
            #expect(try first.lockExclusively())
            #expect(try !second.lockExclusively())
        }
        let third = try NamedFile(path, [.readWrite])
        #expect(try third.lockExclusively())
    }

    @Test func anOwnPlainFileIsTakenFromEverybodyElse() throws {
        let path = scratch.path("file")
        try Files.replace(path, with: [7], permissions: 0o666)
        let file = try NamedFile.ownPlainFile(path)
        #expect(try file?.status().permissions == 0o600)
        #expect(try file?.read(upTo: 10) == [7])
    }

    @Test func somethingElseThanAPlainFileIsLeftAlone() throws {
        try Files.makeDirectories(scratch.path("folder"), permissions: 0o755)
        try Files.replace(scratch.path("target"), with: [7], permissions: 0o644)
        #expect(symlink(scratch.path("target"), scratch.path("link")) == 0)
        #expect(mkfifo(scratch.path("pipe"), 0o644) == 0)
        for name in ["folder", "link", "pipe"] {
            let isOpen = try NamedFile.ownPlainFile(scratch.path(name)) != nil
            #expect(!isOpen, "\(name)")
        }
        #expect(try Files.status(scratch.path("target")).permissions == 0o644)
        #expect(try Files.status(scratch.path("pipe")).permissions == 0o644)
    }
}
