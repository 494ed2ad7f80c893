internal import Glibc
import SysGenIDSystem

/// The system's page in the layout of a vmclock at a path of its own, where programs look for the hypervisor's.
public final class ClockMount: Sendable {
    private let service: GenerationService
    private let place: MountPoint
    private let mayCover: Bool

    /// - Parameters:
    ///   - path: absolute and without symbolic links.
    ///   - namespace: which mount namespace that path is in.
    ///   - mayCover: whether what is at the path may be covered, as the hypervisor's own.
    public init(of service: GenerationService, at path: String, in namespace: MountNamespace, mayCover: Bool) {
        self.service = service
        place = MountPoint(path: path, namespace: namespace)
        self.mayCover = mayCover
    }

    /// Mounts the page, unless a predecessor has.
    ///
    /// - Parameter directory: where the directory of devices is mounted.
    public func start(from directory: String) throws(FrontendFailure) {
        let mayCover = mayCover
        do {
            try place.mount { path in
                guard try !Mounts.areOurs(path) || !Self.isMounted(path, from: directory) else { return }
                _ = try StaleMounts.clear(path)
                try Self.check(path, mayCover: mayCover)
                try Placeholder.create(at: path)
                try Mounts.bind("\(directory)/\(DeviceNode.clockName)", over: path)
            }
        } catch {
            throw FrontendFailure("cannot show the page of a vmclock at \(place.path)", because: error)
        }
    }

    private static func isMounted(_ path: String, from directory: String) throws -> Bool {
        try Files.place(path).fileSystem == Files.place(directory).fileSystem
    }

    private static func check(_ path: String, mayCover: Bool) throws {
        guard Files.isNameTaken(path), !Placeholder.isThere(path) else { return }
        guard try Files.status(path).kind != .directory else { throw FrontendFailure("a directory is there") }
        guard mayCover else { throw FrontendFailure("another one is there, which takes --vmclock-cover to be covered") }
    }

    /// Takes the page away from the path. What was covered is there again.
    public func stop() {
        let path = place.path
        do throws(SystemCallFailure) {
            try place.namespace.perform {
                Result { () throws(SystemCallFailure) in try Placeholder.uncover(path) }
            }.get()
        } catch {
            service.report(.leftBehind(error))
        }
    }
}
