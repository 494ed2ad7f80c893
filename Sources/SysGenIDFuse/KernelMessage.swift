internal import CSysGenID

/// A message of the kernel, in its own words, to be looked at while the session serves it. Nothing of it is believed:
/// what is too short to be there is nil. See linux/fuse.h.
struct KernelMessage {
    let bytes: UnsafeRawBufferPointer

    /// - Parameter bytes: at least as long as a header.
    init(_ bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
    }

    /// nil where there is no whole header.
    init?(checking bytes: UnsafeRawBufferPointer) {
        guard bytes.count >= Self.headerSize else { return nil }
        self.bytes = bytes
    }

    var header: csysgenid_fuse_in_header { bytes.loadUnaligned(as: csysgenid_fuse_in_header.self) }

    private var opcode: Int { Int(header.opcode) }

    /// The number by which the kernel knows the request, without the mark of one that is delivered again.
    var number: UInt64 { header.unique & ~Self.resentMark }

    /// Whether the kernel delivers it again, since it was read before and not answered (6.9).
    var isResent: Bool { header.unique & Self.resentMark != 0 }

    /// Whether it wants an answer. What does not, the kernel sends before all that does (fuse_dev_do_read in
    /// fs/fuse/dev.c).
    var isRequest: Bool {
        ![CSYSGENID_FUSE_INTERRUPT, CSYSGENID_FUSE_FORGET, CSYSGENID_FUSE_BATCH_FORGET].contains(opcode)
    }

    var kind: RequestKind {
        switch opcode {
        case CSYSGENID_FUSE_OPEN: .open
        case CSYSGENID_FUSE_READ: isOfProgram ? .read : .fill
        case CSYSGENID_FUSE_WRITE: .write
        case CSYSGENID_FUSE_POLL: .poll
        case CSYSGENID_FUSE_IOCTL: .control
        case CSYSGENID_FUSE_RELEASE: .release
        case CSYSGENID_FUSE_GETATTR: isThroughFile ? .attributesThroughFile : .attributes
        case CSYSGENID_FUSE_SETATTR: .setAttributes
        case CSYSGENID_FUSE_LOOKUP, CSYSGENID_FUSE_MKDIR, CSYSGENID_FUSE_RMDIR, CSYSGENID_FUSE_READDIR,
            CSYSGENID_FUSE_GETXATTR, CSYSGENID_FUSE_SETXATTR:
            .name
        default: .unserved
        }
    }

    /// The number by which the kernel knows a poll; nil where it is none.
    var pollNumber: UInt64? {
        guard opcode == CSYSGENID_FUSE_POLL else { return nil }
        return body(csysgenid_fuse_poll_in.self)?.kh
    }

    /// Whether a READ comes from a program's own call: it names whose locks hold, which the kernel's cache cannot
    /// (fuse_send_read in fs/fuse/file.c).
    private var isOfProgram: Bool {
        guard let read = body(csysgenid_fuse_read_in.self) else { return false }
        return read.read_flags & UInt32(CSYSGENID_FUSE_READ_LOCKOWNER) != 0
    }

    private var isThroughFile: Bool {
        guard let question = body(csysgenid_fuse_getattr_in.self) else { return false }
        return question.getattr_flags & UInt32(CSYSGENID_FUSE_GETATTR_FH) != 0
    }

    private func body<Body: BitwiseCopyable>(_ type: Body.Type) -> Body? {
        guard bytes.count >= Self.headerSize + MemoryLayout<Body>.size else { return nil }
        return bytes.loadUnaligned(fromByteOffset: Self.headerSize, as: type)
    }

    static let headerSize = MemoryLayout<csysgenid_fuse_in_header>.size
    /// FUSE_UNIQUE_RESEND.
    static let resentMark: UInt64 = 1 << 63
}
