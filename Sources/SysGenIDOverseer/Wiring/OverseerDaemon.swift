import Logging
import SysGenIDLog
import SysGenIDSystem

/// The overseer: everything put together, started and stopped.
enum OverseerDaemon {
    private static let program = "sysgenid-overseerd"

    /// Oversees until the process is asked to end.
    ///
    /// - Returns: the exit code: 0 after SIGTERM or SIGINT, 1 where it could not begin or could not go on.
    static func run(_ configuration: Configuration) -> Int32 {
        let log: LogWriter
        do throws(SystemCallFailure) {
            log = try ConsoleLog.writer(for: program)
        } catch {
            StandardStream.error.write("\(program): error: \(error)\n")
            return 1
        }
        // Longer than any reader takes that reads at all, and shorter than a service manager waits for the end.
        defer { log.finish(within: 5_000) }
        let logger = ConsoleLog.logger(for: program, level: configuration.logLevel, to: log)
        do {
            // A log that nobody reads any more is no reason to end.
            let brokenPipe = Signal(rawValue: 13)
            let signals = try ReceivedSignals([.terminate, .interrupt, .childEnded, brokenPipe])
            try log.start()
            let manager = try ServiceManager()
            let passed = try SocketActivation.take()
            let record = try RecordFile(in: configuration.overseerDirectory)
            let server = try OverseerServer.open(configuration, passed)
            let overseer = try RunningOverseer(configuration, logger, manager, record, server)
            return overseer.run(until: signals)
        } catch {
            logger.error("\(error)")
            return 1
        }
    }
}
