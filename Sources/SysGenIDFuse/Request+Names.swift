internal import CFuse3
internal import Glibc

// The answers of a directory and its names.

extension Request {
    /// Answers a request for an extended attribute: with its length where there is no room for any, see getxattr(2).
    public consuming func reply(extendedAttribute value: [UInt8], count: Int) {
        guard count > 0 else {
            answer { fuse_reply_xattr($0, value.count) }
            return
        }
        guard value.count <= count else { return reply(errno: ERANGE) }
        reply(bytes: value)
    }

    /// Answers a request that looks for a name or makes one. The kernel remembers the name for an hour: nobody else than it
    /// changes names.
    ///
    /// - Parameter validity: for how many seconds the kernel may answer stat(2) by itself.
    /// - Returns: false where the caller did not get it, so that the kernel does not forget it again.
    @discardableResult
    public consuming func reply(entry attributes: FileAttributes, validity: Double) -> Bool {
        var entry = fuse_entry_param()
        entry.ino = attributes.node
        entry.attr = attributes.status
        (entry.attr_timeout, entry.entry_timeout) = (validity, 3600)
        return answer { fuse_reply_entry($0, &entry) }
    }

    /// Answers a request for the entries of a directory with as many as there is room for.
    ///
    /// - Parameter entries: in the order of their offsets, which name where the next one begins.
    public consuming func reply(entries: some Sequence<DirectoryEntry>, count: Int) {
        var bytes = [UInt8](repeating: 0, count: count)
        var used = 0
        for entry in entries {
            var status = stat()
            (status.st_ino, status.st_mode) = (ino_t(entry.node), entry.isDirectory ? S_IFDIR : S_IFREG)
            let size = bytes.withUnsafeMutableBytes { bytes in
                fuse_add_direntry(
                    raw, bytes.baseAddress?.assumingMemoryBound(to: CChar.self).advanced(by: used), count - used,
                    entry.name, &status, off_t(entry.offset))
            }
            guard size <= count - used else { break }
            used += size
        }
        reply(bytes: Array(bytes[..<used]))
    }
}

/// A name in a directory.
public struct DirectoryEntry: Sendable {
    public var name: String
    public var node: UInt64
    public var isDirectory: Bool
    /// Where the entry after it begins.
    public var offset: Int64

    public init(name: String, node: UInt64, isDirectory: Bool, offset: Int64) {
        self.name = name
        self.node = node
        self.isDirectory = isDirectory
        self.offset = offset
    }
}
