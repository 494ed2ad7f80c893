/// What is said to the monitor of a virtual machine before it passes on what its guest says. It answers `OK` and the port
/// that it has given the caller. See docs/vsock.md of Firecracker.
enum HybridHandshake {
    /// The greatest length of the line, in bytes.
    static let lineLimit = 32

    static func request(_ port: UInt32) -> [UInt8] { Array("CONNECT \(port)\n".utf8) }

    static func check(_ line: [UInt8]) throws(VarlinkFailure) {
        let words = String(decoding: line, as: UTF8.self).split(separator: " ", omittingEmptySubsequences: false)
        guard words.count == 2, words[0] == "OK", !words[1].isEmpty, words[1].utf8.allSatisfy(isDigit),
            UInt32(words[1]) != nil
        else { throw .notUnderstood }
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
}
