internal import CSysGenID
public import Glibc

/// What passes over an open /dev/fuse or /dev/cuse. These are called for each request and leave errno as
/// the kernel set it, since libfuse looks at it. See fuse(4).
public enum Connection {
    /// Waits for a request. See read(2).
    public static func receive(from descriptor: CInt, into buffer: UnsafeMutableRawPointer?, _ capacity: Int) -> Int {
        Activity.waiting { csysgenid_read(descriptor, buffer, capacity) }
    }

    /// Sends one message, in pieces. See writev(2).
    ///
    /// A short one is put together first: the kernel looks up the page of each piece by itself (fuse_copy_fill in
    /// fs/fuse/dev.c), which takes longer than to copy it.
    public static func send(to descriptor: CInt, _ vectors: UnsafePointer<iovec>?, _ count: CInt) -> Int {
        let pieces = UnsafeBufferPointer(start: vectors, count: Int(count))
        let length = pieces.reduce(0) { $0 + $1.iov_len }
        guard length <= shortLength else { return writev(descriptor, vectors, count) }
        return withUnsafeTemporaryAllocation(byteCount: shortLength, alignment: 16) { message in
            var end = message.baseAddress!
            for piece in pieces where piece.iov_len > 0 {
                end.copyMemory(from: piece.iov_base, byteCount: piece.iov_len)
                end += piece.iov_len
            }
            return csysgenid_write(descriptor, message.baseAddress, length)
        }
    }

    /// As long as any reply of a device, but for that of the handshake.
    private static let shortLength = 128

    /// Makes the file the one that passthrough opens map: FUSE_DEV_IOC_BACKING_OPEN of linux/fuse.h (6.9).
    ///
    /// - Returns: its id, or nil where the kernel refuses, as it does without CAP_SYS_ADMIN.
    public static func registerBacking(file: CInt, at descriptor: CInt) -> Int32? {
        let id = csysgenid_fuse_backing_open(descriptor, file)
        return id > 0 ? id : nil
    }
}
