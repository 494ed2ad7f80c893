internal import CSysGenID
internal import Glibc
internal import SysGenIDSystem

/// The kernel's part of the handshake, which offers what the connection can do: FUSE_INIT, see linux/fuse.h. CUSE_INIT of a
/// character device is another message with the same header.
struct KernelOffer: Hashable {
    let message: [UInt8]
    /// Whether it is FUSE_INIT.
    let isOfFile: Bool
    private let unique: UInt64
    /// The upper word of the flags that the kernel offers; none where it has no such word.
    private let flags2: UInt32

    /// nil where the message is not the kernel's part of a handshake.
    init?(_ message: [UInt8]) {
        let headerSize = KernelMessage.headerSize
        guard message.count >= headerSize + 4 * MemoryLayout<UInt32>.size else { return nil }
        let header = message.withUnsafeBytes { KernelMessage($0).header }
        guard [CSYSGENID_FUSE_INIT, CSYSGENID_CUSE_INIT].contains(Int(header.opcode)) else { return nil }
        self.message = message
        unique = header.unique
        isOfFile = header.opcode == UInt32(CSYSGENID_FUSE_INIT)
        guard isOfFile, message.count >= headerSize + MemoryLayout<csysgenid_fuse_init_in>.size else {
            flags2 = 0
            return
        }
        let body = message.withUnsafeBytes {
            $0.loadUnaligned(fromByteOffset: headerSize, as: csysgenid_fuse_init_in.self)
        }
        flags2 = body.flags & UInt32(CSYSGENID_FUSE_INIT_EXT) == 0 ? 0 : body.flags2
    }

    /// The daemon's part.
    struct Reply: Hashable {
        /// With the header, as it is sent.
        var message: [UInt8]
        /// What is agreed on, in the structure of linux/fuse.h.
        var body: [UInt8]
        /// Whether opens can name a backing file.
        var isPassthrough = false
        /// After how many seconds without an answer to a request the kernel ends the connection; nil is never.
        var requestTimeout: UInt32?
    }

    /// Completes the answer of libfuse, which may not know all that the kernel offers.
    ///
    /// - Parameters:
    ///   - answer: with its header.
    ///   - timeouts: how long the kernel lets requests be without an answer.
    /// - Returns: nil where the answer is none, or an error.
    func reply(completing answer: [UInt8], _ timeouts: RequestTimeouts = .current()) -> Reply? {
        let headerSize = MemoryLayout<csysgenid_fuse_out_header>.size
        let bodySize =
            isOfFile ? MemoryLayout<csysgenid_fuse_init_out>.size : MemoryLayout<csysgenid_cuse_init_out>.size
        // The name of a device follows the body; a file's reply has nothing more.
        guard answer.count == headerSize + bodySize || !isOfFile && answer.count > headerSize + bodySize else {
            return nil
        }
        let header = answer.withUnsafeBytes { $0.loadUnaligned(as: csysgenid_fuse_out_header.self) }
        guard header.unique == unique, header.error == 0 else { return nil }
        var reply = Reply(message: answer, body: Array(answer[headerSize..<headerSize + bodySize]))
        if isOfFile { complete(&reply, timeouts) }
        reply.message.replaceSubrange(headerSize..<headerSize + bodySize, with: reply.body)
        return reply
    }

    private func complete(_ reply: inout Reply, _ timeouts: RequestTimeouts) {
        var body = reply.body.withUnsafeBytes { $0.loadUnaligned(as: csysgenid_fuse_init_out.self) }
        if isOffered(CSYSGENID_FUSE_PASSTHROUGH), !Self.isPassthroughDisabled {
            body.flags |= UInt32(CSYSGENID_FUSE_INIT_EXT)
            body.flags2 |= UInt32(CSYSGENID_FUSE_DIRECT_IO_ALLOW_MMAP | CSYSGENID_FUSE_PASSTHROUGH)
            // The backing file lies on no other stacked filesystem.
            body.max_stack_depth = 1
            reply.isPassthrough = true
        }
        if isOffered(CSYSGENID_FUSE_REQUEST_TIMEOUT), timeouts.areLimited {
            // A sleeping read is no sign of a daemon that hangs: the longest that the kernel allows.
            body.flags |= UInt32(CSYSGENID_FUSE_INIT_EXT)
            body.flags2 |= UInt32(CSYSGENID_FUSE_REQUEST_TIMEOUT)
            body.request_timeout = .max
            reply.requestTimeout = timeouts.seconds(asking: .max)
        }
        reply.body = withUnsafeBytes(of: body, Array.init)
    }

    private func isOffered(_ flag: Int) -> Bool { flags2 & UInt32(flag) != 0 }

    /// Whether the environment asks to serve as on kernels before 6.9, to test that way on newer ones.
    private static let isPassthroughDisabled = getenv("SYSGENID_DISABLE_PASSTHROUGH") != nil
}
