internal import CSysGenID
internal import Glibc
internal import SystemPackage

/// A socket that others connect to. Nothing that it does waits.
public final class ListeningSocket: Sendable {
    public enum Kind: Hashable, Sendable {
        /// See unix(7).
        case local
        /// See vsock(7).
        case machine
    }

    public let kind: Kind
    public let descriptor: OwnedDescriptor
    /// The name that was made for it, which goes with it.
    private let place: Place?

    private struct Place {
        var path: String
        var device: UInt64
        var inode: UInt64
    }

    /// How many connections may wait to be taken.
    private static let backlog: CInt = 128

    /// Makes a socket at the path, in the place of one that is there, and listens. Nobody else can connect before it has
    /// its permissions.
    ///
    /// - Parameters:
    ///   - permissions: whoever may write to it may connect. See unix(7).
    ///   - group: its number; nil is that of this process.
    public init(at path: String, permissions: UInt32, group: UInt32? = nil) throws(SystemCallFailure) {
        // Beside it first, and then moved: so there is no moment at which nobody listens.
        let new = "\(path).new"
        if (try? Files.status(new).kind) == .socket { try Files.remove(new) }
        let descriptor = try Self.bound(to: .local(path: new))
        do throws(SystemCallFailure) {
            try Files.setOwner(new, userID: OwnProcess.effectiveUserID, groupID: group)
            try Files.setPermissions(new, permissions)
            try Self.listen(descriptor, path)
            let status = try Files.status(new)
            try describing("rename", path) { () throws(Errno) in try nothingOrErrno { rename(new, path) } }
            place = Place(path: path, device: status.device, inode: status.inode)
        } catch {
            try? Files.remove(new)
            throw error
        }
        self.descriptor = descriptor
        kind = .local
    }

    /// Listens at a port of this machine, for whoever can reach it. See vsock(7).
    ///
    /// - Throws: `.permissionDenied` for a port below 1024 without CAP_NET_BIND_SERVICE; `.addressFamilyNotSupported` or
    ///   `.noSuchDevice` where the kernel has no vsock.
    public init(port: UInt32) throws(SystemCallFailure) {
        let descriptor = try Self.bound(to: .machine(context: .max, port: port))
        try Self.listen(descriptor, "port \(port) of this machine")
        self.descriptor = descriptor
        (kind, place) = (.machine, nil)
    }

    /// Takes over an open descriptor, and makes it one that never waits.
    ///
    /// - Throws: `.notSocket`, or `.invalidArgument` where it is no stream socket of these kinds that listens.
    init(handed descriptor: consuming OwnedDescriptor) throws(Errno) {
        let number = descriptor.rawValue
        guard try Self.option(SO_TYPE, of: number) == CInt(SOCK_STREAM.rawValue),
            try Self.option(SO_ACCEPTCONN, of: number) != 0
        else { throw .invalidArgument }
        switch try Self.option(SO_DOMAIN, of: number) {
        case AF_UNIX: kind = .local
        case AF_VSOCK: kind = .machine
        default: throw .invalidArgument
        }
        try descriptor.neverWait()
        self.descriptor = descriptor
        place = nil
    }

    deinit {
        guard let place, let status = try? Files.status(place.path) else { return }
        // A successor may have put its own there.
        if status.device == place.device, status.inode == place.inode { try? Files.remove(place.path) }
    }

    /// The next connection, with who is at its far end; nil where there is none. See accept4(2).
    ///
    /// - Throws: where it cannot be taken now, as for want of descriptors: it stays where it is.
    public func accept() throws(SystemCallFailure) -> (socket: StreamSocket, peer: Peer)? {
        while true {
            let number = csysgenid_accept(descriptor.rawValue)
            guard number >= 0 else {
                let error = Errno(rawValue: errno)
                switch error {
                case .wouldBlock: return nil
                // That one has gone by itself.
                case .interrupted, .connectionAbort, .ioError, .networkDown, .hostIsDown: continue
                default: throw SystemCallFailure("accept", "a connection", error)
                }
            }
            let socket = StreamSocket(OwnedDescriptor(owning: number))
            guard let peer = Self.peer(of: number, kind) else { continue }
            return (socket, peer)
        }
    }

    /// nil where it is gone already.
    private static func peer(of number: CInt, _ kind: Kind) -> Peer? {
        var (user, group, process, context) = (UInt32.max, UInt32.max, Int32(0), UInt32.max)
        switch kind {
        case .local:
            guard csysgenid_peer(number, &user, &group, &process) == 0 else { return nil }
            return .process(uid: user, gid: group, pid: process)
        case .machine:
            guard csysgenid_vsock_peer(number, &context) == 0 else { return nil }
            return .host(cid: context)
        }
    }

    private static func bound(to address: SocketAddress) throws(SystemCallFailure) -> OwnedDescriptor {
        let type = CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        let descriptor = try describing("socket", "\(address)") { () throws(Errno) in
            OwnedDescriptor(owning: try valueOrErrno { socket(address.family, type, 0) })
        }
        try describing("bind", "\(address)") { () throws(Errno) in
            // A name is made with the mode of the socket itself.
            if case .local = address { try nothingOrErrno { fchmod(descriptor.rawValue, 0) } }
            try address.withRaw { raw, length throws(Errno) in
                try nothingOrErrno { bind(descriptor.rawValue, raw, length) }
            }
        }
        return descriptor
    }

    private static func listen(_ descriptor: borrowing OwnedDescriptor, _ subject: String) throws(SystemCallFailure) {
        let number = descriptor.rawValue
        try describing("listen", subject) { () throws(Errno) in
            try nothingOrErrno { Glibc.listen(number, backlog) }
        }
    }

    private static func option(_ name: CInt, of number: CInt) throws(Errno) -> CInt {
        var (value, size) = (CInt(0), socklen_t(MemoryLayout<CInt>.size))
        try nothingOrErrno { getsockopt(number, SOL_SOCKET, name, &value, &size) }
        return value
    }
}
