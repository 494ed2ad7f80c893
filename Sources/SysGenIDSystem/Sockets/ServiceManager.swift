internal import CSysGenID
internal import Glibc
internal import SystemPackage

/// Tells the service manager how the daemon is. See sd_notify(3).
public final class ServiceManager: Sendable {
    private let socketPath: String
    /// Open from the start, since a daemon that serves may make no more of them.
    let socket: OwnedDescriptor

    /// Within which time the manager wants to hear that the daemon is alive, in nanoseconds; nil where it does not.
    /// See sd_watchdog_enabled(3).
    public let watchdogInterval: UInt64?

    /// The manager that started this process; nil where none listens. The variables are taken away, so that
    /// no child reports in our name.
    ///
    /// - Throws: where there is one that cannot be told anything: it would take this process for one that hangs.
    public init?(environment prefix: String = "") throws(SystemCallFailure) {
        let watchdog = Self.taken("\(prefix)WATCHDOG_USEC").flatMap(UInt64.init)
        let watched = Self.taken("\(prefix)WATCHDOG_PID")
        guard let path = Self.taken("\(prefix)NOTIFY_SOCKET") else { return nil }
        socketPath = path
        let isOurs = watched.map { $0 == "\(getpid())" } ?? true
        let microseconds = isOurs ? watchdog ?? 0 : 0
        watchdogInterval = (1...UInt64.max / 1_000).contains(microseconds) ? microseconds * 1_000 : nil
        let number = Glibc.socket(AF_UNIX, CInt(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard number >= 0 else { throw SystemCallFailure("socket", "for the service manager", Errno(rawValue: errno)) }
        socket = OwnedDescriptor(owning: number)
    }

    private static func taken(_ name: String) -> String? {
        guard let value = getenv(name) else { return nil }
        defer { unsetenv(name) }
        return String(cString: value)
    }

    /// Sends the assignments, as "READY=1". A manager that does not listen is not our failure.
    ///
    /// - Parameter mayWait: for a manager that is behind with listening; else the message is lost on it.
    /// - Returns: why a manager that listens has not got them; nil where it has.
    @discardableResult
    public func notify(_ assignments: String..., mayWait: Bool = true) -> SystemCallFailure? {
        let message = Array(assignments.text(separatedBy: "\n").utf8)
        let flags = CInt(MSG_NOSIGNAL) | (mayWait ? 0 : CInt(MSG_DONTWAIT))
        var failure: SystemCallFailure?
        withAddress { address, size in
            let count = sendto(socket.rawValue, message, message.count, flags, address, size)
            guard count < 0, ![ENOENT, ECONNREFUSED].contains(errno) else { return }
            failure = SystemCallFailure("sendto", "the service manager", Errno(rawValue: errno))
        }
        return failure
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
