import Logging
import SysGenIDLog
import SysGenIDSystem

/// The overseer: everything put together, started and stopped.
enum OverseerDaemon {
    /// Oversees until the process is asked to end.
    ///
    /// - Returns: the exit code: 0 after SIGTERM or SIGINT, 1 where it could not begin or could not go on.
    static func run(_ configuration: Configuration) -> Int32 {
        ConsoleLog.run("sysgenid-overseerd", level: configuration.logLevel) { logger, log in
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
        }
    }
}
