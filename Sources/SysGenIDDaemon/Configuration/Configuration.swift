internal import ArgumentParser
internal import Logging
internal import SysGenIDCore
internal import SysGenIDSystem

/// What the command line asks of the daemon, and what it is where that says nothing.
struct Configuration: Sendable {
    var frontend = FrontendChoice.auto
    /// The path of the device, as given.
    var device = "/dev/sysgenid"
    /// The mount namespace in which the counter file is mounted; nil is the daemon's own.
    var mountNamespace: String?
    /// The lower twelve bits of the device's mode.
    var permissions: UInt32 = 0o664
    /// The name or number of the device's group; nil is the usual one where it exists, and else root's.
    var group: String?
    var backend = BackendChoice.auto
    var backendFile: String?
    var systemRoot = "/"
    /// How often the backend looks without a reason, in milliseconds.
    var pollInterval: CInt = 100
    var runtimeDirectory = "/run/sysgenid"
    /// Where the devices of containers are; nil is below the runtime directory.
    var devicesDirectory: String?
    /// Where the page in the layout of a vmclock is besides, as given; nil is nowhere.
    var vmclock: String?
    /// Whether what is at that path may be covered.
    var coversVMClock = false
    /// How many containers can have a device; 0 where there is no directory of devices.
    var maxContainers = 4_096
    /// How often the device can be open at the same time.
    var maxWatchers = 65_536
    var logLevel = Logger.Level.info

    var limits: Limits { Limits(watchers: maxWatchers) }

    /// Whether anything but a program's request makes a change.
    var hasBackend: Bool { backend != .manual }

    /// The path of the device as it is found in the namespace: absolute, and without symbolic links.
    func devicePath(in namespace: MountNamespace) throws(SystemCallFailure) -> String {
        try Self.resolved(device, in: namespace)
    }

    /// The directory of devices as it is found in the namespace, in the same form.
    func devicesPath(in namespace: MountNamespace) throws(SystemCallFailure) -> String {
        try Self.resolved(devicesDirectory ?? "\(runtimeDirectory)/devices", in: namespace)
    }

    /// The path of the page in the layout of a vmclock as it is found in the namespace, in the same form.
    func vmclockPath(in namespace: MountNamespace) throws(SystemCallFailure) -> String? {
        guard let vmclock else { return nil }
        return try Self.resolved(vmclock, in: namespace)
    }

    private static func resolved(
        _ path: String, in namespace: MountNamespace
    ) throws(SystemCallFailure) -> String {
        try namespace.perform { Result { () throws(SystemCallFailure) in try Files.resolved(path) } }.get()
    }

    /// The group that is used where none is named.
    static let usualGroup = "sysgenid"
}

extension HostEntropy {
    init(_ configuration: Configuration) {
        self.init(systemRoot: configuration.systemRoot)
    }
}

/// The values of --frontend.
enum FrontendChoice: String, CaseIterable, Sendable, ExpressibleByArgument {
    case auto, both, cuse, fuse, kernel
}

/// The values of --backend.
enum BackendChoice: String, CaseIterable, Sendable, ExpressibleByArgument {
    case auto, acpi, devicetree
    case qemuFirmwareConfiguration = "qemu-fw-cfg"
    case vmclock
    case kernelLog = "kernel-log"
    case file, manual

    /// The names of those by which a resume can be noticed.
    static let noticing = allCases.filter { $0 != .auto && $0 != .manual }.map(\.rawValue)
}
