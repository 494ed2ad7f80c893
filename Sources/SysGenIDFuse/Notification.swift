internal import CSysGenID
internal import Glibc
internal import SysGenIDSystem

/// Messages to the kernel that answer no request. See fuse_out_header in linux/fuse.h: the kind stands in place of an
/// error.
enum Notification {
    /// Asks that every request be delivered again that was read and not answered (6.9).
    ///
    /// - Returns: false where the kernel cannot do that.
    static func resend(over connection: CInt) -> Bool {
        send(CSYSGENID_FUSE_NOTIFY_RESEND, carrying: nil, over: connection)
    }

    @discardableResult
    static func send(_ kind: Int, carrying number: UInt64?, over connection: CInt) -> Bool {
        let headerSize = MemoryLayout<csysgenid_fuse_out_header>.size
        var number = number ?? 0
        let numberSize = MemoryLayout.size(ofValue: number)
        var header = csysgenid_fuse_out_header(
            len: UInt32(headerSize + (kind == CSYSGENID_FUSE_NOTIFY_POLL ? numberSize : 0)), error: CInt(kind),
            unique: 0)
        return withUnsafeMutableBytes(of: &header) { header in
            withUnsafeMutableBytes(of: &number) { number in
                let vectors = [header, number].map { iovec(iov_base: $0.baseAddress, iov_len: $0.count) }
                return Connection.send(to: connection, vectors, kind == CSYSGENID_FUSE_NOTIFY_POLL ? 2 : 1) >= 0
            }
        }
    }
}
