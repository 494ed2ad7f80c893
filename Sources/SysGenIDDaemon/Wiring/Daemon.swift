internal import Logging
internal import SysGenIDBackends
internal import SysGenIDCore
internal import SysGenIDFrontends
internal import SysGenIDSystem

/// The daemon: everything put together, started and stopped in the right order.
enum Daemon {
    /// Serves until the process is asked to end.
    ///
    /// - Returns: the exit code: 0 after SIGTERM, SIGINT or SIGUSR1, 1 where it could not serve or could not go on.
    static func run(_ configuration: Configuration) -> Int32 {
        let logger = Logger(label: "sysgenidd") { _ in ConsoleLog(level: configuration.logLevel) }
        do {
            let signals = try TerminationSignals()
            try Thread.installWakeHandler()
            let manager = ServiceManager()
            let passed = DescriptorStore.takePassed(Takeover.names)
            let running = try RunningDaemon(configuration, logger, manager, passed)
            manager?.notify("READY=1", "STATUS=\(running.summary)")
            let wish = running.serve(until: signals)
            manager?.notify("STOPPING=1")
            if wish == .handOver { running.handOver() }
            running.stop()
            return wish == nil ? 1 : 0
        } catch {
            logger.error("\(error)")
            return 1
        }
    }
}
