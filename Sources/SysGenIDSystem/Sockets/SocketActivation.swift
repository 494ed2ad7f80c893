internal import Glibc
internal import SystemPackage

/// The sockets that the service manager has made for this process. See sd_listen_fds(3).
public enum SocketActivation {
    /// Takes the sockets that are for this process, once: the variables are taken away, so that no child takes them, too.
    ///
    /// - Returns: none where none were handed over.
    /// - Throws: what is wrong with one that is no stream socket of unix(7) or vsock(7) that listens; all are closed then.
    public static func take() throws(SystemCallFailure) -> [ListeningSocket] {
        try take(DescriptorStore.numbersPassed().map(\.number))
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
}
