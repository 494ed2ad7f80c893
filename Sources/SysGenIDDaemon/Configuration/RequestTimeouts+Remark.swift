internal import SysGenIDSystem

extension RequestTimeouts {
    /// What an administrator should know of them.
    static func remark(seconds: UInt32, longestWait: UInt32) -> String {
        "the kernel ends a connection over a request of \(seconds) s (fs.fuse.max_request_timeout and"
            + " default_request_timeout): blocked calls end after \(longestWait) s with EINTR, as by a signal"
    }
}
