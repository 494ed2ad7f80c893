import Glibc
import SysGenIDSystem
import SystemPackage
import TestSupport
import Testing

struct DirectoryWatchTests {
    let scratch: Scratch

    init() throws {
        scratch = try Scratch()
    }

    @Test func eachKindOfChangeIsTold() throws {
        let path = scratch.path("file")
        let watch = try DirectoryWatch(containing: path)
        let number = watch.descriptor.rawValue
        let changes: [(String, () throws -> Void)] = [
            ("create and rename", { try Files.replace(path, with: [1], permissions: 0o644) }),
            ("write in place", { try NamedFile(path, .writeOnly).write([2], at: 0) }),
            ("permissions", { try NamedFile(path, .readOnly).setPermissions(0o600) }),
            ("remove", { try Files.remove(path) }),
        ]
        for (name, change) in changes {
            #expect(waitUntilReadable([number], milliseconds: 0).isEmpty, "before \(name)")
            try change()
            #expect(awaitReadable([number]) == [number], "\(name)")
            watch.clear()
        }
    }

    @Test func aReadIsNoChange() throws {
        let path = scratch.path("file")
        try Files.replace(path, with: [1], permissions: 0o644)
        let watch = try DirectoryWatch(containing: path)
        _ = try Files.read(path)
        #expect(waitUntilReadable([watch.descriptor.rawValue], milliseconds: 0).isEmpty)
    }

    @Test func aReplacedDirectoryMakesItStale() throws {
        let path = scratch.path("folder/file")
        #expect(throws: SystemCallFailure.self) { _ = try DirectoryWatch(containing: path) }
        try Files.makeDirectories(scratch.path("folder"), permissions: 0o755)
        let watch = try DirectoryWatch(containing: path)
        expect(watch, isStale: false)
        #expect(rename(scratch.path("folder"), scratch.path("moved")) == 0)
        expect(watch, isStale: true)
        try Files.makeDirectories(scratch.path("folder"), permissions: 0o755)
        expect(watch, isStale: true)
    }

    @Test func aBareNameLiesInTheWorkingDirectory() throws {
        let watch = try DirectoryWatch(containing: "file")
        expect(watch, isStale: false)
    }

    private func expect(_ watch: borrowing DirectoryWatch, isStale expected: Bool) {
        let isStale = watch.isStale
        #expect(isStale == expected)
    }
}
