import SysGenIDSystem
import TestSupport
import Testing

@testable import SysGenID

/// What is published about the offset, good and hostile.
struct PageOffsetTests {
    let scratch: Scratch
    let device = "/dev/sysgenid-of-a-test"

    init() throws {
        scratch = try Scratch()
        try publish("device", device + "\n")
    }

    private func publish(_ name: String, _ contents: String) throws {
        try Files.replace(scratch.path(name), with: Array(contents.utf8), permissions: 0o644)
    }

    private func offset() throws -> Int { try PageOffset.published(in: scratch.path, for: device) }

    @Test(arguments: [0, 4, 64, 2_048, 4_092])
    func anOffsetInThePageIsTaken(_ offset: Int) throws {
        try publish("page_offset", "\(offset)\n")
        #expect(try self.offset() == offset)
        try publish("page_offset", "\(offset)")
        #expect(try self.offset() == offset)
    }

    @Test func withoutAFileItIsTheInterfacesOwn() throws {
        #expect(try offset() == 0)
        #expect(try PageOffset.published(in: scratch.path("none"), for: device) == 0)
    }

    @Test func whatIsSaidOfAnotherDeviceIsNotBelieved() throws {
        try publish("page_offset", "64\n")
        #expect(try PageOffset.published(in: scratch.path, for: device + "2") == 0)
    }

    @Test(arguments: [
        "", "\n", "four\n", "-4\n", "+4\n", " 4\n", "4 \n", "04\n", "0x4\n", "4\n4\n", "4\0", "1\n", "2\n", "6\n",
        "4093\n",
        "4094\n", "4096\n", "8192\n", "4294967296\n", "18446744073709551616\n", "0000000000000000000000000\n",
        String(repeating: "4", count: 100_000),
    ])
    func anotherIsAnError(_ contents: String) throws {
        try publish("page_offset", contents)
        let failure = #expect(throws: DeviceFailure.self) { try offset() }
        #expect(failure?.reason == .unmappable)
        #expect(failure?.cause.subject == scratch.path("page_offset"))
    }

    @Test func aFolderInItsPlaceIsAnError() throws {
        try Files.makeDirectories(scratch.path("page_offset"), permissions: 0o755)
        #expect(throws: DeviceFailure.self) { try offset() }
    }
}
