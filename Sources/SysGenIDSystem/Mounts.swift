internal import Glibc
internal import SystemPackage

/// One line of /proc/PID/mountinfo. See proc(5).
public struct MountEntry: Hashable, Sendable {
    public var id: UInt32
    public var path: String
    public var type: String

    /// Parses a line; nil where it has not the form of one.
    public init?(line: some StringProtocol) {
        let halves = line.split(separator: " - ", maxSplits: 1)
        guard halves.count == 2, case let fields = halves[0].split(separator: " "), fields.count >= 6,
            let id = UInt32(fields[0]), let type = halves[1].split(separator: " ").first
        else { return nil }
        self.id = id
        path = Self.unescaped(fields[4])
        self.type = String(type)
    }

    /// Undoes the octal escapes that the kernel writes for space, tab, newline and backslash.
    private static func unescaped(_ text: some StringProtocol) -> String {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            let digits = rest.prefix(3).prefix { $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "7") }
            if byte == UInt8(ascii: "\\"), digits.count == 3,
                let value = UInt8(String(decoding: digits, as: UTF8.self), radix: 8)
            {
                bytes.append(value)
                rest = rest.dropFirst(3)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// Mounting one file over another. See mount(2).
public enum Mounts {
    /// What the kernel calls the type of our mounts.
    public static let type = "fuse.sysgenid"

    /// The mounts of this thread's namespace, in the order in which they were made.
    public static func list() throws(SystemCallFailure) -> [MountEntry] {
        let text = String(decoding: try Files.read("/proc/thread-self/mountinfo", limit: 16 << 20), as: UTF8.self)
        return text.split(separator: "\n").compactMap { MountEntry(line: $0) }
    }

    /// Whether a mount of ours, be it dead, is the topmost at the path.
    public static func isOurs(_ path: String) -> Bool {
        (try? list().last { $0.path == path })?.type == type
    }

    /// Mounts the FUSE connection over the file at `path`. The root of the mount is a regular file, whatever
    /// it covers; everybody may reach it, and the kernel checks the permissions that the daemon reports.
    public static func mountFile(connection: CInt, over path: String) throws(SystemCallFailure) {
        let options = "fd=\(connection),rootmode=100000,user_id=0,group_id=0,allow_other,default_permissions"
        try describing("mount", path) { () throws(Errno) in
            try nothingOrErrno { mount("sysgenid", path, type, UInt(MS_NOSUID | MS_NODEV | MS_NOEXEC), options) }
        }
    }

    /// Ends the connection behind the topmost mount, whoever holds it. See umount2(2), MNT_FORCE; that the mount itself
    /// is still in use is no failure.
    public static func abort(_ path: String) {
        umount2(path, CInt(MNT_FORCE) | CInt(UMOUNT_NOFOLLOW))
    }

    /// Takes the topmost mount away from `path`, also from those who still use it. See umount2(2), MNT_DETACH.
    public static func detach(_ path: String) throws(SystemCallFailure) {
        try describing("umount", path) { () throws(Errno) in
            try nothingOrErrno { umount2(path, CInt(MNT_DETACH) | CInt(UMOUNT_NOFOLLOW)) }
        }
    }
}
