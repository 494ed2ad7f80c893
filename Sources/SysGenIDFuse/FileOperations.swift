internal import CSysGenID
internal import Glibc

/// What a session asks of the file or device that it serves. Each method is called on the thread of the
/// session, one at a time, and has to answer its request or to park it.
// Sendable: the class has no state of its own; each subclass answers for what it adds.
open class FileOperations: @unchecked Sendable {
    public init() {}

    /// The kernel and the daemon have agreed on what the connection can do. Nothing was asked before.
    open func connected(by agreement: Agreement) {}

    /// A message of the kernel was received and is served next.
    open func serving(_ message: UnsafeRawBufferPointer) {}

    /// The message was served; a request among them is answered or parked.
    ///
    /// - Parameter isCatchingUp: whether it may be one that a predecessor had not answered.
    open func served(whileCatchingUp isCatchingUp: Bool) {}

    /// A request over which predecessors have ended was answered with EIO, and not served.
    ///
    /// - Parameters:
    ///   - opcode: of linux/fuse.h.
    ///   - thread: the caller's id in the daemon's pid namespace; 0 where it cannot be seen from there.
    open func dropped(opcode: UInt32, thread: Int32, userID: UInt32) {}

    /// All that a predecessor had not answered was served. Called once, in a session that continues another.
    open func caughtUp() {}

    open func open(_ request: consuming Request, flags: AccessFlags) { request.reply(errno: ENOSYS) }

    open func read(_ request: consuming Request, of handle: UInt64, count: Int, offset: Int64, flags: AccessFlags) {
        request.reply(errno: ENOSYS)
    }

    open func write(_ request: consuming Request, of handle: UInt64, bytes: UnsafeRawBufferPointer) {
        request.reply(errno: ENOSYS)
    }

    /// A READ for the kernel's cache, which has to be answered at once; see `RequestKind.fill`.
    open func fill(_ request: consuming Request, of handle: UInt64) { request.reply(errno: EINVAL) }

    /// - Parameters:
    ///   - asked: what the caller waits for; POLLERR and POLLHUP are added to it by poll(2), select(2) and epoll(7).
    ///   - pollHandle: given where the poll may sleep.
    open func poll(_ request: consuming Request, of handle: UInt64, for asked: PollEvents, pollHandle: PollHandle?) {
        request.reply(errno: ENOSYS)
    }

    /// - Parameter word: the argument, by value.
    open func control(_ request: consuming Request, of handle: UInt64, command: UInt32, word: UInt) {
        request.reply(errno: ENOSYS)
    }

    open func release(_ request: consuming Request, of handle: UInt64) { request.replyDone() }

    /// - Parameter handle: the open file through which the kernel asks, nil where it asks by path or for fstat(2).
    open func attributes(_ request: consuming Request, through handle: UInt64?) { request.reply(errno: ENOSYS) }

    open func setAttributes(_ request: consuming Request, _ change: AttributeChange) { request.reply(errno: ENOSYS) }

    // MARK: Directories

    /// A name is looked for in the directory of the request. See `Request.reply(entry:)`.
    open func lookUp(_ request: consuming Request, _ name: [UInt8]) { request.reply(errno: ENOSYS) }

    /// The kernel forgets a node, which it has been told of so many times more than it had forgotten it before.
    ///
    /// - Parameter node: the request may be about several.
    open func forget(_ request: consuming Request, node: UInt64, _ count: UInt64) { request.replyNone() }

    /// - Parameter permissions: of the new directory, without what the caller's umask takes.
    open func makeDirectory(_ request: consuming Request, _ name: [UInt8], permissions: UInt32) {
        request.reply(errno: EPERM)
    }

    open func removeDirectory(_ request: consuming Request, _ name: [UInt8]) { request.reply(errno: EPERM) }

    /// - Parameters:
    ///   - offset: 0, or that of the last entry that the caller has got.
    ///   - count: how many bytes the answer may have.
    open func list(_ request: consuming Request, from offset: Int64, count: Int) { request.reply(errno: ENOTDIR) }

    /// See getxattr(2).
    open func extendedAttribute(_ request: consuming Request, _ name: [UInt8], count: Int) {
        request.reply(errno: ENODATA)
    }

    /// See setxattr(2).
    open func setExtendedAttribute(_ request: consuming Request, _ name: [UInt8], to value: UnsafeRawBufferPointer) {
        request.reply(errno: EOPNOTSUPP)
    }

    /// A signal interrupted the caller of the request with this token, see `Request.reportInterrupt(as:)`.
    open func interrupted(_ token: UInt64) {}
}

/// Names a backing file that was given to the kernel.
public typealias BackingID = Int32

/// How a file was opened, or is at the time of a request. See open(2).
public struct AccessFlags: Hashable, Sendable {
    public let rawValue: CInt

    public init(rawValue: CInt) {
        self.rawValue = rawValue
    }

    /// Back-up tools read whatever they find, and open it with O_NOATIME where they may: they are not to wait.
    public var isNonBlocking: Bool { rawValue & (O_NONBLOCK | CInt(CSYSGENID_O_NOATIME)) != 0 }
    public var isReadOnly: Bool { rawValue & O_ACCMODE == O_RDONLY }
}

/// The answer to an open.
public struct Opening: Hashable, Sendable {
    /// The number by which the kernel names the open file from now on.
    public var handle: UInt64
    public var mode: Mode
    /// The backing file, with `Mode.passthrough` only.
    public var backing: BackingID?

    public init(handle: UInt64, mode: Mode, backing: BackingID? = nil) {
        self.handle = handle
        self.mode = mode
        self.backing = backing
    }

    /// How the kernel treats the open file: the FOPEN flags of linux/fuse.h.
    public struct Mode: OptionSet, Hashable, Sendable {
        public let rawValue: UInt32

        public init(rawValue: UInt32) {
            self.rawValue = rawValue
        }

        /// Reads and writes come to the daemon, whatever else is set.
        public static let direct = Mode(rawValue: UInt32(CSYSGENID_FOPEN_DIRECT_IO))
        /// Mappings are those of the backing file (6.9).
        public static let passthrough = Mode(rawValue: UInt32(CSYSGENID_FOPEN_PASSTHROUGH))
        /// Writes of several clients do not wait for each other (6.2).
        public static let parallelWrites = Mode(rawValue: UInt32(CSYSGENID_FOPEN_PARALLEL_DIRECT_WRITES))
        /// Closing a descriptor is not reported, only the end of the open file (5.16).
        public static let withoutFlush = Mode(rawValue: UInt32(CSYSGENID_FOPEN_NOFLUSH))
        /// Cached contents stay valid over the open.
        public static let keepCache = Mode(rawValue: UInt32(CSYSGENID_FOPEN_KEEP_CACHE))
        /// There is no file offset: every read and write is at 0 (5.1).
        public static let stream = Mode(rawValue: UInt32(CSYSGENID_FOPEN_STREAM))
    }
}

/// The attributes of a file or directory.
public struct FileAttributes: Hashable, Sendable {
    /// The number by which the kernel knows it; 1 is what the mount shows.
    public var node: UInt64 = 1
    public var isDirectory = false
    /// The lower twelve bits of the mode.
    public var permissions: UInt32
    public var userID: UInt32
    public var groupID: UInt32
    /// Bytes.
    public var size: Int
    /// The time of every kind, in seconds since 1970. It never changes: a kernel that caches the contents
    /// would take a new time of modification for a reason to drop them, and the mapped page with them.
    public var time: Int

    public init(permissions: UInt32, userID: UInt32, groupID: UInt32, size: Int, time: Int) {
        self.permissions = permissions
        self.userID = userID
        self.groupID = groupID
        self.size = size
        self.time = time
    }

    var status: stat {
        var status = stat()
        status.st_ino = ino_t(node)
        status.st_mode = (isDirectory ? S_IFDIR : S_IFREG) | permissions
        status.st_nlink = isDirectory ? 2 : 1
        status.st_uid = userID
        status.st_gid = groupID
        status.st_size = size
        status.st_blksize = 4096
        status.st_atim.tv_sec = time
        status.st_mtim.tv_sec = time
        status.st_ctim.tv_sec = time
        return status
    }
}

/// What chmod(2) and chown(2) ask for; the kernel has checked that the caller may. nil stays as it is.
public struct AttributeChange: Hashable, Sendable {
    public var permissions: UInt32?
    public var userID: UInt32?
    public var groupID: UInt32?

    /// Whether it asks for nothing that can be changed.
    public var isEmpty: Bool { permissions == nil && userID == nil && groupID == nil }
}
