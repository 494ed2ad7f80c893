import SysGenIDCore
public import SysGenIDSystem

/// A device that the kernel serves itself, and that nothing changes at a resume: it is triggered at each change of the
/// service's own, and followed where somebody else triggers it.
public final class KernelDevice: Frontend {
    public let name = "kernel"
    public let mapping: Mapping
    /// What there is to say of the device, a line each.
    public let remarks: [String]
    /// What it is, in a few words.
    public let phrase: String

    private let path: String
    private let namespace: MountNamespace
    private let driver: DeviceDriver
    private let thread = Lock<Thread?>(nil)

    /// Opens the device, and brings it to the service's generation where that is higher.
    ///
    /// - Parameters:
    ///   - path: of the device, absolute and without symbolic links.
    ///   - systemRoot: below which /sys is looked at.
    public init(
        service: GenerationService, path: String, in namespace: MountNamespace, systemRoot: String
    ) throws(FrontendFailure) {
        guard let device = try DrivenDevice.open(path, in: namespace, systemRoot: systemRoot) else {
            throw FrontendFailure(
                "\(path) does not answer as a System Generation ID device: this kernel has none of its own there, "
                    + "choose another --frontend")
        }
        guard Self.mayTrigger else {
            throw FrontendFailure("to trigger \(path) takes CAP_SYS_ADMIN: start sysgenidd as root")
        }
        self.path = path
        self.namespace = namespace
        let own = service.current
        let (generation, mapping) = try Self.generation(of: device, at: path, expecting: own)
        self.mapping = mapping
        phrase = device.server.phrase
        remarks = Self.remarks(on: device, at: path, generation, own)
        do throws(SystemCallFailure) {
            driver = try DeviceDriver(device, for: service)
        } catch {
            throw FrontendFailure("cannot prepare to drive \(path)", because: error)
        }
        service.drives(deviceAt: generation) { [weak driver] minimum in driver?.drive(atLeast: minimum) }
    }

    /// Whether the kernel has a device of its own at the path.
    ///
    /// - Throws: where it may have, and the device cannot be opened.
    public static func isAt(
        _ path: String, in namespace: MountNamespace, systemRoot: String
    ) throws(FrontendFailure) -> Bool {
        switch try DrivenDevice.open(path, in: namespace, systemRoot: systemRoot, servedBy: .kernel) {
        case .some: true
        case .none: false
        }
    }

    /// What could be driven at the path, in a few words.
    ///
    /// - Throws: where nothing could, and why.
    public static func phrase(
        at path: String, in namespace: MountNamespace, systemRoot: String
    ) throws(FrontendFailure) -> String {
        guard let device = try DrivenDevice.open(path, in: namespace, systemRoot: systemRoot) else {
            throw FrontendFailure("this kernel has no device of its own at \(path)")
        }
        return "\(device.server.phrase), by version \(device.versions.contains(.v8) ? 8 : 4) of the interface"
    }

    public var isReachable: Bool {
        let path = path
        let found = try? namespace.perform { try? Files.place(path) }
        return found.flatMap(\.self) == driver.device.place
    }

    /// A node is removed without a notice.
    public var placeDescriptor: CInt? { nil }

    public var endDescriptor: CInt? { thread.withLock { $0?.endDescriptor } }

    public var failure: String? { nil }

    public var threads: [Thread] { [thread.withLock(\.self)].compactMap(\.self) }

    /// How many open files of the device are outdated; nil where it does not tell.
    public var outdatedCount: Int? { driver.device.outdatedCount }

    public func start() throws(FrontendFailure) {
        do throws(SystemCallFailure) {
            let started = try Thread(named: "kernel-device", keeping: .systemAdministration) { [driver] in
                driver.follow()
            }
            thread.withLock { $0 = started }
        } catch {
            throw FrontendFailure("cannot drive \(path)", because: error)
        }
    }

    public func stop() {
        driver.stop()
        let running = thread.withLock { thread in
            defer { thread = nil }
            return thread
        }
        running?.join(interrupting: true)
    }

    private static var mayTrigger: Bool {
        // 0 is the calling thread.
        (try? Capabilities.effective(of: 0).contains(.systemAdministration)) ?? false
    }

    private static func generation(
        of device: borrowing DrivenDevice, at path: String, expecting own: Generation
    ) throws(FrontendFailure) -> (Generation, Mapping) {
        if let mapped = device.mappedGeneration { return (mapped, .native) }
        do throws(SystemCallFailure) {
            guard let asked = try device.askedGeneration(expecting: own) else {
                throw SystemCallFailure("mmap", path, .operationNotSupportedByDevice)
            }
            return (asked, .none)
        } catch {
            throw FrontendFailure("the generation of \(path) cannot be found out", because: error)
        }
    }

    private static func remarks(
        on device: borrowing DrivenDevice, at path: String, _ generation: Generation, _ own: Generation
    ) -> [String] {
        var remarks: [String] = []
        if device.server == .daemon {
            remarks.append("\(path) is served by another daemon: a resume that both notice is two changes of it")
        }
        if generation < own { remarks.append("\(path) was at generation \(generation), and is brought to \(own)") }
        return remarks
    }
}

extension DrivenDevice.Server {
    /// What it serves, in a few words.
    fileprivate var phrase: String {
        switch self {
        case .kernel: "the kernel's own device"
        case .daemon: "the device of another daemon"
        }
    }
}
