public import ArgumentParser
internal import Logging
internal import SysGenIDFuse
internal import SysGenIDLog
internal import SysGenIDSystem

/// The command line of `sysgenidd`.
public struct DaemonCommand: ParsableCommand {
    public static let configuration = CommandConfiguration(
        commandName: "sysgenidd",
        abstract: "Serves /dev/sysgenid, the System Generation ID device.",
        discussion: """
            Programs learn through the device that this system was resumed from a snapshot, cloned or rolled \
            back, and renew what has to be unique. The daemon stays in the foreground and ends on SIGTERM or \
            SIGINT, leaving nothing mounted.
            """,
        version: "\(Release.version) (libfuse \(Library.version))")

    private static let usual = Configuration()

    @Option(
        help: """
            How programs see the device: a character device (cuse), a mappable file (fuse), both, or the kernel's own \
            device, which is driven and not served (kernel).
            """)
    var frontend = usual.frontend

    @Option(help: ArgumentHelp("Where the device is.", valueName: "path"))
    var device = usual.device

    @Option(
        help: ArgumentHelp(
            "The mount namespace that gets the device, as /proc/1/ns/mnt. (default: the daemon's own)",
            valueName: "path"))
    var mountNamespace: String?

    @Option(help: ArgumentHelp("The mode of the device, in octal.", valueName: "mode"))
    var mode = OctalMode(permissions: usual.permissions)

    @Option(
        help: ArgumentHelp(
            "The group of the device. Its members may acknowledge. (default: sysgenid, or root where there is none)",
            valueName: "group"))
    var group: String?

    @Option(help: "What tells that the system was resumed.")
    var backend = usual.backend

    @Option(
        help: ArgumentHelp(
            "With the backend 'file': a file of 16 bytes, or with a UUID, whose change is a resume.",
            valueName: "path"))
    var backendFile: String?

    @Option(
        help: ArgumentHelp("Read /sys, /proc and the firmware's files below this directory.", valueName: "directory"))
    var systemRoot = usual.systemRoot

    @Option(
        help: ArgumentHelp(
            "How often to look for a resume when nothing gives reason to, 10 to 60000.", valueName: "milliseconds"))
    var pollInterval = usual.pollInterval

    @Option(
        help: ArgumentHelp("Where the state is kept and the attributes are published.", valueName: "directory"))
    var runtimeDir = usual.runtimeDirectory

    @Option(
        help: ArgumentHelp("How often the device can be open at the same time, 1 to 1000000.", valueName: "number"))
    var maxWatchers = usual.maxWatchers

    @Option(
        help: ArgumentHelp(
            "Where the directory with the devices of containers is mounted. (default: devices in --runtime-dir)",
            valueName: "directory"))
    var devicesDir: String?

    @Option(
        help: ArgumentHelp(
            "How many containers can have a device of their own, 0 to 32768; with 0 there is no such directory.",
            valueName: "number"))
    var maxContainers = usual.maxContainers

    @Option(
        help: ArgumentHelp(
            "Where programs find the generation in the layout of a vmclock, besides the directory of devices.",
            valueName: "path"))
    var vmclock: String?

    @Flag(
        help: "With --vmclock: cover what is there, as the hypervisor's own, which the backend goes on to read.")
    var vmclockCover = false

    @Option(
        help: "The least severe messages to write: trace, debug, info, notice, warning, error or critical.")
    var logLevel = LogLevel(level: usual.logLevel)

    @Flag(help: "Say what this machine offers and what would be chosen, and serve nothing.")
    var check = false

    @Flag(help: "With --check: say it as JSON, one object on one line.")
    var json = false

    public init() {}

    public func validate() throws {
        if let defect = asked.defect { throw ValidationError(defect) }
        guard check || !json else {
            throw ValidationError("--json goes with --check")
        }
    }

    public func run() throws {
        throw ExitCode(check ? Survey(asked).printReport(asJSON: json) : Daemon.run(asked))
    }

    /// What the options ask for together.
    var asked: Configuration {
        Configuration(
            frontend: frontend, device: device, mountNamespace: mountNamespace, permissions: mode.permissions,
            group: group, backend: backend, backendFile: backendFile, systemRoot: systemRoot,
            pollInterval: pollInterval, runtimeDirectory: runtimeDir, devicesDirectory: devicesDir, vmclock: vmclock,
            coversVMClock: vmclockCover, maxContainers: maxContainers, maxWatchers: maxWatchers,
            logLevel: logLevel.level)
    }

    /// Reads the program's command line, and does what it says. One that says nothing but how to serve takes the argument
    /// library longer than all else until clients are served, and comes at each start: so it is read without that.
    public static func start() {
        let arguments = Array(CommandLine.arguments.dropFirst())
        guard let configuration = Configuration(plainArguments: arguments) else { return main(arguments) }
        exit(withError: ExitCode(Daemon.run(configuration)))
    }
}
