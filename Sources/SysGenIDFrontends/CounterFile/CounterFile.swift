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
    /// Whether the file is mounted already, by a predecessor.
    private let isContinued: Bool

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
        self.path = path
        self.namespace = namespace
        isContinued = inheritance != nil
        do {
            publisher = try CachePublisher()
            operations = CounterFileOperations(
                service, access: access, time: time, publisher: publisher, continuing: inheritance)
            let connection = try Self.connection(handed)
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

    public var threads: [Thread] { [session.servingThread, publisher.thread].compactMap(\.self) }

    public func start() throws(FrontendFailure) {
        do throws(SystemCallFailure) {
            if !isContinued { try mount() }
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
        operations.service.dropPolls(over: connection)
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

    /// Whether a file of ours, be it dead, is on top of what is mounted at the path.
    public static func isMounted(at path: String, in namespace: MountNamespace) -> Bool {
        (try? namespace.perform { Mounts.isOurs(path) }) ?? false
    }

    /// Ends what a predecessor serves at the path, also for those who have it open.
    public static func abandon(_ path: String, in namespace: MountNamespace) {
        try? namespace.perform { if Mounts.isOurs(path) { Mounts.abort(path) } }
    }

    private static func connection(_ handed: consuming OwnedDescriptor?) throws(FrontendFailure) -> OwnedDescriptor {
        if let handed { return handed }
        return try openConnection()
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
