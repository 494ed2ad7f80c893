import SysGenIDSystem
import SysGenIDVarlink

/// Makes what callers connect to.
enum OverseerServer {
    /// Why nobody can ask.
    struct Failure: Error, CustomStringConvertible {
        var description: String
    }

    /// The port of vsock(7) for the host. Below 1024, no program takes it without CAP_NET_BIND_SERVICE.
    private static let hostPort: UInt32 = 947

    /// The description of the interface, as callers get it.
    static let description = String(decoding: PackageResources.org_sysgenid_Overseer_varlink, as: UTF8.self)

    /// - Parameter passed: the sockets that the service manager has made; without any there is one of the overseer's own.
    static func open(
        _ configuration: Configuration, _ passed: [ListeningSocket]
    ) throws(Failure) -> VarlinkServer {
        let interface: VarlinkInterface
        do {
            interface = try VarlinkInterface(description, streams: ["Watch"])
        } catch {
            throw Failure(description: "\(error)")
        }
        let information = ServiceInformation(
            vendor: "sysgenidd", product: "sysgenid-overseerd", version: Release.version, url: "")
        let sockets = try passed.isEmpty ? ownSockets(configuration) : passed
        do {
            return try VarlinkServer(
                [interface], of: information, at: sockets, hostContext: configuration.hostContext)
        } catch {
            throw Failure(description: "nobody can connect: \(error)")
        }
    }

    private static func ownSockets(_ configuration: Configuration) throws(Failure) -> [ListeningSocket] {
        let socket = try ownSocket(configuration)
        guard configuration.listensToHost else { return [socket] }
        do {
            return [socket, try ListeningSocket(port: hostPort)]
        } catch {
            throw Failure(description: "the host cannot connect (\(error)): load what the kernel needs for vsock")
        }
    }

    private static func ownSocket(_ configuration: Configuration) throws(Failure) -> ListeningSocket {
        let directory = configuration.runtimeDirectory
        let path = configuration.socket ?? "\(directory)/org.sysgenid.Overseer"
        do throws(SystemCallFailure) {
            // sysgenidd may come later.
            if configuration.socket == nil, !Files.exists(directory) {
                try Files.makeDirectories(directory, permissions: 0o755)
            }
            return try ListeningSocket(at: path, permissions: 0o660, group: Groups.id(ofLocal: "sysgenid"))
        } catch {
            throw Failure(description: "\(path) cannot be made (\(error)): say with --socket where callers connect")
        }
    }
}
