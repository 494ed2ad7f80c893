/// After what time without an answer to a request the kernel ends a FUSE connection, as the administrator has set it:
/// fs.fuse.default_request_timeout and fs.fuse.max_request_timeout (6.15), see Documentation/admin-guide/sysctl/fs.rst of
/// the kernel. Character devices are not concerned.
public struct RequestTimeouts: Hashable, Sendable {
    /// Seconds, for a server that asks for nothing; 0 is none.
    public var usual: UInt32
    /// Seconds, whatever a server asks for; 0 is none.
    public var longest: UInt32

    public init(usual: UInt32, longest: UInt32) {
        self.usual = usual
        self.longest = longest
    }

    /// What holds at present; none on kernels that have no such settings.
    ///
    /// - Parameter systemRoot: what stands before /proc.
    public static func current(systemRoot: String = "") -> RequestTimeouts {
        func seconds(_ name: String) -> UInt32 {
            let contents = (try? Files.read("\(systemRoot)/proc/sys/fs/fuse/\(name)_request_timeout", limit: 64)) ?? []
            let digits = contents.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
            return UInt32(String(decoding: digits, as: UTF8.self)) ?? 0
        }
        return RequestTimeouts(usual: seconds("default"), longest: seconds("max"))
    }

    /// Whether a server that asks for nothing gets a limit.
    public var areLimited: Bool { usual != 0 || longest != 0 }

    /// The time that a server gets who asks for so many seconds; nil where there is none (init_server_timeout in
    /// fs/fuse/inode.c).
    public func seconds(asking asked: UInt16) -> UInt32? {
        guard areLimited else { return nil }
        return max(Self.shortest, longest == 0 ? UInt32(asked) : min(UInt32(asked), longest))
    }

    /// How long a request may be left waiting, in seconds, so that it ends before its time is over, also on a machine that
    /// has much to do.
    ///
    /// - Parameter timeout: after how many seconds the kernel ends the connection over it.
    public static func longestWait(under timeout: UInt32) -> UInt32 {
        timeout - min(timeout / 4, 60)
    }

    /// How often the kernel looks, in seconds: FUSE_TIMEOUT_TIMER_FREQ.
    private static let shortest: UInt32 = 15
}
