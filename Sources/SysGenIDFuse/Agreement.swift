internal import CSysGenID

/// What kernel and daemon have agreed on in the handshake. It holds for the life of the connection, over every takeover.
public struct Agreement: Hashable, Sendable {
    /// The kernel's part, which a successor needs: the kernel sends it only once.
    public var handshake: [UInt8]
    /// The daemon's part: the body of the reply.
    public var reply: [UInt8]
    /// Names the backing file for passthrough opens, where the kernel has them.
    public var backing: BackingID?
    /// After how many seconds without an answer to a request the kernel ends the connection; nil is never.
    public var requestTimeout: UInt32?

    /// Whether opens can name a backing file, each its own.
    public var isPassthrough: Bool {
        let agreed = Self.load(csysgenid_fuse_init_out.self, reply)
        return (agreed?.flags2 ?? 0) & UInt32(CSYSGENID_FUSE_PASSTHROUGH) != 0
    }

    public init(
        handshake: [UInt8], reply: [UInt8], backing: BackingID? = nil, requestTimeout: UInt32? = nil
    ) {
        self.handshake = handshake
        self.reply = reply
        self.backing = backing
        self.requestTimeout = requestTimeout
    }

    /// What differs between two replies so much that a daemon that would give the one cannot serve a connection that was
    /// agreed on by the other. The names are those of linux/fuse.h.
    public static func differences(_ kept: [UInt8], _ wanted: [UInt8], ofFile isOfFile: Bool) -> [String] {
        guard kept.count == wanted.count else { return ["its length"] }
        return isOfFile ? differences(ofFile: kept, wanted) : differences(ofDevice: kept, wanted)
    }

    private static func differences(ofFile kept: [UInt8], _ wanted: [UInt8]) -> [String] {
        guard let kept = load(csysgenid_fuse_init_out.self, kept),
            let wanted = load(csysgenid_fuse_init_out.self, wanted)
        else { return ["its length"] }
        // How long a request may take does not change how it is served.
        let ignored = UInt32(CSYSGENID_FUSE_REQUEST_TIMEOUT)
        return names([
            ("major", kept.major == wanted.major), ("minor", kept.minor == wanted.minor),
            ("flags", kept.flags == wanted.flags), ("flags2", kept.flags2 & ~ignored == wanted.flags2 & ~ignored),
            ("max_write", kept.max_write == wanted.max_write),
            ("max_stack_depth", kept.max_stack_depth == wanted.max_stack_depth),
        ])
    }

    private static func differences(ofDevice kept: [UInt8], _ wanted: [UInt8]) -> [String] {
        guard let kept = load(csysgenid_cuse_init_out.self, kept),
            let wanted = load(csysgenid_cuse_init_out.self, wanted)
        else { return ["its length"] }
        return names([
            ("major", kept.major == wanted.major), ("minor", kept.minor == wanted.minor),
            ("flags", kept.flags == wanted.flags), ("max_read", kept.max_read == wanted.max_read),
            ("max_write", kept.max_write == wanted.max_write),
        ])
    }

    private static func names(_ comparisons: [(name: String, isEqual: Bool)]) -> [String] {
        comparisons.filter { !$0.isEqual }.map(\.name)
    }

    private static func load<Body: BitwiseCopyable>(_ type: Body.Type, _ bytes: [UInt8]) -> Body? {
        guard bytes.count >= MemoryLayout<Body>.size else { return nil }
        return bytes.withUnsafeBytes { $0.loadUnaligned(as: type) }
    }
}
