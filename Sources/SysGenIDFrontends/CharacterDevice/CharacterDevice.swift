import SysGenIDFuse
import SysGenIDSystem

/// The CUSE frontend: a character device with every operation but mmap, which the kernel's CUSE does not have.
public final class CharacterDevice: ServingFrontend {
    public let name = "cuse"
    public let mapping = Mapping.none

    private let deviceName: String
    private let path: String
    private let access: DeviceAccess
    private let service: GenerationService
    private let session: Session
    /// Whether the device is registered already, by a predecessor.
    private let isContinued: Bool
    /// What the node stands for. Known once the device is registered.
    private let number = Lock<DeviceNumber?>(nil)

    /// Opens the connection to the kernel, and registers nothing yet.
    ///
    /// - Parameters:
    ///   - path: where the kernel will make the node, below /dev.
    ///   - inheritance: what the predecessor of this frontend has left.
    ///   - handed: the connection of the predecessor.
    public init(
        service: GenerationService, path: String, access: DeviceAccess,
        continuing inheritance: Inheritance?, over handed: consuming OwnedDescriptor?
    ) throws(FrontendFailure) {
        guard let deviceName = Self.deviceName(for: path) else {
            throw FrontendFailure(
                "a character device cannot be at \(path): choose a --device right below /dev, or --frontend fuse")
        }
        self.deviceName = deviceName
        self.path = path
        self.access = access
        self.service = service
        isContinued = inheritance != nil
        do {
            let connection = try Self.connection(handed)
            session = try Session(
                characterDevice: CharacterDeviceOperations(service, .characterDevice, continuing: inheritance),
                named: deviceName, connection: connection, continuing: inheritance?.session(of: .characterDevice))
            if let inheritance {
                service.inheritPolls(inheritance.watchers, of: .characterDevice, connection: session.connection)
            }
        } catch let failure as FrontendFailure {
            throw failure
        } catch {
            throw FrontendFailure("cannot prepare the character device", because: error)
        }
    }

    public var kind: FrontendKind { .characterDevice }

    public var connection: CInt { session.connection }

    public var endDescriptor: CInt? { session.endDescriptor }

    public var failure: String? { session.failure?.description }

    public var isReachable: Bool {
        guard let place = try? Files.place(path), place.kind == .characterDevice else { return false }
        return place.device == number.withLock(\.self)
    }

    /// A node is removed without a notice.
    public var placeDescriptor: CInt? { nil }

    public var threads: [Thread] { [session.servingThread].compactMap(\.self) }

    public func start() throws(FrontendFailure) {
        if !isContinued { try checkThatNameIsFree() }
        do throws(SystemCallFailure) {
            try session.start(named: "char-device", keeping: .seeingAnyProcess)
        } catch {
            throw FrontendFailure("cannot serve the character device", because: error)
        }
        // The kernel accepts the handshake first and ends the connection where it cannot make the device.
        guard session.waitUntilConnected(milliseconds: 10_000), Files.exists(kernelEntry) else {
            stop()
            if let failure { throw FrontendFailure("cannot serve the character device: \(failure)") }
            throw FrontendFailure(
                "the kernel did not register the character device \(deviceName): "
                    + "its name or its number is taken, choose another --device")
        }
        number.withLock { $0 = Self.number(of: deviceName) }
        // The counter file may be mounted over the node by now.
        guard !isContinued else { return }
        do throws(SystemCallFailure) {
            try Files.setAccess(path, permissions: access.permissions, groupID: access.groupID)
        } catch {
            stop()
            throw FrontendFailure("the kernel made no node at \(path): is devtmpfs mounted on /dev?", because: error)
        }
    }

    public func stop() {
        session.stop()
        service.dropPolls(over: connection)
    }

    /// The kernel's name for a device whose node is at the path; nil where it makes no node there.
    static func deviceName(for path: String) -> String? {
        guard path.hasPrefix("/dev/"), case let name = path.dropFirst("/dev/".count), !name.isEmpty else { return nil }
        return name.contains("/") ? nil : String(name)
    }

    /// Whether the device whose node is at the path is registered.
    public static func isRegistered(at path: String) -> Bool {
        deviceName(for: path).map { Files.exists(kernelEntry(of: $0)) } ?? false
    }

    /// Whether the device is registered, and its node is at the path, or below a counter file there.
    public static func isReachable(at path: String) -> Bool {
        guard isRegistered(at: path), let place = try? Files.place(path) else { return false }
        return isNode(place, at: path) || Mounts.isOurs(path)
    }

    /// Whether what is at the path is the node of a device that the kernel's CUSE has registered under that name.
    static func isNode(_ place: Place, at path: String) -> Bool {
        guard place.kind == .characterDevice, let name = deviceName(for: path) else { return false }
        return number(of: name) == place.device
    }

    /// What the kernel says of a device of that name; nil where there is none.
    private static func number(of name: String) -> DeviceNumber? {
        (try? Files.read("\(kernelEntry(of: name))/dev", limit: 32)).flatMap {
            DeviceNumber(String(decoding: $0, as: UTF8.self))
        }
    }

    private static func kernelEntry(of name: String) -> String { "/sys/class/cuse/\(name)" }

    private var kernelEntry: String { Self.kernelEntry(of: deviceName) }

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

    private static func connection(_ handed: consuming OwnedDescriptor?) throws(FrontendFailure) -> OwnedDescriptor {
        if let handed { return handed }
        return try openConnection()
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
