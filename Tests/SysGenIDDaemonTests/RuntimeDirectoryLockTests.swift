import SysGenIDDaemon
import SysGenIDSystem
import TestSupport
import Testing

struct RuntimeDirectoryLockTests {
    let scratch: Scratch
    let path: String

    init() throws {
        scratch = try Scratch()
        path = scratch.path("run/below")
    }

    @Test func aSecondDaemonIsRefusedWithThePidOfTheFirst() throws {
        let first = try RuntimeDirectory(path: path)
        let failure = StateFailure.inUse(directory: path, pid: "\(OwnProcess.id)")
        #expect(throws: failure) { try RuntimeDirectory(path: path) }
        #expect(
            "\(failure)" == "another sysgenidd (pid \(OwnProcess.id)) uses \(path): "
                + "stop it, or choose another --runtime-dir")
        #expect(try Files.status(first.path(of: "lock")).permissions == 0o600)
    }

    @Test func theLockEndsWithItsOwner() throws {
        for _ in 0..<3 { _ = try RuntimeDirectory(path: path) }
        #expect(try Files.read("\(path)/lock") == Array("\(OwnProcess.id)\n".utf8))
    }

    @Test(arguments: [0o775, 0o757, 0o777, 0o1777] as [UInt32])
    func aDirectoryThatOthersCanWriteToIsRefused(permissions: UInt32) throws {
        try Files.makeDirectories(path, permissions: 0o755)
        try NamedFile(path, [.readOnly, .directory]).setPermissions(permissions)
        #expect(throws: StateFailure.unsafeDirectory(path)) { try RuntimeDirectory(path: path) }
        #expect(Scratch.names(in: path).isEmpty)
    }

    @Test(arguments: [0o755, 0o750, 0o700] as [UInt32])
    func aDirectoryThatIsThereKeepsItsPermissions(permissions: UInt32) throws {
        try Files.makeDirectories(path, permissions: 0o755)
        try NamedFile(path, [.readOnly, .directory]).setPermissions(permissions)
        _ = try RuntimeDirectory(path: path)
        #expect(try Files.status(path).permissions == permissions)
    }

    @Test func aFileIsNoDirectory() throws {
        try Files.makeDirectories(scratch.path("run"), permissions: 0o755)
        try Files.replace(path, with: [1], permissions: 0o644)
        #expect(throws: StateFailure.self) { try RuntimeDirectory(path: path) }
    }

    @Test func aLinkInPlaceOfTheLockIsRefused() throws {
        try Files.makeDirectories(path, permissions: 0o755)
        try Files.replace(scratch.path("target"), with: [1], permissions: 0o644)
        try link("\(path)/lock", to: scratch.path("target"))
        #expect(throws: StateFailure.notAPlainFile("\(path)/lock")) { try RuntimeDirectory(path: path) }
        #expect(try Files.read(scratch.path("target")) == [1])
    }
}
