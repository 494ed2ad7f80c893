import Foundation
import Testing

/// The service manager's end of sd_notify(3).
final class NotificationSocket {
    let path: String
    private let descriptor: Int32

    init(_ path: String) throws {
        self.path = path
        descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        try #require(result == 0)
        var limit = timeval(tv_sec: 20, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    }

    deinit {
        close(descriptor)
    }

    func receive() throws -> String {
        try #require(message(flags: 0))
    }

    /// Takes what a daemon says that has begun to serve: which descriptors are to be kept, and that it is ready.
    func receiveReady() throws -> String {
        try #require(waitFor(seconds: 60) { !$0.hasPrefix("FDSTORE=1\n") })
    }

    /// Takes what comes until a message is as wanted; nil where none is within the time.
    func waitFor(seconds: Double, _ isWanted: (String) -> Bool) -> String? {
        let end = Date(timeIntervalSinceNow: seconds)
        while Date() < end {
            guard let message = message(flags: Int32(MSG_DONTWAIT)) else {
                usleep(2_000)
                continue
            }
            if isWanted(message) { return message }
        }
        return nil
    }

    /// Drops what has come.
    func forget() {
        while message(flags: Int32(MSG_DONTWAIT)) != nil {}
    }

    private func message(flags: Int32) -> String? {
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = recv(descriptor, &buffer, buffer.count, flags)
        return count > 0 ? String(decoding: buffer.prefix(count), as: UTF8.self) : nil
    }
}
