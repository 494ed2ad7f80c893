internal import CSysGenID
internal import Glibc
internal import SystemPackage

/// One line of /proc/PID/mountinfo, in place. See proc(5).
struct MountLine {
    /// Where it is mounted, with the escapes that the kernel writes.
    private let path: UnsafeRawBufferPointer
    private let type: UnsafeRawBufferPointer

    /// Takes a line apart; nil where it has not the form of one.
    init?(_ line: UnsafeRawBufferPointer) {
        var fields = line.parts(between: " ").lazy.filter { !$0.isEmpty }.makeIterator()
        guard let id = fields.next(), UInt32(String(decoding: id, as: UTF8.self)) != nil,
            fields.next() != nil, fields.next() != nil, fields.next() != nil,
            let path = fields.next(), let options = fields.next(), !path.isText("-"), !options.isText("-")
        else { return nil }
        self.path = path
        // Any number of fields, a dash, and then the type.
        while let field = fields.next(), !field.isText("-") {}
        guard let type = fields.next() else { return nil }
        self.type = type
    }

    /// Whether it is mounted there.
    func isMounted(at path: String) -> Bool {
        var escaped = self.path[...]
        return path.utf8.allSatisfy { Self.takeCharacter(&escaped) == $0 } && escaped.isEmpty
    }

    func hasType(_ type: String) -> Bool { self.type.isText(type) }

    /// Takes the next byte, and undoes the octal escapes that the kernel writes for space, tab, newline and backslash.
    private static func takeCharacter(_ text: inout Slice<UnsafeRawBufferPointer>) -> UInt8? {
        guard let byte = text.popFirst() else { return nil }
        let digits = text.prefix(3)
        guard byte == UInt8(ascii: "\\"), digits.count == 3,
            digits.allSatisfy({ UInt8(ascii: "0")...UInt8(ascii: "7") ~= $0 }),
            case let value = digits.reduce(0, { $0 << 3 | Int($1 & 7) }), value <= UInt8.max
        else { return byte }
        text = text.dropFirst(3)
        return UInt8(value)
    }
}

/// Mounting what a connection serves over what is at a path. See mount(2).
public enum Mounts {
    /// What the kernel calls the type of our mounts.
    private static let type = "fuse.sysgenid"

    /// Where the mounts in this thread's namespace are listed.
    static let tablePath = "/proc/thread-self/mountinfo"

    /// Whether a mount of ours, be it dead, is the topmost at the path, in this thread's namespace.
    public static func isOurs(_ path: String) -> Bool {
        isTopmost(type, at: path)
    }

    /// The same, of a path where a mount of ours was made: that the table cannot be read is a failure then.
    public static func areOurs(_ path: String) throws(SystemCallFailure) -> Bool {
        isTopmost(type, at: path, in: try Files.read(tablePath, limit: tableLimit))
    }

    /// Whether a mount of that type is the topmost at the path.
    static func isTopmost(_ type: String, at path: String) -> Bool {
        // Where there is nothing, there is no need for the whole table.
        guard Files.isNameTaken(path), let table = try? Files.read(tablePath, limit: tableLimit)
        else { return false }
        return isTopmost(type, at: path, in: table)
    }

    private static let tableLimit = 16 << 20

    /// The kernel lists mounts in the order in which they were made.
    private static func isTopmost(_ type: String, at path: String, in table: [UInt8]) -> Bool {
        table.withUnsafeBytes { bytes in
            var isTopmost = false
            for line in bytes.parts(between: "\n") {
                guard let mount = MountLine(line), mount.isMounted(at: path) else { continue }
                isTopmost = mount.hasType(type)
            }
            return isTopmost
        }
    }

    /// Mounts the FUSE connection over the file at `path`. The root of the mount is a regular file, whatever
    /// it covers; everybody may reach it, and the kernel checks the permissions that the daemon reports.
    public static func mountFile(connection: CInt, over path: String) throws(SystemCallFailure) {
        try mount(connection, rootMode: "100000", over: path)
    }

    /// The same of a connection that serves a directory.
    public static func mountDirectory(connection: CInt, over path: String) throws(SystemCallFailure) {
        try mount(connection, rootMode: "40000", over: path)
    }

    private static func mount(_ connection: CInt, rootMode: String, over path: String) throws(SystemCallFailure) {
        let options = "fd=\(connection),rootmode=\(rootMode),user_id=0,group_id=0,allow_other,default_permissions"
        try describing("mount", path) { () throws(Errno) in
            try nothingOrErrno { Glibc.mount("sysgenid", path, type, UInt(MS_NOSUID | MS_NODEV | MS_NOEXEC), options) }
        }
    }

    /// Shows a file at another path as well, over what is there. See mount(2), MS_BIND.
    public static func bind(_ source: String, over path: String) throws(SystemCallFailure) {
        try describing("mount", path) { () throws(Errno) in
            try nothingOrErrno { Glibc.mount(source, path, nil, UInt(MS_BIND), nil) }
        }
    }

    /// The directory of a path as it is without what is mounted in it, while the result is open. See open_tree(2) (5.2).
    public static func openBare(_ directory: String) throws(SystemCallFailure) -> OwnedDescriptor {
        try describing("open_tree", directory) { () throws(Errno) in
            OwnedDescriptor(owning: try valueOrErrno { csysgenid_open_bare(directory) })
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
