import Logging
import SysGenIDSystem

/// What the overseer was started with.
struct Configuration: Sendable {
    var device = "/dev/sysgenid"
    var runtimeDirectory = "/run/sysgenid"
    /// Where the record is kept.
    var overseerDirectory = "/run/sysgenid-overseer"
    /// Where the directories of the phases are; the first one that has a name decides.
    var hooksDirectories = Self.standardHooksDirectories
    /// Where callers connect, unless the service manager has made sockets; nil is in the runtime directory.
    var socket: String?
    /// Whether the host can connect, too, unless the service manager has made sockets.
    var listensToHost = false
    /// The context of vsock(7) that is the host.
    var hostContext = SocketAddress.hostContext
    var settings = Readiness.Settings()
    var logLevel = Logger.Level.info

    static let standardHooksDirectories = ["/etc/sysgenid/hooks.d", "/usr/lib/sysgenid/hooks.d"]
}
