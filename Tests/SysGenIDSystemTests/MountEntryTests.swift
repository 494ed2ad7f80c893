import SysGenIDSystem
import Testing

struct MountEntryTests {
    @Test(
        "lines as kernels write them",
        arguments: [
            (
                "22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw,errors=remount-ro",
                22, "/", "ext4"
            ),
            (
                "36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 propagate_from:2 - ext3 /dev/root rw",
                36, "/mnt2", "ext3"
            ),
            (
                "301 22 0:52 / /dev/sysgenid rw,nosuid,nodev,noexec - fuse.sysgenid sysgenid rw,user_id=0",
                301, "/dev/sysgenid", "fuse.sysgenid"
            ),
            ("44 22 0:6 / /proc rw - proc proc rw", 44, "/proc", "proc"),
            // The source of a mount can be empty, and its options can be missing.
            ("44 22 0:6 / /none rw - tmpfs", 44, "/none", "tmpfs"),
        ] as [(String, UInt32, String, String)])
    func real(line: String, id: UInt32, path: String, type: String) throws {
        let entry = try #require(MountEntry(line: line))
        #expect(entry.id == id)
        #expect(entry.path == path)
        #expect(entry.type == type)
    }

    @Test(
        "octal escapes in paths",
        arguments: [
            (#"/a\040b"#, "/a b"), (#"/a\011b"#, "/a\tb"), (#"/a\012b"#, "/a\nb"), (#"/a\134b"#, #"/a\b"#),
            (#"/a\134040b"#, #"/a\040b"#), (#"/\040"#, "/ "), (#"/\303\244"#, "/ä"),
            // Not what the kernel writes: taken as it stands.
            (#"/a\"#, #"/a\"#), (#"/a\04"#, #"/a\04"#), (#"/a\08x"#, #"/a\08x"#), (#"/a\777"#, #"/a\777"#),
            (#"/a\+12"#, #"/a\+12"#), (#"/a\-00"#, #"/a\-00"#), (#"/a\\040"#, #"/a\ "#),
        ])
    func escapes(escaped: String, path: String) throws {
        let entry = try #require(MountEntry(line: "1 0 0:1 / \(escaped) rw - tmpfs tmpfs rw"))
        #expect(entry.path == path)
    }

    @Test(
        "what is not a line of the table",
        arguments: [
            "", " ", " - ", "-", "1", "1 0 0:1 / /a rw", "1 0 0:1 / /a rw -", "1 0 0:1 / /a rw - ",
            "1 0 0:1 / /a - tmpfs tmpfs rw", "x 0 0:1 / /a rw - tmpfs", "-1 0 0:1 / /a rw - tmpfs",
            "4294967296 0 0:1 / /a rw - tmpfs", " - tmpfs tmpfs rw", "\0\0\0 - \0",
        ])
    func garbage(line: String) {
        #expect(MountEntry(line: line) == nil)
    }

    @Test func theMountsOfThisProcessCanBeListed() throws {
        let mounts = try Mounts.list()
        #expect(mounts.contains { $0.path == "/proc" && $0.type == "proc" })
    }
}
