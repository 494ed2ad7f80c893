internal import CSysGenID
internal import Glibc
internal import SystemPackage

/// A socket that keeps the bounds of messages; somebody else writes to its far end, to whom that belongs. See unix(7),
/// SOCK_SEQPACKET.
public struct MessageSocket: ~Copyable, Sendable {
    private let nearEnd: OwnedDescriptor
    /// The descriptor to write to, close-on-exec. It is not closed here.
    public let farEnd: CInt

    public init() throws(SystemCallFailure) {
        var ends: [CInt] = [-1, -1]
        try describing("socketpair", "for messages") { () throws(Errno) in
            let type = CInt(SOCK_SEQPACKET.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
            try nothingOrErrno { socketpair(AF_UNIX, type, 0, &ends) }
        }
        nearEnd = OwnedDescriptor(owning: ends[0])
        farEnd = ends[1]
    }

    /// The next message that was written, cut off after `limit` bytes; nil where there is none.
    public func receive(upTo limit: Int) -> [UInt8]? {
        guard let message = try? nearEnd.read(upTo: limit), !message.isEmpty else { return nil }
        return message
    }

    /// Puts another open file in the place of the far end, under the same number. See dup3(2).
    public func replaceFarEnd(byFileOf other: CInt) throws(SystemCallFailure) {
        try describing("dup3", "over the end of a socket") { () throws(Errno) in
            _ = try valueOrErrno { csysgenid_replace_file(farEnd, other) }
        }
    }

    /// Closes the far end, where nobody has taken it.
    public func closeFarEnd() {
        close(farEnd)
    }
}
