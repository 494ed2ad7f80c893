internal import Glibc
internal import SystemPackage

/// An open file that knows its path, so that what fails can say so.
public struct NamedFile: ~Copyable, Sendable {
    public let path: String
    public let descriptor: OwnedDescriptor

    /// Opens a file, close-on-exec. See open(2).
    public init(_ path: String, _ flags: OpenFlags, permissions: UInt32 = 0o600) throws(SystemCallFailure) {
        descriptor = try openFile(path, flags, permissions: permissions)
        self.path = path
    }

    /// See fstat(2).
    public func status() throws(SystemCallFailure) -> FileStatus {
        try describing("fstat", path) { () throws(Errno) in try Files.status(of: descriptor) }
    }

    /// Reads at most `count` bytes with one call. See read(2).
    public func read(upTo count: Int) throws(SystemCallFailure) -> [UInt8] {
        try describing("read", path) { () throws(Errno) in try descriptor.read(upTo: count) }
    }

    /// Reads as much as the buffer holds at most from the offset on, and returns the part of it that was read. See
    /// pread(2).
    public func read(
        into buffer: UnsafeMutableRawBufferPointer, at offset: Int64
    ) throws(SystemCallFailure) -> UnsafeRawBufferPointer {
        try describing("pread", path) { () throws(Errno) in try descriptor.read(into: buffer, at: offset) }
    }

    /// Writes all the bytes at the offset with one call; `.noSpace` where not all were taken. See pwrite(2).
    public func write(_ bytes: [UInt8], at offset: Int64) throws(SystemCallFailure) {
        try bytes.withUnsafeBufferPointer { bytes throws(SystemCallFailure) in
            try write(UnsafeRawBufferPointer(bytes), at: offset)
        }
    }

    /// The same of bytes that stand anywhere.
    public func write(_ bytes: UnsafeRawBufferPointer, at offset: Int64) throws(SystemCallFailure) {
        try describing("pwrite", path) { () throws(Errno) in
            guard try descriptor.write(bytes, at: offset) == bytes.count else { throw .noSpace }
        }
    }

    /// Changes the file's length. See ftruncate(2).
    public func setLength(_ length: Int64) throws(SystemCallFailure) {
        try describing("ftruncate", path) { () throws(Errno) in try descriptor.setLength(length) }
    }

    /// Changes the file's permissions, whatever the umask is. See fchmod(2).
    public func setPermissions(_ permissions: UInt32) throws(SystemCallFailure) {
        try describing("fchmod", path) { () throws(Errno) in
            try nothingOrErrno { fchmod(descriptor.rawValue, permissions) }
        }
    }

    /// Locks the file against other owners of a lock, without waiting.
    ///
    /// - Returns: whether the lock was free. It ends with the descriptor. See flock(2).
    public func lockExclusively() throws(SystemCallFailure) -> Bool {
        do {
            try descriptor.lockExclusively()
            return true
        } catch .wouldBlock {
            return false
        } catch {
            throw SystemCallFailure("flock", path, error)
        }
    }

    /// Opens a file that is the process's own, or makes it, and takes it from everybody else.
    ///
    /// - Returns: nil where the path leads to something else than a regular file, as a symbolic link.
    public static func ownPlainFile(_ path: String) throws(SystemCallFailure) -> NamedFile? {
        let file: NamedFile
        do throws(SystemCallFailure) {
            file = try NamedFile(path, [.readWrite, .create, .noFollow, .nonBlocking])
        } catch {
            if [.tooManySymbolicLinkLevels, .isDirectory].contains(error.errno) { return nil }
            throw error
        }
        guard try file.status().kind == .regular else { return nil }
        try file.setPermissions(0o600)
        return file
    }

    /// Opens a file of one page that a predecessor has left, or makes one of zeros.
    ///
    /// - Throws: `.fileExists` where a new one is asked for and one is there; `.invalidArgument` where it is none of ours.
    static func page(_ path: String, isNew: Bool) throws(SystemCallFailure) -> NamedFile {
        let flags: OpenFlags = isNew ? [.readWrite, .create, .exclusively, .noFollow] : [.readWrite, .noFollow]
        let file = try NamedFile(path, flags)
        do throws(SystemCallFailure) {
            if isNew { try file.write([UInt8](repeating: 0, count: CounterPage.size), at: 0) }
            let status = try file.status()
            guard status.kind == .regular, status.size == CounterPage.size else {
                throw SystemCallFailure("open", path, .invalidArgument)
            }
            return file
        } catch {
            if isNew { try? Files.remove(path) }
            throw error
        }
    }
}
