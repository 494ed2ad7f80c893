public import ArgumentParser
internal import Logging
internal import SysGenIDCore
internal import SysGenIDFuse
internal import SysGenIDLog
internal import SysGenIDSystem

/// The command line of `sysgenidd`.
public struct DaemonCommand: ParsableCommand {
    static let description = CommandConfiguration(
        commandName: "sysgenidd",
        abstract: "Serves /dev/sysgenid, the System Generation ID device.",
        discussion: """
            Programs learn through the device that this system was resumed from a snapshot, cloned or rolled \
            back, and renew what has to be unique. The daemon stays in the foreground and ends on SIGTERM or \
            SIGINT, leaving nothing mounted.
            """,
        version: "\(Release.version) (libfuse \(Library.version))")

    @Option(
        name: .customLong("frontend"),
        help: """
            How programs see the device: a character device (cuse), a mappable file (fuse), both, or the kernel's own \
            device, which is driven and not served (kernel).
            """)
    var frontend = FrontendChoice.auto

    @Option(name: .customLong("device"), help: ArgumentHelp("Where the device is.", valueName: "path"))
    var device = "/dev/sysgenid"

    @Option(
        name: .customLong("mount-namespace"),
        help: ArgumentHelp(
            "The mount namespace that gets the device, as /proc/1/ns/mnt. (default: the daemon's own)",
            valueName: "path"))
    var mountNamespace: String?

    @Option(name: .customLong("mode"), help: ArgumentHelp("The mode of the device, in octal.", valueName: "mode"))
    var mode = OctalMode(permissions: 0o664)

    @Option(
        name: .customLong("group"),
        help: ArgumentHelp(
            "The group of the device. Its members may acknowledge. (default: sysgenid, or root where there is none)",
            valueName: "group"))
    var group: String?

    @Option(name: .customLong("backend"), help: "What tells that the system was resumed.")
    var backend = BackendChoice.auto

    @Option(
        name: .customLong("backend-file"),
        help: ArgumentHelp(
            "With the backend 'file': a file of 16 bytes, or with a UUID, whose change is a resume.",
            valueName: "path"))
    var backendFile: String?

    @Option(
        name: .customLong("system-root"),
        help: ArgumentHelp("Read /sys, /proc and the firmware's files below this directory.", valueName: "directory"))
    var systemRoot = "/"

    @Option(
        name: .customLong("poll-interval"),
        help: ArgumentHelp(
            "How often to look for a resume when nothing gives reason to, 10 to 60000.", valueName: "milliseconds"))
    var pollInterval = Milliseconds(100)

    @Option(
        name: .customLong("runtime-dir"),
        help: ArgumentHelp("Where the state is kept and the attributes are published.", valueName: "directory"))
    var runtimeDir = "/run/sysgenid"

    @Option(
        name: .customLong("max-watchers"),
        help: ArgumentHelp("How often the device can be open at the same time, 1 to 1000000.", valueName: "number"))
    var maxWatchers = Count(65_536)

    @Option(
        name: .customLong("devices-dir"),
        help: ArgumentHelp(
            "Where the directory with the devices of containers is mounted. (default: devices in --runtime-dir)",
            valueName: "directory"))
    var devicesDir: String?

    @Option(
        name: .customLong("max-containers"),
        help: ArgumentHelp(
            "How many containers can have a device of their own, 0 to 32768; with 0 there is no such directory.",
            valueName: "number"))
    var maxContainers = Count(4_096)

    @Option(
        name: .customLong("vmclock"),
        help: ArgumentHelp(
            "Where programs find the generation in the layout of a vmclock, besides the directory of devices.",
            valueName: "path"))
    var vmclock: String?

    @Flag(
        name: .customLong("vmclock-cover"),
        help: "With --vmclock: cover what is there, as the hypervisor's own, which the backend goes on to read.")
    var vmclockCover = false

    @Option(
        name: .customLong("log-level"),
        help: "The least severe messages to write: trace, debug, info, notice, warning, error or critical.")
    var logLevel = LogLevel(level: .info)

    @Flag(name: .customLong("check"), help: "Say what this machine offers and what would be chosen, and serve nothing.")
    var check = false

    @Flag(name: .customLong("json"), help: "With --check: say it as JSON, one object on one line.")
    var json = false

    public init() {}

    public func validate() throws {
        guard backend != .file || backendFile != nil else {
            throw ValidationError("--backend file needs --backend-file PATH, the file to watch")
        }
        guard backendFile == nil || backend == .file || backend == .auto else {
            throw ValidationError("--backend-file is used by --backend file only, not by \(backend.rawValue)")
        }
        guard check || !json else {
            throw ValidationError("--json goes with --check")
        }
        guard (10...60_000).contains(pollInterval.value) else {
            throw ValidationError("--poll-interval \(pollInterval.value) is not from 10 to 60000")
        }
        guard (1...1_000_000).contains(maxWatchers.value) else {
            throw ValidationError("--max-watchers \(maxWatchers.value) is not from 1 to 1000000")
        }
        guard (0...32_768).contains(maxContainers.value) else {
            throw ValidationError("--max-containers \(maxContainers.value) is not from 0 to 32768")
        }
        guard vmclock != nil || !vmclockCover else {
            throw ValidationError("--vmclock-cover goes with --vmclock")
        }
        let paths = [
            ("--device", device), ("--runtime-dir", runtimeDir), ("--devices-dir", devicesDir ?? runtimeDir),
            ("--vmclock", vmclock ?? device),
        ]
        for (name, value) in paths where value.isEmpty {
            throw ValidationError("\(name) needs a path")
        }
    }

    public func run() throws {
        let configuration = Configuration(
            frontend: frontend, device: device, mountNamespace: mountNamespace, permissions: mode.permissions,
            group: group, backend: backend, backendFile: backendFile, systemRoot: systemRoot,
            pollInterval: pollInterval.value, runtimeDirectory: runtimeDir, devicesDirectory: devicesDir,
            vmclock: vmclock, coversVMClock: vmclockCover, maxContainers: maxContainers.value,
            limits: Limits(watchers: maxWatchers.value), logLevel: logLevel.level)
        throw ExitCode(check ? Survey(configuration).printReport(asJSON: json) : Daemon.run(configuration))
    }
}

// The argument library finds the options by reflection, which looks for the type of each by its mangled name, and makes
// names of options of the properties' names: more than half of what it does at a start. So both are written down here.
extension DaemonCommand: CustomReflectable {
    public var customMirror: Mirror {
        let options: [Mirror.Child] = [
            ("_frontend", _frontend),
            ("_device", _device),
            ("_mountNamespace", _mountNamespace),
            ("_mode", _mode),
            ("_group", _group),
            ("_backend", _backend),
            ("_backendFile", _backendFile),
            ("_systemRoot", _systemRoot),
            ("_pollInterval", _pollInterval),
            ("_runtimeDir", _runtimeDir),
            ("_maxWatchers", _maxWatchers),
            ("_devicesDir", _devicesDir),
            ("_maxContainers", _maxContainers),
            ("_vmclock", _vmclock),
            ("_vmclockCover", _vmclockCover),
            ("_logLevel", _logLevel),
            ("_check", _check),
            ("_json", _json),
        ]
        return Mirror(self, children: options)
    }
}
