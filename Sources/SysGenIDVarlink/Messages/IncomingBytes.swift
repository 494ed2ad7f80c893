/// What comes over a connection, cut into messages: each ends in a byte that is zero. See https://varlink.org/Method-Call.
///
/// It keeps no more than a message of the greatest size, and what was added last.
struct IncomingBytes {
    /// The greatest size of a message without its end, in bytes.
    let limit: Int
    private var bytes: [UInt8] = []
    /// In how many of them, from the start, no end was found.
    private var searched = 0

    init(limit: Int) {
        self.limit = limit
    }

    mutating func add(_ more: [UInt8]) {
        bytes += more
    }

    /// Takes the next message; nil where it is not there as a whole.
    mutating func next() throws(BrokenMessage) -> [UInt8]? {
        guard let end = bytes[searched...].firstIndex(of: 0) else {
            searched = bytes.count
            guard searched <= limit else { throw .tooLong }
            return nil
        }
        guard end <= limit else { throw .tooLong }
        let message = Array(bytes[..<end])
        bytes.removeFirst(end + 1)
        searched = 0
        return message
    }

    /// Whether a message is there as a whole, or one that is too long.
    var hasMessage: Bool { bytes.count > limit || bytes[searched...].contains(0) }
}

/// Why nothing can be made of what comes over a connection. It is closed then, as there is no telling what else comes.
enum BrokenMessage: Error, Hashable, Sendable {
    case tooLong
    /// No JSON, or no object, or one within others that is too deep.
    case malformed
    /// No name of a method, or one that is none.
    case withoutMethod
}
