import Glibc
import SysGenIDCore
import SysGenIDSystem
import TestSupport
import Testing

@testable import SysGenIDBackends

/// A firmware configuration device that is played by files.
struct FirmwareConfigurationTests {
    /// 11223344-5566-7788-99aa-bbccddeeff00 in the order of memory.
    static let guid: [UInt8] = [
        0x44, 0x33, 0x22, 0x11, 0x66, 0x55, 0x88, 0x77, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff, 0x00,
    ]

    let scratch: Scratch
    let source: FirmwareConfigurationSource
    private var directory: String { scratch.path("sys/firmware/qemu_fw_cfg") }
    private var path: String { directory + "/by_name/etc/vmgenid_guid/raw" }

    init() throws {
        scratch = try Scratch()
        source = FirmwareConfigurationSource(systemRoot: scratch.path)
    }

    private func record(_ contents: [UInt8]) throws {
        try Files.makeDirectories(directory + "/by_name/etc/vmgenid_guid", permissions: 0o755)
        // The same file with other contents, as the kernel's.
        let file = try NamedFile(path, [.writeOnly, .create])
        try file.setLength(0)
        try file.write(contents, at: 0)
    }

    private func page(_ guid: [UInt8]) -> [UInt8] {
        [UInt8](repeating: 0xa5, count: 40) + guid + [UInt8](repeating: 0x5a, count: 4096 - 56)
    }

    private func reason() -> String? {
        do throws(SourceFailure) {
            _ = try source.identity()
            return nil
        } catch {
            #expect(!error.description.contains("\n"))
            return error.description
        }
    }

    @Test func theGUIDIsTheIdentity() throws {
        try record(page(Self.guid))
        #expect(try source.identity() == Identity(domain: .vmGenerationID, bytes: Self.guid))
        let other = Array(Self.guid.reversed())
        try record(page(other))
        #expect(try source.identity() == Identity(domain: .vmGenerationID, bytes: other))
        #expect(try source.identity().bytes == other)
    }

    @Test func onlyWhatEndsTheGUIDIsNeeded() throws {
        try record(Array(page(Self.guid).prefix(56)))
        #expect(try source.identity().bytes == Self.guid)
    }

    @Test func aShorterFileIsAFailure() throws {
        for length in 0..<56 {
            try record(Array(page(Self.guid).prefix(length)))
            #expect(reason() == "\(path) has only \(length) bytes of 56: it holds no VM generation ID")
        }
    }

    @Test func aGUIDOfZerosIsAFailure() throws {
        try record(page([UInt8](repeating: 0, count: 16)))
        #expect(reason()?.contains("all zeros") == true)
        for place in 0..<128 {
            var guid = [UInt8](repeating: 0, count: 16)
            guid[place / 8] = 1 << (place % 8)
            try record(page(guid))
            #expect(try source.identity().bytes == guid)
        }
    }

    /// The file of a process that has ended is one that was open and can be read no longer.
    @Test func aFileThatIsThereAnewIsOpenedAnew() throws {
        let former = try RunningProgram("/bin/sleep", ["infinity"])
        try Files.makeDirectories(directory + "/by_name/etc/vmgenid_guid", permissions: 0o755)
        try #require(symlink("/proc/\(former.processID)/stat", path) == 0)
        let known = try source.identity()
        #expect(try source.identity() == known)
        former.end()
        #expect(reason()?.contains("-device vmgenid") == true)
        try #require(unlink(path) == 0)
        try record(page(Self.guid))
        #expect(try source.identity().bytes == Self.guid)
    }

    @Test func whatIsMissingNamesItsRemedy() throws {
        #expect(reason()?.contains("modprobe qemu_fw_cfg") == true)
        try Files.makeDirectories(directory + "/by_name/etc", permissions: 0o755)
        #expect(reason()?.contains("-device vmgenid") == true)
        try Files.makeDirectories(path, permissions: 0o755)
        #expect(reason()?.contains("cannot read \(path)") == true)
    }

    @Test func aHugeFileIsNotReadWhole() throws {
        try record(page(Self.guid))
        #expect(truncate(path, 1 << 40) == 0)
        #expect(try source.identity().bytes == Self.guid)
    }

    @Test(
        "a GUID that changes while it is read",
        arguments: [
            ([1, 1], 1), ([1, 2, 2], 2), ([1, 12, 2, 2], 2), ([1, 2, 3, 4, 4], 4), ([1, 2, 3, 4, 5, 5], nil),
            ([1, 2, 1, 2, 1, 2], nil),
        ] as [([UInt8], UInt8?)])
    func changing(readings: [UInt8], taken: UInt8?) throws {
        var rest = readings[...]
        let steady = try FirmwareConfigurationSource.steady { [rest.removeFirst()] }
        #expect(steady == taken.map { [$0] })
    }
}
