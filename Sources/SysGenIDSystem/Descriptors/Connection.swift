internal import CSysGenID
internal import Glibc
internal import SystemPackage

/// What passes over an open /dev/fuse or /dev/cuse. See fuse(4).
public enum Connection {
    /// Waits for a message, and reads it into the buffer. See read(2).
    ///
    /// - Parameter goesOn: asked whenever a signal has come.
    /// - Returns: its length; nil where the connection has ended, or it does not go on.
    public static func receive(
        from descriptor: CInt, into buffer: UnsafeMutableRawBufferPointer, while goesOn: () -> Bool
    ) throws(SystemCallFailure) -> Int? {
        while goesOn() {
            let count = Activity.waiting { csysgenid_read(descriptor, buffer.baseAddress, buffer.count) }
            if count > 0 { return count }
            let error = errno
            guard count < 0, ![ENODEV, ECONNABORTED].contains(error) else { return nil }
            // The caller of a request may end it while it is read.
            guard [EINTR, ENOENT].contains(error) else {
                throw SystemCallFailure("read", "the kernel's requests", Errno(rawValue: error))
            }
        }
        return nil
    }

    /// Sends one message; once more where that fails, since somebody may wait for it for ever.
    ///
    /// - Returns: false where the kernel does not take it, as where nobody waits for it any more.
    @discardableResult
    public static func send(_ message: UnsafeRawBufferPointer, to descriptor: CInt) -> Bool {
        for _ in 0..<2 {
            if csysgenid_write(descriptor, message.baseAddress, message.count) == message.count { return true }
            guard errno != ENOENT else { return false }
        }
        return false
    }

    /// Makes the file the one that passthrough opens map: FUSE_DEV_IOC_BACKING_OPEN of linux/fuse.h (6.9).
    ///
    /// - Returns: its id, or nil where the kernel refuses, as it does without CAP_SYS_ADMIN.
    public static func registerBacking(file: CInt, at descriptor: CInt) -> Int32? {
        let id = csysgenid_fuse_backing_open(descriptor, file)
        return id > 0 ? id : nil
    }

    /// Gives a backing file up: no further open can name it. See FUSE_DEV_IOC_BACKING_CLOSE of linux/fuse.h (6.9).
    public static func releaseBacking(_ id: Int32, at descriptor: CInt) {
        _ = csysgenid_fuse_backing_close(descriptor, id)
    }
}
