internal import Glibc

/// What stat(2) tells of a file, as far as it is of use here.
public struct FileStatus: Hashable, Sendable {
    public enum Kind: Hashable, Sendable {
        case regular, directory, characterDevice, blockDevice, fifo, socket, symbolicLink, other

        /// - Parameter mode: as stat(2) tells it.
        init(mode: UInt32) {
            self =
                switch mode & S_IFMT {
                case S_IFREG: .regular
                case S_IFDIR: .directory
                case S_IFCHR: .characterDevice
                case S_IFBLK: .blockDevice
                case S_IFIFO: .fifo
                case S_IFSOCK: .socket
                case S_IFLNK: .symbolicLink
                default: .other
                }
        }
    }

    public var kind: Kind
    /// The lower twelve bits of the mode.
    public var permissions: UInt32
    public var userID: UInt32
    public var groupID: UInt32
    public var device: UInt64
    public var inode: UInt64
    /// In bytes.
    public var size: Int64
    /// When the contents were changed last, in nanoseconds of the file system's clock.
    public var modificationTime: Int64
    /// When the contents or anything else that is said here were changed last, on the same clock.
    public var changeTime: Int64

    init(_ status: stat) {
        kind = Kind(mode: status.st_mode)
        permissions = status.st_mode & 0o7777
        userID = status.st_uid
        groupID = status.st_gid
        device = UInt64(status.st_dev)
        inode = UInt64(status.st_ino)
        size = Int64(status.st_size)
        modificationTime = status.st_mtim.nanoseconds
        changeTime = status.st_ctim.nanoseconds
    }
}

extension timespec {
    fileprivate var nanoseconds: Int64 { Int64(tv_sec) &* 1_000_000_000 &+ Int64(tv_nsec) }
}
