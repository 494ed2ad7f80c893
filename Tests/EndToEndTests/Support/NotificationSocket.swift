import Foundation
import TestSupport
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
    }

    deinit {
        close(descriptor)
    }

    func receive() throws -> String {
        try waitFor("a message") { _ in true }
    }

    /// Takes what a daemon says that has begun to serve: which descriptors are to be kept, and that it is ready.
    func receiveReady() throws -> String {
        try waitFor("the readiness") { !$0.hasPrefix("FDSTORE=1\n") }
    }

    /// Takes what comes until a message is as wanted.
    @discardableResult
    func waitFor(_ what: String, _ isWanted: (String) -> Bool) throws -> String {
        var found: String?
        try waitUntil(what) {
            while found == nil, let message = message() { if isWanted(message) { found = message } }
            return found != nil
        }
        return found!
    }

    /// Whether a message comes that is as wanted, within so many seconds in which none should.
    func hears(for seconds: Double, _ isWanted: (String) -> Bool) -> Bool {
        let end = Date(timeIntervalSinceNow: seconds)
        while Date() < end {
            while let message = message() { if isWanted(message) { return true } }
            usleep(2_000)
        }
        return false
    }

    /// Drops what has come.
    func forget() {
        while message() != nil {}
    }

    private func message() -> String? {
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = recv(descriptor, &buffer, buffer.count, Int32(MSG_DONTWAIT))
        return count > 0 ? String(decoding: buffer.prefix(count), as: UTF8.self) : nil
    }
}
