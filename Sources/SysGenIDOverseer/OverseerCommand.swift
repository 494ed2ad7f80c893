public import ArgumentParser
import Logging
import SysGenIDLog
import SysGenIDSystem

/// The command line of `sysgenid-overseerd`.
public struct OverseerCommand: ParsableCommand {
    public static let configuration = CommandConfiguration(
        commandName: "sysgenid-overseerd",
        abstract: "Runs hooks when the system was resumed, and tells when it is ready.",
        discussion: """
            At each change of the generation it runs the hooks of 'changed', waits until all tracked watchers have \
            readjusted, and runs the hooks of 'ready'; where anything fails, those of 'failed'. It stays in the \
            foreground and ends on SIGTERM or SIGINT.
            """,
        version: Release.version)

    @Option(help: ArgumentHelp("Where the device is.", valueName: "path"))
    var device = "/dev/sysgenid"

    @Option(help: ArgumentHelp("Where sysgenidd publishes.", valueName: "directory"))
    var runtimeDir = "/run/sysgenid"

    @Option(help: ArgumentHelp("Where the record for a restart is kept.", valueName: "directory"))
    var overseerDir = "/run/sysgenid-overseer"

    @Option(
        help: ArgumentHelp(
            """
            A directory that has one with hooks for each phase; may be given more than once, the first one that has a name \
            decides. (default: /etc/sysgenid/hooks.d, /usr/lib/sysgenid/hooks.d)
            """, valueName: "directory"))
    var hooksDir: [String] = []

    @Option(help: ArgumentHelp("How long a phase may take, 1 to 3600000.", valueName: "milliseconds"))
    var deadline: UInt32 = 10_000

    @Option(
        help: ArgumentHelp(
            "How long sysgenidd is given to see a resume that a host announces, 0 to 60000.", valueName: "milliseconds")
    )
    var backendGrace: UInt32 = 1_000

    @Option(
        help: ArgumentHelp(
            """
            Where callers connect, where the service manager has made no socket. (default: org.sysgenid.Overseer in \
            the runtime directory)
            """, valueName: "path"))
    var socket: String?

    @Flag(help: "Let the host connect, too: at port 947 of vsock, where the service manager has made no socket.")
    var vsock = false

    @Option(
        help: ArgumentHelp("The only context of vsock that is served, 2 for the host.", valueName: "number"))
    var hostCid: UInt32 = SocketAddress.hostContext

    @Option(help: "The least severe messages to write: trace, debug, info, notice, warning, error or critical.")
    var logLevel = LogLevel(level: .info)

    public init() {}

    public func validate() throws {
        guard (1...3_600_000).contains(deadline) else {
            throw ValidationError("--deadline \(deadline) is not from 1 to 3600000")
        }
        guard backendGrace <= 60_000 else {
            throw ValidationError("--backend-grace \(backendGrace) is not from 0 to 60000")
        }
        let paths = [
            ("--device", device), ("--runtime-dir", runtimeDir), ("--overseer-dir", overseerDir),
            ("--socket", socket ?? device),
        ]
        for (name, value) in paths + hooksDir.map({ ("--hooks-dir", $0) }) where value.isEmpty {
            throw ValidationError("\(name) needs a path")
        }
    }

    public func run() throws {
        var configuration = Configuration(
            device: device, runtimeDirectory: runtimeDir, overseerDirectory: overseerDir, logLevel: logLevel.level)
        if !hooksDir.isEmpty { configuration.hooksDirectories = hooksDir }
        configuration.socket = socket
        configuration.listensToHost = vsock
        configuration.hostContext = hostCid
        configuration.settings.backendGrace = UInt64(backendGrace) * 1_000_000
        configuration.settings.deadline = UInt64(deadline) * 1_000_000
        throw ExitCode(OverseerDaemon.run(configuration))
    }
}
