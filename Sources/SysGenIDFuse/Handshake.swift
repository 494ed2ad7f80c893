internal import CSysGenID
internal import Glibc
internal import SysGenIDSystem

/// The agreement between kernel and daemon on what the connection can do: FUSE_INIT and its reply, see
/// linux/fuse.h. CUSE_INIT of a character device is another message with the same header.
struct Handshake {
    /// The kernel's part, once it was received.
    private(set) var message: [UInt8] = []
    private var unique: UInt64?
    private(set) var isOfFile = true
    /// The upper word of the flags that the kernel offers; none where it has no such word.
    private var offeredFlags2: UInt32 = 0

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
        if body.flags & UInt32(CSYSGENID_FUSE_INIT_EXT) != 0 { offeredFlags2 = body.flags2 }
    }

    /// Whether the kernel's part has come.
    var isReceived: Bool { unique != nil }

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

    /// Completes the reply of libfuse, which may not know all that the kernel offers.
    ///
    /// - Parameter timeouts: how long the kernel lets requests be without an answer.
    func amendReply(_ body: iovec, _ timeouts: RequestTimeouts = .current()) -> Offer {
        var offer = Offer()
        guard isOfFile else { return offer }
        let reply = body.iov_base.assumingMemoryBound(to: csysgenid_fuse_init_out.self)
        if kernelOffers(CSYSGENID_FUSE_PASSTHROUGH), !Self.isPassthroughDisabled {
            reply.pointee.flags |= UInt32(CSYSGENID_FUSE_INIT_EXT)
            reply.pointee.flags2 |= UInt32(CSYSGENID_FUSE_DIRECT_IO_ALLOW_MMAP | CSYSGENID_FUSE_PASSTHROUGH)
            // The backing file lies on no other stacked filesystem.
            reply.pointee.max_stack_depth = 1
            offer.isPassthrough = true
        }
        if kernelOffers(CSYSGENID_FUSE_REQUEST_TIMEOUT), timeouts.areLimited {
            // A sleeping read is no sign of a daemon that hangs: the longest that the kernel allows.
            reply.pointee.flags |= UInt32(CSYSGENID_FUSE_INIT_EXT)
            reply.pointee.flags2 |= UInt32(CSYSGENID_FUSE_REQUEST_TIMEOUT)
            reply.pointee.request_timeout = .max
            offer.requestTimeout = timeouts.seconds(asking: .max)
        }
        return offer
    }

    /// What the completed reply agrees on.
    struct Offer: Hashable {
        var isPassthrough = false
        /// After how many seconds without an answer to a request the kernel ends the connection; nil is never.
        var requestTimeout: UInt32?
    }

    /// The bytes of a piece of a message.
    static func bytes(of piece: iovec) -> [UInt8] {
        Array(UnsafeRawBufferPointer(start: piece.iov_base, count: piece.iov_len))
    }

    private func kernelOffers(_ flag: Int) -> Bool { offeredFlags2 & UInt32(flag) != 0 }

    /// Whether the environment asks to serve as on kernels before 6.9, to test that way on newer ones.
    private static let isPassthroughDisabled = getenv("SYSGENID_DISABLE_PASSTHROUGH") != nil
}
