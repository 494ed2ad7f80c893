import TestSupport
import Testing

@testable import SysGenIDSystem

/// The lines of the kernel's table of mounts, and what is made of it.
struct MountLineTests {
    private func take<Value>(_ line: String, _ body: (MountLine?) throws -> Value) rethrows -> Value {
        try Array(line.utf8).withUnsafeBytes { try body(MountLine($0)) }
    }

    @Test(
        "lines as kernels write them",
        arguments: [
            (
                "22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw,errors=remount-ro",
                "/", "ext4"
            ),
            (
                "36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 propagate_from:2 - ext3 /dev/root rw",
                "/mnt2", "ext3"
            ),
            (
                "301 22 0:52 / /dev/sysgenid rw,nosuid,nodev,noexec - fuse.sysgenid sysgenid rw,user_id=0",
                "/dev/sysgenid", "fuse.sysgenid"
            ),
            ("44 22 0:6 / /proc rw - proc proc rw", "/proc", "proc"),
            // The source of a mount can be empty, and its options can be missing.
            ("44 22 0:6 / /none rw - tmpfs", "/none", "tmpfs"),
        ] as [(String, String, String)])
    func real(line: String, path: String, type: String) throws {
        try take(line) { mount in
            let mount = try #require(mount)
            #expect(mount.isMounted(at: path))
            #expect(mount.hasType(type))
            for other in [path + "x", String(path.dropLast()), "/other", ""] {
                #expect(!mount.isMounted(at: other))
                #expect(!mount.hasType(other))
            }
        }
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
        try take("1 0 0:1 / \(escaped) rw - tmpfs tmpfs rw") { mount in
            let mount = try #require(mount)
            #expect(mount.isMounted(at: path))
            #expect(mount.isMounted(at: escaped) == (escaped == path))
        }
    }

    @Test(
        "what is not a line of the table",
        arguments: [
            "", " ", " - ", "-", "1", "1 0 0:1 / /a rw", "1 0 0:1 / /a rw -", "1 0 0:1 / /a rw - ",
            "1 0 0:1 / /a - tmpfs tmpfs rw", "x 0 0:1 / /a rw - tmpfs", "-1 0 0:1 / /a rw - tmpfs",
            "4294967296 0 0:1 / /a rw - tmpfs", " - tmpfs tmpfs rw", "\0\0\0 - \0",
        ])
    func garbage(line: String) {
        #expect(take(line) { $0 == nil })
    }

    @Test func bytesThatAreNoTextAreCompared() {
        let bytes = Array("1 0 0:1 / /a".utf8) + [0xff] + Array(" rw - tmpfs".utf8)
        bytes.withUnsafeBytes { line in
            #expect(MountLine(line)?.isMounted(at: "/a\u{fffd}") == false)
            #expect(MountLine(line)?.isMounted(at: "/a") == false)
        }
    }

    @Test func theTopmostMountsOfThisProcessAreKnown() throws {
        #expect(Mounts.isTopmost("proc", at: "/proc"))
        #expect(!Mounts.isTopmost("fuse.sysgenid", at: "/proc"))
        #expect(!Mounts.isOurs("/proc"))
        #expect(!Mounts.isTopmost("proc", at: "/proc/self"))
        #expect(!Mounts.isTopmost("proc", at: "/nowhere/proc"))
    }
}
