public import ArgumentParser
import SysGenIDSystem

/// The command line of `sysgenidctl`.
public struct ControlCommand: ParsableCommand {
    public static let configuration = CommandConfiguration(
        commandName: "sysgenidctl",
        abstract: "Look at the System Generation ID of this system, wait for its changes, or cause one.",
        discussion: """
            The generation is a counter that changes each time the system is resumed from a snapshot, cloned or \
            rolled back. Programs watch it through a device that sysgenidd serves; each open file of the device \
            is a watcher. A watcher is outdated from a change of the generation until it acknowledges the new one.

            Options may stand before or after the subcommand. With --json each result is one JSON object on one \
            line; what is not known is null. Failures are one line on the standard error in either case.

            ENVIRONMENT
              SYSGENID_RUNTIME_DIR  where sysgenidd publishes (default: /run/sysgenid)
              SYSGENID_DEVICES_DIR  containers' devices (default: /run/sysgenid/devices)

            EXIT STATUS
              0   done
              1   failed
              3   timed out
              4   not permitted
              64  wrong usage
              126, 127, or that of the program: see run
            """,
        version: Release.version,
        subcommands: [
            StatusCommand.self, WatchCommand.self, TriggerCommand.self, WaitCommand.self, ProbeCommand.self,
            RunCommand.self, ContainerCommand.self, OpenSSLCommand.self, QuiesceCommand.self, ReadyCommand.self,
            AnnounceCommand.self,
        ])

    @OptionGroup var options: GlobalOptions

    public init() {}

    /// Runs the program with the arguments of the process, and ends it.
    public static func main() {
        do {
            var command = try parseAsRoot()
            try command.run()
        } catch let failure as CommandFailure {
            Output.report(failure)
            exit(withError: ExitCode(failure.status.rawValue))
        } catch {
            exit(withError: error)
        }
    }
}
