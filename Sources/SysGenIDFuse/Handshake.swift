internal import CSysGenID
internal import Glibc

/// The agreement between kernel and daemon on what the connection can do: FUSE_INIT and its reply, see
/// linux/fuse.h. CUSE_INIT of a character device is another message with the same header.
struct Handshake {
    /// The kernel's part, once it was received.
    private(set) var message: [UInt8] = []
    private var unique: UInt64?
    private var isOfFile = true
    private var kernelHasPassthrough = false

    /// Takes note of the kernel's FUSE_INIT; any other message is passed over.
    mutating func received(_ message: UnsafeRawBufferPointer) {
        let headerSize = MemoryLayout<csysgenid_fuse_in_header>.size
        guard message.count >= headerSize + 4 * MemoryLayout<UInt32>.size else { return }
        let header = message.loadUnaligned(as: csysgenid_fuse_in_header.self)
        guard [CSYSGENID_FUSE_INIT, CSYSGENID_CUSE_INIT].contains(Int(header.opcode)) else { return }
        unique = header.unique
        self.message = Array(message)
        isOfFile = header.opcode == UInt32(CSYSGENID_FUSE_INIT)
        guard isOfFile else { return }
        guard message.count >= headerSize + MemoryLayout<csysgenid_fuse_init_in>.size else { return }
        let body = message.loadUnaligned(fromByteOffset: headerSize, as: csysgenid_fuse_init_in.self)
        kernelHasPassthrough =
            body.flags & UInt32(CSYSGENID_FUSE_INIT_EXT) != 0
            && body.flags2 & UInt32(CSYSGENID_FUSE_PASSTHROUGH) != 0
    }

    /// Whether a message on its way out is the successful reply to the kernel's part.
    func isAnswered(by vectors: UnsafePointer<iovec>, _ count: CInt) -> Bool {
        guard let unique, count >= 2, vectors[0].iov_len == MemoryLayout<csysgenid_fuse_out_header>.size,
            let base = vectors[0].iov_base
        else { return false }
        guard !isOfFile || count == 2 && vectors[1].iov_len == MemoryLayout<csysgenid_fuse_init_out>.size else {
            return false
        }
        let header = base.loadUnaligned(as: csysgenid_fuse_out_header.self)
        return header.unique == unique && header.error == 0
    }

    /// Asks for passthrough in the reply, where the kernel offered it; true where it did.
    func amendReply(_ body: iovec) -> Bool {
        guard kernelHasPassthrough, !Self.isPassthroughDisabled else { return false }
        let reply = body.iov_base.assumingMemoryBound(to: csysgenid_fuse_init_out.self)
        reply.pointee.flags |= UInt32(CSYSGENID_FUSE_INIT_EXT)
        reply.pointee.flags2 |= UInt32(
            CSYSGENID_FUSE_DIRECT_IO_ALLOW_MMAP | CSYSGENID_FUSE_PASSTHROUGH)
        // The backing file lies on no other stacked filesystem.
        reply.pointee.max_stack_depth = 1
        return true
    }

    /// Whether the environment asks to serve as on kernels before 6.9, to test that way on newer ones.
    private static let isPassthroughDisabled = getenv("SYSGENID_DISABLE_PASSTHROUGH") != nil
}
