import SysGenIDFuse
import SysGenIDSystem

/// The FUSE frontend: one regular file with every operation of the device, mmap included.
public final class CounterFile: Frontend {
    public let name = "fuse"

    private let path: String
    private let namespace: MountNamespace
    private let operations: CounterFileOperations
    private let publisher: CachePublisher
    private let session: Session

    /// Opens the connection to the kernel, and mounts nothing yet.
    ///
    /// - Parameters:
    ///   - path: where the file is mounted, absolute and without symbolic links.
    ///   - namespace: which mount namespace that path is in.
    public init(
        service: GenerationService, path: String, in namespace: MountNamespace, access: DeviceAccess, time: Int
    ) throws(FrontendFailure) {
        self.path = path
        self.namespace = namespace
        let attributes = FileAttributes(
            permissions: access.permissions, userID: 0, groupID: access.groupID, size: CounterPage.size, time: time)
        do {
            publisher = try CachePublisher()
            operations = CounterFileOperations(service, attributes: attributes, publisher: publisher)
            session = try Session(
                file: operations, backingFile: service.page.file, connection: try Self.openConnection())
        } catch let failure as FrontendFailure {
            throw failure
        } catch {
            throw FrontendFailure("cannot prepare the counter file", because: error)
        }
    }

    public var mapping: Mapping { operations.isPassthrough ? .native : .readOnlyDescriptors }

    public var endDescriptor: CInt? { session.endDescriptor }

    public var threads: [Thread] { [session.servingThread, publisher.thread].compactMap(\.self) }

    public func start() throws(FrontendFailure) {
        do throws(SystemCallFailure) {
            try mount()
            // The kernel gives passthrough to the administrator only.
            try session.start(named: "counter-file", keeping: [.systemAdministration, .seeingAnyProcess])
        } catch {
            stop()
            throw FrontendFailure("cannot mount the counter file", because: error)
        }
        guard session.waitUntilConnected(milliseconds: 10_000) else {
            stop()
            throw FrontendFailure("the kernel ended the connection of \(path) at once: see the kernel's log")
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
        let path = path
        try? namespace.perform { Placeholder.uncover(path) }
        publisher.stop()
        session.stop()
    }

    private func mount() throws(SystemCallFailure) {
        let (path, connection) = (path, session.connection)
        try namespace.perform {
            Result { () throws(SystemCallFailure) in
                try Placeholder.create(at: path)
                try Mounts.mountFile(connection: connection, over: path)
            }
        }.get()
    }

    private static func openConnection() throws(FrontendFailure) -> OwnedDescriptor {
        do throws(SystemCallFailure) {
            return try openFile("/dev/fuse", .readWrite)
        } catch {
            switch error.errno {
            case .noSuchFileOrDirectory, .noSuchAddressOrDevice, .operationNotSupportedByDevice:
                throw FrontendFailure("/dev/fuse is missing: load the kernel's module with 'modprobe fuse'")
            case .permissionDenied, .notPermitted:
                throw FrontendFailure("/dev/fuse may not be opened: start sysgenidd as root")
            default:
                throw FrontendFailure("cannot reach the kernel", because: error)
            }
        }
    }
}
