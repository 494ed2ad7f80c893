internal import Glibc

/// Tells the service manager how the daemon is. See sd_notify(3).
public struct ServiceManager: Sendable {
    let socketPath: String

    /// The manager that started this process; nil where none listens. The variable is taken away, so that
    /// no child reports in our name.
    public init?(environment name: String = "NOTIFY_SOCKET") {
        guard let value = getenv(name) else { return nil }
        socketPath = String(cString: value)
        unsetenv(name)
    }

    /// Sends the assignments, as "READY=1". A manager that does not listen is not our failure.
    public func notify(_ assignments: String...) {
        let message = Array(assignments.joined(separator: "\n").utf8)
        let number = socket(AF_UNIX, CInt(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard number >= 0 else { return }
        let descriptor = OwnedDescriptor(owning: number)
        withAddress { address, size in
            _ = sendto(descriptor.rawValue, message, message.count, CInt(MSG_NOSIGNAL), address, size)
        }
    }

    /// Calls the body with the manager's address, where it is one.
    func withAddress(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Void) {
        var address = sockaddr_un()
        let capacity = MemoryLayout.size(ofValue: address.sun_path)
        var path = Array(socketPath.utf8)
        guard !path.isEmpty, path.count < capacity else { return }
        // A leading @ stands for the zero byte of an abstract address.
        if path[0] == UInt8(ascii: "@") { path[0] = 0 }
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path) }
        let length = socklen_t(MemoryLayout.offset(of: \sockaddr_un.sun_path)! + path.count)
        withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, length) }
        }
    }
}
