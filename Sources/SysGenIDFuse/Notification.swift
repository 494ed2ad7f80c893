internal import CSysGenID
internal import Glibc
internal import SysGenIDSystem

/// Messages to the kernel besides the replies that libfuse makes. See fuse_out_header in linux/fuse.h: the kind of one
/// that answers no request stands in place of an error.
enum Notification {
    /// Asks that every request be delivered again that was read and not answered (6.9).
    ///
    /// - Returns: false where the kernel cannot do that.
    static func resend(over connection: CInt) -> Bool {
        send(CSYSGENID_FUSE_NOTIFY_RESEND, carrying: nil, over: connection)
    }

    /// Answers a request with an error number of errno(3), without libfuse.
    ///
    /// - Parameter unique: the kernel's number, with the mark of a request that is delivered again.
    static func answer(_ unique: UInt64, errno: CInt, over connection: CInt) {
        let size = MemoryLayout<csysgenid_fuse_out_header>.size
        let header = csysgenid_fuse_out_header(len: UInt32(size), error: -errno, unique: unique)
        withUnsafeBytes(of: header) { _ = Connection.send($0, to: connection) }
    }

    @discardableResult
    static func send(_ kind: Int, carrying number: UInt64?, over connection: CInt) -> Bool {
        let size = MemoryLayout<csysgenid_fuse_out_header>.size + (number == nil ? 0 : MemoryLayout<UInt64>.size)
        let message = Message(
            header: csysgenid_fuse_out_header(len: UInt32(size), error: CInt(kind), unique: 0), number: number ?? 0)
        return withUnsafeBytes(of: message) {
            Connection.send(UnsafeRawBufferPointer(rebasing: $0[..<size]), to: connection)
        }
    }

    private struct Message {
        var header: csysgenid_fuse_out_header
        var number: UInt64
    }
}
