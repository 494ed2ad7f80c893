internal import CSysGenID
internal import Glibc
internal import SystemPackage

/// What the kernel knows of this process. See credentials(7).
public enum OwnProcess {
    /// Its number in its own pid namespace.
    public static var id: Int32 { getpid() }

    /// Whether /proc numbers processes as this process's pid namespace does. Where it is another namespace's,
    /// an entry there would be somebody else's.
    public static var seesItsNamespace: Bool {
        sight.value { try? Files.linkTarget("/proc/self") == "\(getpid())" } ?? false
    }

    private static let sight = LastingFact<Bool>()

    /// The ids of its threads in its own pid namespace.
    public static func threads() throws(SystemCallFailure) -> [Int32] {
        try Files.names(in: "/proc/self/task", limit: 1_000).compactMap(Int32.init)
    }

    /// Ends it at once, as a signal would: nothing is put in order. See _exit(2).
    public static func endAtOnce(_ code: Int32) -> Never { _exit(code) }

    /// The user whose files it may write.
    public static var effectiveUserID: UInt32 { geteuid() }

    /// Keeps in memory whatever the process has touched and will have touched, so that nothing of it waits for a disk when
    /// it is touched again. Only where it may lock without a limit, since it could not get more memory beyond one.
    /// See mlockall(2).
    ///
    /// - Returns: whether it may.
    public static func lockMemory() throws(SystemCallFailure) -> Bool {
        var limit = rlimit()
        guard getrlimit(CInt(__RLIMIT_MEMLOCK.rawValue), &limit) == 0, limit.rlim_cur == .max else {
            return false
        }
        try describing("mlockall", "own memory") { () throws(Errno) in
            try nothingOrErrno { mlockall(CInt(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT)) }
        }
        return true
    }

    /// Touches all of the program and of its libraries, thousands of pages.
    public static func touchProgram() { csysgenid_touch_program() }
}

/// Where a process writes what people read. See stdio(3); nothing is kept back in a buffer.
public enum StandardStream: CInt, Sendable {
    case output = 1
    case error = 2

    /// Whether a person may be looking. See isatty(3).
    public var isTerminal: Bool { isatty(rawValue) == 1 }

    /// Writes the text. That nobody reads it is not a failure.
    public func write(_ text: String) {
        try? writeWhole(text)
    }

    /// Writes the bytes, with one call where that takes them all. It waits as long as there is no room, also where
    /// somebody who shares the stream has made it non-blocking.
    ///
    /// - Returns: how many were taken; fewer than there are where the stream takes no more.
    public func write(_ bytes: ArraySlice<UInt8>) -> Int {
        var rest = bytes
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(rawValue, $0.baseAddress, $0.count) }
            if count >= 0 {
                rest = rest.dropFirst(count)
            } else if errno == EAGAIN {
                var entry = pollfd(fd: rawValue, events: Int16(POLLOUT), revents: 0)
                _ = poll(&entry, 1, -1)
            } else if errno != EINTR {
                break
            }
        }
        return bytes.count - rest.count
    }

    /// Writes the text, or fails. See write(2).
    public func writeWhole(_ text: String) throws(SystemCallFailure) {
        var rest = Array(text.utf8)[...]
        try describing("write", "standard stream \(rawValue)") { () throws(Errno) in
            while !rest.isEmpty {
                let count = try valueOrErrno {
                    rest.withUnsafeBytes { Glibc.write(rawValue, $0.baseAddress, $0.count) }
                }
                rest = rest.dropFirst(count)
            }
        }
    }
}

/// What a process is given to read.
public enum StandardInput {
    /// Reads all of it up to its end, but never more than `limit` bytes. See read(2).
    public static func read(limit: Int) throws(SystemCallFailure) -> [UInt8] {
        try describing("read", "standard input") { () throws(Errno) in
            var contents: [UInt8] = []
            while contents.count < limit {
                let room = min(limit - contents.count, 65_536)
                var part = [UInt8](repeating: 0, count: room)
                let count = try valueOrErrno { part.withUnsafeMutableBytes { Glibc.read(0, $0.baseAddress, $0.count) } }
                if count == 0 { break }
                contents += part.prefix(count)
            }
            return contents
        }
    }
}
