import CSysGenID
import Glibc
import SysGenIDSystem
import TestSupport
import Testing

@testable import SysGenID

/// A plain directory stands for what the daemon serves.
struct ContainerDevicesTests {
    let scratch: Scratch
    let devices: ContainerDevices
    let name: ContainerName
    private var folder: String { scratch.path("containers/web") }

    init() throws {
        scratch = try Scratch()
        try Files.makeDirectory(scratch.path("containers"), permissions: 0o755)
        devices = ContainerDevices(in: scratch.path)
        name = try #require(ContainerName("web"))
    }

    @Test func theDeviceLiesInTheDirectoryOfItsContainer() {
        #expect(devices.path(of: name) == folder + "/sysgenid")
        #expect(devices.overseer(of: name).path == folder + "/sysgenid")
    }

    @Test func whatIsMadeIsListedUntilItIsRemoved() throws {
        let other = try #require(ContainerName("db"))
        #expect(try devices.list() == [])
        try devices.make(name)
        try devices.make(other)
        #expect(try devices.list().map(\.name) == [other, name])
        try devices.require(name)
        try devices.remove(name)
        #expect(try devices.list().map(\.name) == [other])
    }

    @Test func theMinimumIsWrittenInDecimal() throws {
        try devices.make(name, minimum: .max)
        #expect(attribute("user.sysgenid.minimum", of: folder) == "4294967295")
    }

    @Test func withoutAMinimumNoneIsWritten() throws {
        try devices.make(name)
        #expect(attribute("user.sysgenid.minimum", of: folder) == nil)
    }

    @Test(.enabled(if: getuid() == 0, "needs root"))
    func theOwnerIsThatOfTheDirectory() throws {
        try devices.make(name, owner: ContainerOwner(userID: 1_234, groupID: 567))
        let entry = try #require(try devices.list().first)
        #expect(entry.userID == 1_234 && entry.groupID == 567)
        #expect(entry.generation == nil)
    }

    @Test(.enabled(if: getuid() == 0, "needs root"))
    func anOwnerWithoutAGroupLeavesTheGroup() throws {
        try devices.make(name)
        let before = try Files.status(folder).groupID
        try devices.remove(name)
        try devices.make(name, owner: ContainerOwner(userID: 1_234))
        let status = try Files.status(folder)
        #expect(status.userID == 1_234 && status.groupID == before)
    }

    @Test func whatIsNoContainerIsNotListed() throws {
        try Files.makeDirectory(scratch.path("containers/.hidden"), permissions: 0o755)
        try Files.replace(scratch.path("containers/file"), with: [], permissions: 0o644)
        #expect(try devices.list() == [])
    }

    @Test func aSecondOneOfTheNameIsRefused() throws {
        try devices.make(name)
        expect(.make, .exists) { () throws(ContainerFailure) in try devices.make(name, minimum: 5) }
        #expect(attribute("user.sysgenid.minimum", of: folder) == nil)
        #expect(try devices.list().count == 1)
    }

    @Test func oneThatIsMissingIsTold() {
        expect(.remove, .notFound) { () throws(ContainerFailure) in try devices.remove(name) }
        expect(.find, .notFound) { () throws(ContainerFailure) in try devices.require(name) }
    }

    @Test(arguments: ["none", "containers"])
    func whereNothingIsServedThatIsTold(_ folder: String) {
        let devices = ContainerDevices(in: scratch.path(folder))
        expect(.make, .notServed) { () throws(ContainerFailure) in try devices.make(name) }
        expect(.remove, .notServed) { () throws(ContainerFailure) in try devices.remove(name) }
        expect(.find, .notServed) { () throws(ContainerFailure) in try devices.require(name) }
        expect(.list, .notServed) { () throws(ContainerFailure) in _ = try devices.list() }
    }

    private func expect(
        _ operation: ContainerFailure.Operation, _ reason: ContainerFailure.Reason,
        sourceLocation: SourceLocation = #_sourceLocation, _ body: () throws(ContainerFailure) -> Void
    ) {
        let failure = #expect(throws: ContainerFailure.self, sourceLocation: sourceLocation) { try body() }
        #expect(failure?.operation == operation && failure?.reason == reason, sourceLocation: sourceLocation)
    }

    /// What is in an extended attribute; nil where there is none.
    private func attribute(_ name: String, of path: String) -> String? {
        var value = [UInt8](repeating: 0, count: 64)
        let length = getxattr(path, name, &value, value.count)
        return length < 0 ? nil : String(decoding: value.prefix(length), as: UTF8.self)
    }
}
