internal import CSysGenID
internal import Glibc
internal import SystemPackage

/// Where a socket is.
public enum SocketAddress: Hashable, Sendable, CustomStringConvertible {
    /// A socket of this system, by its path: at most 107 bytes. See unix(7).
    case local(path: String)
    /// A port of a machine, or of its host. See vsock(7).
    case machine(context: UInt32, port: UInt32)

    /// The context of the host, as its guests name it. See VMADDR_CID_HOST in vsock(7).
    public static let hostContext: UInt32 = 2

    public var description: String {
        switch self {
        case .local(let path): path
        case .machine(let context, let port): "port \(port) of the machine \(context)"
        }
    }

    var family: CInt {
        switch self {
        case .local: AF_UNIX
        case .machine: AF_VSOCK
        }
    }

    /// Calls the body with the address as the kernel takes it.
    ///
    /// - Throws: `.fileNameTooLong` where a path has no room in one; `.invalidArgument` for one that is empty.
    func withRaw<Value>(
        _ body: (UnsafePointer<sockaddr>, socklen_t) throws(Errno) -> Value
    ) throws(Errno) -> Value {
        var storage = sockaddr_storage()
        let length: socklen_t
        switch self {
        case .local(let path): length = try Self.fill(&storage, with: path)
        case .machine(let context, let port): length = csysgenid_vsock_address(&storage, context, port)
        }
        return try withUnsafePointer(to: &storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                Result { () throws(Errno) in try body(address, length) }
            }
        }.get()
    }

    private static func fill(_ storage: inout sockaddr_storage, with path: String) throws(Errno) -> socklen_t {
        var address = sockaddr_un()
        let bytes = Array(path.utf8)
        guard !bytes.isEmpty, !bytes.contains(0) else { throw .invalidArgument }
        // One byte stays for the zero at its end.
        guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else { throw .fileNameTooLong }
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        withUnsafeMutableBytes(of: &storage) { storage in
            withUnsafeBytes(of: address) { storage.copyMemory(from: $0) }
        }
        return socklen_t(MemoryLayout<sockaddr_un>.size)
    }
}
