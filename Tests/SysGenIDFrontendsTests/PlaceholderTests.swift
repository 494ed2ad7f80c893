import SysGenIDSystem
import TestSupport
import Testing

@testable import SysGenIDFrontends

/// The file below a counter file.
struct PlaceholderTests {
    private let scratch: Scratch
    private let path: String

    init() throws {
        scratch = try Scratch()
        path = scratch.path("sysgenid")
    }

    @Test func nobodyButRootCanOpenItAndItIsToldFromOthersByItsMode() throws {
        try Placeholder.create(at: path)
        let status = try Files.status(path)
        #expect(status.kind == .regular && status.size == 0)
        #expect(status.permissions == 0o1000)
        Placeholder.remove(at: path)
        #expect(!Files.isNameTaken(path))
    }

    @Test func whatIsThereAlreadyStays() throws {
        _ = try openFile(path, [.writeOnly, .create], permissions: 0o600)
        try Placeholder.create(at: path)
        #expect(try Files.status(path).permissions == 0o600)
    }

    @Test(arguments: [0o0 as UInt32, 0o600, 0o644, 0o1600, 0o1777])
    func aFileOfAnotherModeIsSomebodyElses(_ permissions: UInt32) throws {
        _ = try openFile(path, [.writeOnly, .create])
        try Files.setPermissions(path, permissions)
        Placeholder.remove(at: path)
        #expect(try Files.status(path).permissions == permissions)
    }

    @Test func soIsOneThatHoldsSomething() throws {
        try Placeholder.create(at: path)
        try NamedFile(path, .readWrite).write([1], at: 0)
        Placeholder.remove(at: path)
        #expect(Files.isNameTaken(path))
    }
}
