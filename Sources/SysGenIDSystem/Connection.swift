internal import CSysGenID
public import Glibc

/// What passes over an open /dev/fuse or /dev/cuse. These are called for each request and leave errno as
/// the kernel set it, since libfuse looks at it. See fuse(4).
public enum Connection {
    /// Waits for a request. See read(2).
    public static func receive(from descriptor: CInt, into buffer: UnsafeMutableRawPointer?, _ capacity: Int) -> Int {
        Activity.waiting { read(descriptor, buffer, capacity) }
    }

    /// See writev(2).
    public static func send(to descriptor: CInt, _ vectors: UnsafePointer<iovec>?, _ count: CInt) -> Int {
        writev(descriptor, vectors, count)
    }

    /// Makes the file the one that passthrough opens map: FUSE_DEV_IOC_BACKING_OPEN of linux/fuse.h (6.9).
    ///
    /// - Returns: its id, or nil where the kernel refuses, as it does without CAP_SYS_ADMIN.
    public static func registerBacking(file: CInt, at descriptor: CInt) -> Int32? {
        let id = csysgenid_fuse_backing_open(descriptor, file)
        return id > 0 ? id : nil
    }
}
