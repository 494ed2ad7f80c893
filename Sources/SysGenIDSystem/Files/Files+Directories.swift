internal import CSysGenID
internal import Glibc
internal import SystemPackage

/// Directories that stand for something, as those of cgroupfs do: what is done to one is done to that.
extension Files {
    /// Makes one directory. See mkdir(2).
    public static func makeDirectory(_ path: String, permissions: UInt32) throws(SystemCallFailure) {
        try describing("mkdir", path) { () throws(Errno) in try nothingOrErrno { mkdir(path, permissions) } }
    }

    /// See rmdir(2).
    public static func removeDirectory(_ path: String) throws(SystemCallFailure) {
        try describing("rmdir", path) { () throws(Errno) in try nothingOrErrno { rmdir(path) } }
    }

    /// Gives a file or directory to a user, and to a group where there is one; nil leaves it the one that it has. See
    /// chown(2).
    public static func setOwner(_ path: String, userID: UInt32, groupID: UInt32?) throws(SystemCallFailure) {
        try describing("chown", path) { () throws(Errno) in
            try nothingOrErrno { chown(path, userID, groupID ?? gid_t.max) }
        }
    }

    /// Sets an extended attribute, be it there or not. See setxattr(2).
    public static func setAttribute(_ path: String, _ name: String, to value: [UInt8]) throws(SystemCallFailure) {
        try describing("setxattr", path) { () throws(Errno) in
            try nothingOrErrno { setxattr(path, name, value, value.count, 0) }
        }
    }
}
