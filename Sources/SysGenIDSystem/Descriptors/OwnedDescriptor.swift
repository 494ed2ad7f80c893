internal import CSysGenID
internal import Glibc
public import SystemPackage

/// A file descriptor with one owner, closed where its owner ends.
public struct OwnedDescriptor: ~Copyable, Sendable {
    /// The number, borrowed: valid as long as the owner is.
    public let rawValue: CInt

    /// Takes over an open descriptor.
    public init(owning rawValue: CInt) {
        self.rawValue = rawValue
    }

    deinit {
        close(rawValue)
    }

    /// Gives the descriptor up to an owner that is not Swift's, as a C library that will close it.
    public consuming func release() -> CInt {
        let rawValue = rawValue
        discard self
        return rawValue
    }

    /// A second descriptor of the same open file description, close-on-exec. See fcntl(2), F_DUPFD_CLOEXEC.
    public func duplicate() throws(Errno) -> OwnedDescriptor {
        OwnedDescriptor(owning: try valueOrErrno { fcntl(rawValue, F_DUPFD_CLOEXEC, 3) })
    }

    /// Puts the open file of another descriptor in the place of this one's, under the same number. See dup3(2).
    public func refer(toFileOf other: consuming OwnedDescriptor) throws(Errno) {
        _ = try valueOrErrno { csysgenid_replace_file(rawValue, other.rawValue) }
    }

    /// Reads at most `count` bytes. See read(2). A signal is not retried.
    public func read(upTo count: Int) throws(Errno) -> [UInt8] {
        var failure: Errno?
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
            do throws(Errno) {
                initialized = try read(into: UnsafeMutableRawBufferPointer(start: buffer.baseAddress, count: count))
                    .count
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        return bytes
    }

    /// Reads as much as the buffer holds at most, and returns the part of it that was read. See read(2). A signal is not
    /// retried.
    public func read(into buffer: UnsafeMutableRawBufferPointer) throws(Errno) -> UnsafeRawBufferPointer {
        let count = try valueOrErrno(.fail) { Glibc.read(rawValue, buffer.baseAddress, buffer.count) }
        return UnsafeRawBufferPointer(rebasing: buffer[..<count])
    }

    /// Reads as much as the buffer holds at most from the offset on, and returns the part of it that was read. See
    /// pread(2).
    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int64) throws(Errno) -> UnsafeRawBufferPointer {
        let count = try valueOrErrno { pread(rawValue, buffer.baseAddress, buffer.count, Int(offset)) }
        return UnsafeRawBufferPointer(rebasing: buffer[..<count])
    }

    /// Writes the bytes with one call and returns how many were taken. See write(2).
    @discardableResult
    public func write(_ bytes: [UInt8]) throws(Errno) -> Int {
        try valueOrErrno(.fail) { bytes.withUnsafeBytes { Glibc.write(rawValue, $0.baseAddress, $0.count) } }
    }

    /// Writes the bytes at the offset with one call and returns how many were taken. See pwrite(2).
    @discardableResult
    public func write(_ bytes: UnsafeRawBufferPointer, at offset: Int64) throws(Errno) -> Int {
        try valueOrErrno { pwrite(rawValue, bytes.baseAddress, bytes.count, Int(offset)) }
    }

    /// Makes a request whose argument is the word itself. See ioctl(2). A signal is not retried.
    public func control(_ request: UInt32, _ word: UInt) throws(Errno) -> CInt {
        try valueOrErrno(.fail) { csysgenid_ioctl(rawValue, UInt(request), word) }
    }

    /// Locks the file against other owners of a lock, without waiting: `.wouldBlock` where it is taken.
    /// The lock ends with the descriptor. See flock(2).
    public func lockExclusively() throws(Errno) {
        try nothingOrErrno { flock(rawValue, LOCK_EX | LOCK_NB) }
    }

    /// Changes the file's length. See ftruncate(2).
    public func setLength(_ length: Int64) throws(Errno) {
        try nothingOrErrno { ftruncate(rawValue, Int(length)) }
    }
}

/// Opens a file, close-on-exec. See open(2).
public func openFile(
    _ path: String, _ flags: OpenFlags, permissions: UInt32 = 0o600
) throws(SystemCallFailure) -> OwnedDescriptor {
    try describing("open", path) { () throws(Errno) in
        let number = try valueOrErrno { open(path, flags.rawValue | O_CLOEXEC, mode_t(permissions)) }
        return OwnedDescriptor(owning: number)
    }
}

/// How a file is opened. See open(2).
public struct OpenFlags: OptionSet, Hashable, Sendable {
    public let rawValue: CInt

    public init(rawValue: CInt) {
        self.rawValue = rawValue
    }

    public static let readOnly = OpenFlags([])
    public static let writeOnly = OpenFlags(rawValue: O_WRONLY)
    public static let readWrite = OpenFlags(rawValue: O_RDWR)
    public static let nonBlocking = OpenFlags(rawValue: O_NONBLOCK)
    public static let noControllingTerminal = OpenFlags(rawValue: O_NOCTTY)
    public static let create = OpenFlags(rawValue: O_CREAT)
    public static let exclusively = OpenFlags(rawValue: O_EXCL)
    public static let noFollow = OpenFlags(rawValue: O_NOFOLLOW)
    public static let directory = OpenFlags(rawValue: O_DIRECTORY)
    public static let truncate = OpenFlags(rawValue: O_TRUNC)
    public static let append = OpenFlags(rawValue: O_APPEND)
}
