import SysGenIDFuse
import SysGenIDSystem

/// The directory of devices: a file system of its own, with the system's device and one for each container, in the manner
/// of cgroupfs and binderfs.
///
/// It has a connection of its own beside the one of the counter file: what many containers ask holds up nobody who has the
/// system's device open, and that one can be where no directory is mounted.
public final class DeviceDirectory: ServingFrontend {
    public let name = "devices"

    private let place: MountPoint
    private let operations: DeviceDirectoryOperations
    private let publisher: CachePublisher
    private let session: Session
    private let isContinued: Bool
    private let fileSystem = Lock<DeviceNumber?>(nil)

    /// Opens the connection to the kernel, and mounts nothing yet.
    ///
    /// - Parameters:
    ///   - path: where the directory is mounted, absolute and without symbolic links.
    ///   - namespace: which mount namespace that path is in.
    ///   - access: who may open the system's device.
    ///   - time: of all that is not a container's, in seconds since 1970.
    ///   - inheritance: what the predecessor of this frontend has left.
    ///   - handed: the connection of the predecessor.
    public init(
        service: GenerationService, path: String, in namespace: MountNamespace, access: DeviceAccess, time: Int,
        continuing inheritance: Inheritance?, over handed: consuming OwnedDescriptor?
    ) throws(FrontendFailure) {
        place = MountPoint(path: path, namespace: namespace)
        isContinued = inheritance != nil
        do {
            publisher = try CachePublisher()
            let connection = try FuseConnection.open(handed)
            operations = DeviceDirectoryOperations(
                service, access: access, time: time, connection: connection.rawValue, publisher: publisher,
                continuing: inheritance)
            session = try Session(
                directory: operations, connection: connection, continuing: inheritance?.session(of: .deviceDirectory))
            if let inheritance {
                service.inheritPolls(inheritance.watchers, of: .deviceDirectory, connection: session.connection)
            }
        } catch let failure as FrontendFailure {
            throw failure
        } catch {
            throw FrontendFailure("cannot prepare the directory of devices", because: error)
        }
    }

    public var mapping: Mapping { operations.isPassthrough ? .native : .readOnlyDescriptors }

    public var kind: FrontendKind { .deviceDirectory }

    public var connection: CInt { session.connection }

    public var endDescriptor: CInt? { session.endDescriptor }

    public var failure: String? { session.failure?.description }

    public var threads: [Thread] { [session.servingThread, publisher.thread].compactMap(\.self) }

    public var isReachable: Bool {
        guard let expected = fileSystem.withLock(\.self) else { return false }
        return place.fileSystem == expected
    }

    /// Containers have their devices mounted; nobody serves anew for the sake of the directory alone.
    public var placeDescriptor: CInt? { nil }

    public func start() throws(FrontendFailure) {
        do {
            if !isContinued { try place.mount(by: Self.mounting(connection)) }
            let number = place.fileSystem
            fileSystem.withLock { $0 = number }
            if let number { operations.service.handover?.mounted(.deviceDirectory, as: number) }
            try session.start(named: "devices", keeping: [.systemAdministration, .seeingAnyProcess])
            guard session.waitUntilConnected(milliseconds: 10_000) else {
                throw FrontendFailure(
                    failure ?? "the kernel ended the connection of \(place.path) at once: see the kernel's log")
            }
            if !operations.isPassthrough { try publisher.start(for: session, named: "devices-cache") }
        } catch {
            stop()
            throw FrontendFailure("cannot serve the directory of devices", because: error)
        }
    }

    public func stop() {
        uncover()
        operations.service.removeCache(of: .deviceDirectory)
        publisher.stop()
        session.stop()
        operations.service.dropPolls(over: connection)
    }

    private func uncover() {
        let path = place.path
        do throws(SystemCallFailure) {
            try place.namespace.perform {
                Result { () throws(SystemCallFailure) in if try Mounts.areOurs(path) { try Mounts.detach(path) } }
            }.get()
        } catch {
            operations.service.report(.leftBehind(error))
        }
    }

    private static func mounting(_ connection: CInt) -> @Sendable (_ path: String) throws -> Void {
        { path in
            try Files.makeDirectories(path, permissions: 0o755)
            try Mounts.mountDirectory(connection: connection, over: path)
        }
    }

    /// Makes sure that the directory of a predecessor is at the path. See `MountPoint.ensure`.
    public static func ensureMount(
        of connection: CInt, leftBy inheritance: Inheritance?, at path: String, in namespace: MountNamespace
    ) throws(SystemCallFailure) -> Bool {
        try MountPoint(path: path, namespace: namespace)
            .ensure(inheritance?.frontends[.deviceDirectory]?.fileSystem, by: mounting(connection))
    }
}
