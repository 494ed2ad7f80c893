internal import CFuse3

/// A request that waits for its answer. It can be moved between threads; it is answered once.
public struct ParkedRequest: Hashable, Sendable {
    private let bits: UInt
    private let unique: UInt64

    init(_ raw: fuse_req_t, _ unique: UInt64) {
        bits = UInt(bitPattern: raw)
        self.unique = unique
    }

    /// The request again, to be answered now. To be called once.
    public func resume() -> Request {
        Request(fuse_req_t(bitPattern: bits)!, unique: unique)
    }
}
