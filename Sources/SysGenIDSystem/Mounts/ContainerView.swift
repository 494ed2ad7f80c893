internal import CSysGenID
internal import Glibc
internal import SystemPackage

/// The files of a container that is being made, as its first process will see them: by its mount namespace and its root
/// directory, which is not `/` there yet.
///
/// What is below the root belongs to whoever made the image: no symbolic link in it is followed, and nothing is opened
/// but to name it.
public final class ContainerView: Sendable {
    private let namespace: MountNamespace
    private let devices: OwnedDescriptor
    private let devicesPath: String
    /// Whose the container's `/dev` is: its root user, as this process's user namespace has it.
    public let ownerID: UInt32
    public let ownerGroupID: UInt32

    /// - Parameters:
    ///   - process: the container's first one.
    ///   - root: what will be its root directory, in its mount namespace.
    public init(of process: Int32, root: String) throws(SystemCallFailure) {
        let namespace = try MountNamespace("/proc/\(process)/ns/mnt")
        let path = "\(root)/dev"
        let number = try namespace.perform {
            Result { () throws(SystemCallFailure) in
                let folder = try openFile(root, [.namedOnly, .directory])
                return try describing("open", path) { () throws(Errno) in
                    try folder.open("dev", [.namedOnly, .directory, .noFollow]).release()
                }
            }
        }.get()
        let devices = OwnedDescriptor(owning: number)
        let status = try describing("fstat", path) { () throws(Errno) in try Files.status(of: devices) }
        (ownerID, ownerGroupID) = (status.userID, status.groupID)
        (self.namespace, devicesPath) = (namespace, path)
        self.devices = devices
    }

    /// Has a file of this process's own mount namespace show at `/dev/NAME` of the container, by a bind mount over a file
    /// that is made where it is missing. To be called once, and by one thread.
    public func mount(_ path: String, asDevice name: String) throws(SystemCallFailure) {
        let source = try describing("open_tree", path) { () throws(Errno) in
            let flags = UInt32(OPEN_TREE_CLONE) | UInt32(O_CLOEXEC)
            return OwnedDescriptor(owning: try valueOrErrno { open_tree(AT_FDCWD, path, flags) })
        }
        let (number, folder, place) = (source.rawValue, devices.rawValue, "\(devicesPath)/\(name)")
        let (userID, groupID) = (ownerID, ownerGroupID)
        try namespace.perform {
            Result { () throws(SystemCallFailure) in
                // In a file system of the container's user namespace nobody makes a file who is not known there.
                try describing("setfsuid", place) { () throws(Errno) in
                    try nothingOrErrno { csysgenid_make_files_as(userID, groupID) }
                }
                try describing("mknod", place) { () throws(Errno) in
                    do throws(Errno) {
                        try nothingOrErrno { mknodat(folder, name, S_IFREG | 0o444, 0) }
                    } catch .fileExists {
                        return
                    }
                }
                let target = try describing("open", place) { () throws(Errno) in
                    try OwnedDescriptor.open(name, [.namedOnly, .noFollow], in: folder)
                }
                try describing("move_mount", place) { () throws(Errno) in
                    let flags = UInt32(MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH)
                    try nothingOrErrno { move_mount(number, "", target.rawValue, "", flags) }
                }
            }
        }.get()
        // Until here the thread needs it open.
        _ = consume source
    }
}

extension OwnedDescriptor {
    /// Opens a file of this directory, close-on-exec. See openat(2).
    fileprivate func open(_ name: String, _ flags: OpenFlags) throws(Errno) -> OwnedDescriptor {
        try Self.open(name, flags, in: rawValue)
    }

    fileprivate static func open(
        _ name: String, _ flags: OpenFlags, in folder: CInt
    ) throws(Errno) -> OwnedDescriptor {
        OwnedDescriptor(owning: try valueOrErrno { openat(folder, name, flags.rawValue | O_CLOEXEC) })
    }
}

extension OpenFlags {
    /// Only to name the file: whoever serves it hears nothing of it. See open(2), O_PATH.
    fileprivate static let namedOnly = OpenFlags(rawValue: CInt(CSYSGENID_O_PATH))
}
