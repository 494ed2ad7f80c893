internal import CSysGenID
internal import Glibc
public import SystemPackage

/// Operations on files by path. Each names its man page, and throws what the kernel answered.
public enum Files {
    /// See stat(2).
    public static func status(_ path: String) throws(SystemCallFailure) -> FileStatus {
        try describing("stat", path) { () throws(Errno) in
            var status = stat()
            // The path itself, and no copy, as for a parameter: this is asked for many times a second.
            try nothingOrErrno { path.withCString { stat($0, &status) } }
            return FileStatus(status)
        }
    }

    /// What fits of what a symbolic link says, in bytes.
    static let linkTargetLimit = 255

    /// What a symbolic link says, up to 255 bytes. See readlink(2).
    public static func linkTarget(_ path: String) throws(SystemCallFailure) -> String {
        try describing("readlink", path) { () throws(Errno) in
            try withUnsafeTemporaryAllocation(of: CChar.self, capacity: linkTargetLimit) { target in
                Result { () throws(Errno) in
                    let length = try valueOrErrno { readlink(path, target.baseAddress!, target.count) }
                    return String(decoding: UnsafeRawBufferPointer(target).prefix(length), as: UTF8.self)
                }
            }.get()
        }
    }

    /// See fstat(2).
    public static func status(of descriptor: borrowing OwnedDescriptor) throws(Errno) -> FileStatus {
        var status = stat()
        try nothingOrErrno { fstat(descriptor.rawValue, &status) }
        return FileStatus(status)
    }

    /// Whether the name is taken, without a question to whoever serves what is there, be it stopped or gone: the kernel
    /// knows by itself what is no symbolic link. See readlink(2).
    public static func isNameTaken(_ path: String) -> Bool {
        do throws(SystemCallFailure) {
            _ = try linkTarget(path)
            return true
        } catch {
            return error.errno != .noSuchFileOrDirectory && error.errno != .notDirectory
        }
    }

    /// Whether something is there, be it a mount whose daemon is gone.
    public static func exists(_ path: String) -> Bool {
        access(path, F_OK) == 0 || errno != ENOENT && errno != ENOTDIR
    }

    /// Whether what is there, or would be made there, lies in memory (tmpfs). See statfs(2).
    public static func isInMemory(_ path: String) -> Bool {
        guard exists(path) else {
            let parent = FilePath(path).parent
            return isInMemory(parent.isEmpty ? "." : parent.string)
        }
        guard let file = try? openFile(path, .readOnly) else { return false }
        return csysgenid_is_in_memory(file.rawValue) == 1
    }

    /// Reads a file whole, but never more than `limit` bytes.
    public static func read(_ path: String, limit: Int = 65_536) throws(SystemCallFailure) -> [UInt8] {
        let file = try openFile(path, [.readOnly, .nonBlocking])
        return try describing("read", path) { () throws(Errno) in
            // The files of /proc and /sys give no more than a page at once, however much is asked for.
            try withUnsafeTemporaryAllocation(byteCount: min(limit, 4_096), alignment: 1) { buffer in
                Result { () throws(Errno) in
                    var contents: [UInt8] = []
                    while contents.count < limit {
                        let room = UnsafeMutableRawBufferPointer(rebasing: buffer.prefix(limit - contents.count))
                        let part = try file.read(into: room)
                        if part.isEmpty { break }
                        contents += part
                    }
                    return contents
                }
            }.get()
        }
    }

    /// Replaces a file, so that a reader sees the old contents or the new, and never a part. See rename(2).
    public static func replace(
        _ path: String, with contents: [UInt8], permissions: UInt32
    ) throws(SystemCallFailure) {
        let draft = path + ".new"
        let file = try openFile(draft, [.writeOnly, .create, .truncate, .noFollow], permissions: permissions)
        do throws(SystemCallFailure) {
            try describing("write", draft) { () throws(Errno) in
                try nothingOrErrno { fchmod(file.rawValue, permissions) }
                guard try file.write(contents) == contents.count else { throw .noSpace }
            }
            try describing("rename", path) { () throws(Errno) in try nothingOrErrno { rename(draft, path) } }
        } catch {
            unlink(draft)
            throw error
        }
    }

    /// Makes a directory and those above it that are missing. See mkdir(2).
    public static func makeDirectories(_ path: String, permissions: UInt32) throws(SystemCallFailure) {
        guard !exists(path) else { return }
        if let parent = FilePath(path).parent.nonEmptyString {
            try makeDirectories(parent, permissions: permissions)
        }
        try describing("mkdir", path) { () throws(Errno) in
            do throws(Errno) {
                try nothingOrErrno { mkdir(path, permissions) }
            } catch .fileExists {
                return
            }
        }
    }

    /// The path in the form in which the kernel lists mounts: absolute, and without symbolic links above the
    /// last component. That one is not looked at, so that a mount whose daemon is gone does no harm. See
    /// realpath(3).
    public static func resolvedParent(of path: String) throws(SystemCallFailure) -> String {
        try withResolvedParent(FilePath(path).lexicallyNormalized())
    }

    static func withResolvedParent(_ path: FilePath) throws(SystemCallFailure) -> String {
        guard let name = path.lastComponent, name.kind == .regular else {
            throw SystemCallFailure("realpath", path.string, .isDirectory)
        }
        let parent = path.parent
        return try describing("realpath", parent.isEmpty ? "." : parent.string) { () throws(Errno) in
            guard let resolved = realpath(parent.isEmpty ? "." : parent.string, nil) else {
                throw Errno(rawValue: errno)
            }
            defer { free(resolved) }
            return FilePath(String(cString: resolved)).appending(name).string
        }
    }

    /// See unlink(2).
    public static func remove(_ path: String) throws(SystemCallFailure) {
        try describing("unlink", path) { () throws(Errno) in try nothingOrErrno { unlink(path) } }
    }

    /// See chmod(2).
    public static func setPermissions(_ path: String, _ permissions: UInt32) throws(SystemCallFailure) {
        try describing("chmod", path) { () throws(Errno) in try nothingOrErrno { chmod(path, permissions) } }
    }

    /// See chown(2) and chmod(2).
    public static func setAccess(
        _ path: String, permissions: UInt32, groupID: UInt32
    ) throws(SystemCallFailure) {
        try describing("chown", path) { () throws(Errno) in try nothingOrErrno { chown(path, uid_t.max, groupID) } }
        try setPermissions(path, permissions)
    }
}

extension FilePath {
    fileprivate var nonEmptyString: String? { isEmpty ? nil : string }

    /// As `removingLastComponent()`, which the library has for all collections: its first call looks through all conformances
    /// of the program.
    var parent: FilePath {
        let path = string
        guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return FilePath() }
        return FilePath(slash == path.startIndex ? "/" : String(path[..<slash]))
    }
}
