internal import CFuse3
internal import CSysGenID

// The answers of an open file.

extension Request {
    /// Answers that nothing went wrong, for requests that return nothing.
    public consuming func replyDone() {
        reply(errno: 0)
    }

    /// Answers a read with a word in native byte order.
    public consuming func reply(word: UInt32) {
        answer { raw in withUnsafeBytes(of: word) { fuse_reply_buf(raw, $0.baseAddress, $0.count) } }
    }

    /// Answers a write with the number of bytes taken.
    public consuming func reply(written count: Int) {
        answer { fuse_reply_write($0, count) }
    }

    /// Answers an ioctl with its result.
    public consuming func reply(controlResult result: CInt) {
        answer { fuse_reply_ioctl($0, result, nil, 0) }
    }

    /// Answers a poll with the events that are there.
    public consuming func reply(events: PollEvents) {
        answer { fuse_reply_poll($0, events.rawValue) }
    }

    /// Answers an open.
    ///
    /// - Returns: false where the caller did not wait for the answer, so that no release will follow.
    public consuming func reply(opened opening: Opening) -> Bool {
        // fuse_reply_open of libfuse 3.14 knows no backing id. The structure is the same on every connection.
        var reply = csysgenid_fuse_open_out(
            fh: opening.handle, open_flags: opening.mode.rawValue, backing_id: opening.backing ?? 0)
        return answer { raw in withUnsafeBytes(of: &reply) { fuse_reply_buf(raw, $0.baseAddress, $0.count) } }
    }

    /// Answers a request for bytes.
    public consuming func reply(bytes: [UInt8]) {
        answer { raw in bytes.withUnsafeBytes { fuse_reply_buf(raw, $0.baseAddress, $0.count) } }
    }

    /// Answers a request for attributes.
    ///
    /// - Parameter validity: for how many seconds the kernel may answer fstat(2) by itself.
    public consuming func reply(attributes: FileAttributes, validity: Double) {
        var status = attributes.status
        answer { fuse_reply_attr($0, &status, validity) }
    }
}
