internal import Glibc
internal import SystemPackage

/// The sockets that the service manager has made for this process. See sd_listen_fds(3).
public enum SocketActivation {
    /// The first of the descriptors that are handed over.
    private static let first: CInt = 3
    /// More than this are no sockets of ours.
    private static let limit = 64

    /// Takes the sockets that are for this process, once: the variables are taken away, so that no child takes them, too.
    ///
    /// - Returns: none where none were handed over.
    /// - Throws: what is wrong with one that is no stream socket of unix(7) or vsock(7) that listens; all are closed then.
    public static func take() throws(SystemCallFailure) -> [ListeningSocket] {
        let (process, number) = (taken("LISTEN_PID"), taken("LISTEN_FDS"))
        for name in ["LISTEN_FDNAMES", "LISTEN_PIDFDID"] { _ = taken(name) }
        guard process == "\(getpid())", let count = number.flatMap(Int.init), (1...limit).contains(count) else {
            return []
        }
        return try take((0..<CInt(count)).map { first + $0 })
    }

    /// Takes over the open descriptors.
    static func take(_ numbers: [CInt]) throws(SystemCallFailure) -> [ListeningSocket] {
        var sockets: [ListeningSocket] = []
        var failure: SystemCallFailure?
        for number in numbers {
            do throws(SystemCallFailure) {
                let socket = try describing("take over", "socket \(number) of the service manager") {
                    () throws(Errno) in
                    // Nobody has closed them for programs that this one starts.
                    try nothingOrErrno { fcntl(number, F_SETFD, FD_CLOEXEC) }
                    return try ListeningSocket(handed: OwnedDescriptor(owning: number))
                }
                sockets.append(socket)
            } catch {
                failure = failure ?? error
            }
        }
        if let failure { throw failure }
        return sockets
    }

    private static func taken(_ name: String) -> String? {
        guard let value = getenv(name) else { return nil }
        defer { unsetenv(name) }
        return String(cString: value)
    }
}
