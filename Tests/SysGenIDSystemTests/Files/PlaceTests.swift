import Glibc
import TestSupport
import Testing

@testable import SysGenIDSystem

struct PlaceTests {
    private let scratch: Scratch

    init() throws { scratch = try Scratch() }

    @Test func theKindOfWhatIsThereIsTold() throws {
        try Files.replace(scratch.path("file"), with: [], permissions: 0o600)
        try #require(mkfifo(scratch.path("fifo"), 0o600) == 0)
        try #require(symlink("fifo", scratch.path("link")) == 0)
        #expect(try Files.place(scratch.path("file")).kind == .regular)
        #expect(try Files.place(scratch.path("fifo")).kind == .fifo)
        #expect(try Files.place(scratch.path("link")).kind == .symbolicLink)
        #expect(try Files.place(scratch.path).kind == .directory)
        #expect(try Files.place("/dev/null").kind == .characterDevice)
        #expect(try Files.place("/dev/null").device.description == "1:3")
        #expect(try Files.place(scratch.path("file")).fileSystem == Files.place(scratch.path).fileSystem)
        #expect(try Files.place("/proc/self").fileSystem != Files.place(scratch.path).fileSystem)
        #expect(throws: SystemCallFailure("statx", scratch.path("none"), .noSuchFileOrDirectory)) {
            try Files.place(scratch.path("none"))
        }
    }

    @Test func theNumberOfADeviceIsRead() {
        #expect(DeviceNumber("10:229\n") == DeviceNumber(major: 10, minor: 229))
        for text in ["", "10", "10:", "a:1", "1:2:3", "-1:2", "\n1:2"] { #expect(DeviceNumber(text) == nil) }
    }

    @Test func symbolicLinksAreFollowedToTheEnd() throws {
        try Files.makeDirectories(scratch.path("a/b"), permissions: 0o700)
        try #require(symlink("a/b", scratch.path("folder")) == 0)
        try #require(symlink("folder/../second", scratch.path("first")) == 0)
        try #require(symlink(scratch.path("a/none"), scratch.path("a/second")) == 0)
        let folder = try Files.resolvedParent(of: scratch.path)
        #expect(try Files.resolved(scratch.path("first")) == "\(folder)/a/none")
        #expect(try Files.resolved(scratch.path("folder/none")) == "\(folder)/a/b/none")
        #expect(try Files.resolved("\(scratch.path)/none/") == "\(folder)/none")
    }

    @Test func linksWithoutAnEndAreRefused() throws {
        try #require(symlink("two", scratch.path("one")) == 0)
        try #require(symlink("one", scratch.path("two")) == 0)
        #expect(throws: SystemCallFailure("readlink", scratch.path("one"), .tooManySymbolicLinkLevels)) {
            try Files.resolved(scratch.path("one"))
        }
        try #require(symlink(String(repeating: "x", count: 300), scratch.path("long")) == 0)
        #expect(throws: SystemCallFailure("readlink", scratch.path("long"), .fileNameTooLong)) {
            try Files.resolved(scratch.path("long"))
        }
        try #require(symlink("..", scratch.path("up")) == 0)
        #expect(throws: SystemCallFailure.self) { try Files.resolved(scratch.path("up")) }
    }
}
