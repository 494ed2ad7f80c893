import SysGenIDFuse
import SysGenIDSystem

/// The CUSE frontend: a character device with every operation but mmap, which the kernel's CUSE does not have.
public final class CharacterDevice: Frontend {
    public let name = "cuse"
    public let mapping = Mapping.none

    private let deviceName: String
    private let path: String
    private let access: DeviceAccess
    private let session: Session

    /// Opens the connection to the kernel, and registers nothing yet.
    ///
    /// - Parameter path: where the kernel will make the node, below /dev.
    public init(service: GenerationService, path: String, access: DeviceAccess) throws(FrontendFailure) {
        guard let deviceName = Self.deviceName(for: path) else {
            throw FrontendFailure(
                "a character device cannot be at \(path): choose a --device right below /dev, or --frontend fuse")
        }
        self.deviceName = deviceName
        self.path = path
        self.access = access
        do {
            session = try Session(
                characterDevice: CharacterDeviceOperations(service), named: deviceName,
                connection: try Self.openConnection())
        } catch let failure as FrontendFailure {
            throw failure
        } catch {
            throw FrontendFailure("cannot prepare the character device", because: error)
        }
    }

    public var endDescriptor: CInt? { session.endDescriptor }

    public var threads: [Thread] { [session.servingThread].compactMap(\.self) }

    public func start() throws(FrontendFailure) {
        try checkThatNameIsFree()
        do throws(SystemCallFailure) {
            try session.start(named: "char-device", keeping: .seeingAnyProcess)
        } catch {
            throw FrontendFailure("cannot serve the character device", because: error)
        }
        // The kernel accepts the handshake first and ends the connection where it cannot make the device.
        guard session.waitUntilConnected(milliseconds: 10_000), Files.exists(kernelEntry) else {
            stop()
            throw FrontendFailure(
                "the kernel did not register the character device \(deviceName): "
                    + "its name or its number is taken, choose another --device")
        }
        do throws(SystemCallFailure) {
            try Files.setAccess(path, permissions: access.permissions, groupID: access.groupID)
        } catch {
            stop()
            throw FrontendFailure("the kernel made no node at \(path): is devtmpfs mounted on /dev?", because: error)
        }
    }

    public func stop() {
        session.stop()
    }

    /// The kernel's name for a device whose node is at the path; nil where it makes no node there.
    static func deviceName(for path: String) -> String? {
        guard path.hasPrefix("/dev/"), case let name = path.dropFirst("/dev/".count), !name.isEmpty else { return nil }
        return name.contains("/") ? nil : String(name)
    }

    private var kernelEntry: String { "/sys/class/cuse/\(deviceName)" }

    private func checkThatNameIsFree() throws(FrontendFailure) {
        guard !Files.exists(kernelEntry) else {
            throw FrontendFailure(
                "the character device \(deviceName) is registered by another daemon: "
                    + "stop that one, or choose another --device")
        }
        guard !Files.exists(path) else {
            throw FrontendFailure(
                "\(path) is in the way of the character device: remove it, or choose --frontend fuse")
        }
    }

    private static func openConnection() throws(FrontendFailure) -> OwnedDescriptor {
        do throws(SystemCallFailure) {
            return try openFile("/dev/cuse", .readWrite)
        } catch {
            switch error.errno {
            case .noSuchFileOrDirectory, .noSuchAddressOrDevice, .operationNotSupportedByDevice:
                throw FrontendFailure(
                    "/dev/cuse is missing: load the kernel's module with 'modprobe cuse', or choose --frontend fuse")
            case .permissionDenied, .notPermitted:
                throw FrontendFailure("/dev/cuse may not be opened: start sysgenidd as root")
            default:
                throw FrontendFailure("cannot reach the kernel", because: error)
            }
        }
    }
}
