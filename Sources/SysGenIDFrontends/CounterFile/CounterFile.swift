import SysGenIDFuse
import SysGenIDSystem

/// The FUSE frontend: one regular file with every operation of the device, mmap included.
public final class CounterFile: ServingFrontend {
    public let name = "fuse"

    private let place: MountPoint
    private let operations: CounterFileOperations
    private let publisher: CachePublisher
    private let session: Session
    /// Whether the file is mounted already, by a predecessor.
    private let isContinued: Bool
    private let mounted = Lock(Mounted())

    /// What is known of the mount once it is there.
    private struct Mounted: ~Copyable {
        /// By what the kernel knows the file system.
        var fileSystem: DeviceNumber?
        /// Reports changes of what is mounted; nil where they cannot be watched.
        var changes: OwnedDescriptor?
    }

    /// Opens the connection to the kernel, and mounts nothing yet.
    ///
    /// - Parameters:
    ///   - path: where the file is mounted, absolute and without symbolic links.
    ///   - namespace: which mount namespace that path is in.
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
            operations = CounterFileOperations(
                service, access: access, time: time, publisher: publisher, continuing: inheritance)
            let connection = try FuseConnection.open(handed)
            session = try Session(
                file: operations, backingFile: service.page.file, connection: connection,
                continuing: inheritance?.session(of: .counterFile))
            if let inheritance {
                service.inheritPolls(inheritance.watchers, of: .counterFile, connection: session.connection)
            }
        } catch let failure as FrontendFailure {
            throw failure
        } catch {
            throw FrontendFailure("cannot prepare the counter file", because: error)
        }
    }

    public var mapping: Mapping { operations.isPassthrough ? .native : .readOnlyDescriptors }

    public var kind: FrontendKind { .counterFile }

    public var connection: CInt { session.connection }

    public var endDescriptor: CInt? { session.endDescriptor }

    public var failure: String? { session.failure?.description }

    public var threads: [Thread] { [session.servingThread, publisher.thread].compactMap(\.self) }

    public func start() throws(FrontendFailure) {
        do {
            if !isContinued { try place.mount(by: Self.mounting(connection)) }
            noteMount()
            // The kernel gives passthrough to the administrator only.
            try session.start(named: "counter-file", keeping: [.systemAdministration, .seeingAnyProcess])
        } catch let failure as FrontendFailure {
            stop()
            throw failure
        } catch {
            stop()
            throw FrontendFailure("cannot mount the counter file", because: error)
        }
        guard session.waitUntilConnected(milliseconds: 10_000) else {
            stop()
            if let failure { throw FrontendFailure("cannot serve the counter file: \(failure)") }
            throw FrontendFailure("the kernel ended the connection of \(place.path) at once: see the kernel's log")
        }
        guard !operations.isPassthrough else { return }
        do throws(SystemCallFailure) {
            try publisher.start(for: session)
        } catch {
            stop()
            throw FrontendFailure("cannot serve the counter file from the page cache", because: error)
        }
    }

    public func stop() {
        uncover()
        publisher.stop()
        session.stop()
        operations.service.dropPolls(over: connection)
    }

    /// Takes the file away from its path; once more where that fails, since a mount that is left would be a dead one.
    private func uncover() {
        let path = place.path
        do throws(SystemCallFailure) {
            try place.namespace.perform {
                Result { () throws(SystemCallFailure) in
                    do throws(SystemCallFailure) {
                        try Placeholder.uncover(path)
                    } catch {
                        try Placeholder.uncover(path)
                    }
                }
            }.get()
        } catch {
            operations.service.report(.leftBehind(error))
        }
    }

    public var isReachable: Bool {
        guard let expected = mounted.withLock({ $0.fileSystem }) else { return false }
        return place.fileSystem == expected
    }

    public var placeDescriptor: CInt? { mounted.withLock { $0.changes?.rawValue } }

    private static func mounting(_ connection: CInt) -> @Sendable (_ path: String) throws -> Void {
        { path in
            try DevicePlace.check(path)
            try Placeholder.create(at: path)
            try Mounts.mountFile(connection: connection, over: path)
        }
    }

    /// The mount was just made, or found to be of this connection. Changes of it are reported from here on.
    private func noteMount() {
        mounted.withLock { mounted in
            mounted.changes = try? place.namespace.openChanges()
            mounted.fileSystem = place.fileSystem
            if let fileSystem = mounted.fileSystem {
                operations.service.handover?.mounted(.counterFile, as: fileSystem)
            }
        }
    }

    /// Makes sure that the file of a predecessor is at the path. See `MountPoint.ensure`.
    ///
    /// - Parameters:
    ///   - connection: the predecessor's.
    ///   - inheritance: what it has left; nil where that is not known.
    /// - Returns: false where that cannot be.
    /// - Throws: where nobody knows what is there.
    public static func ensureMount(
        of connection: CInt, leftBy inheritance: Inheritance?, at path: String, in namespace: MountNamespace
    ) throws(SystemCallFailure) -> Bool {
        let mount = mounting(connection)
        return try MountPoint(path: path, namespace: namespace)
            .ensure(inheritance?.frontends[.counterFile]?.fileSystem) { path in
                do {
                    try mount(path)
                } catch {
                    Placeholder.remove(at: path)
                    throw error
                }
            }
    }

    /// Keeps the file at the path alive while its mount is taken away; nil where there is none.
    public static func hold(at path: String, in namespace: MountNamespace) -> OwnedDescriptor? {
        let number = try? namespace.perform { Mounts.isOurs(path) ? try? Files.hold(path).release() : nil }
        return number.flatMap(\.self).map { OwnedDescriptor(owning: $0) }
    }

    /// Ends what a predecessor serves at the path, also for those who have it open.
    public static func abandon(_ path: String, in namespace: MountNamespace) {
        try? namespace.perform { if Mounts.isOurs(path) { Mounts.abort(path) } }
    }
}
