internal import CSysGenID
internal import Glibc
internal import SystemPackage

/// A descriptor that becomes readable when something changes in a directory. See inotify(7).
///
/// It tells of nothing that happens behind the file system's back, as on the server of a network file
/// system or below another mount, so that its owner has to look for itself now and then.
public struct DirectoryWatch: ~Copyable, Sendable {
    public let descriptor: OwnedDescriptor
    private let path: String
    private let watched: FileStatus

    /// Watches the directory in which the file lies, whether the file is there or not.
    public init(containing file: String) throws(SystemCallFailure) {
        let parent = FilePath(file).parent
        let path = parent.isEmpty ? "." : parent.string
        let descriptor = try describing("inotify_init1", path) { () throws(Errno) in
            OwnedDescriptor(owning: try valueOrErrno { inotify_init1(CInt(IN_CLOEXEC | IN_NONBLOCK)) })
        }
        let number = descriptor.rawValue
        _ = try describing("inotify_add_watch", path) { () throws(Errno) in
            try valueOrErrno { inotify_add_watch(number, path, Self.events) }
        }
        watched = try Files.status(path)
        self.descriptor = descriptor
        self.path = path
    }

    /// Whether the path leads to another directory by now, or to none.
    public var isStale: Bool {
        guard let status = try? Files.status(path) else { return true }
        return status.device != watched.device || status.inode != watched.inode
    }

    /// Makes the descriptor unreadable until the next change.
    public func clear() {
        _ = try? descriptor.read(upTo: 65_536)
    }

    private static let events =
        UInt32(IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO)
        | UInt32(IN_MODIFY | IN_CLOSE_WRITE | IN_ATTRIB | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR)
}
