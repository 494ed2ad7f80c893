internal import Logging
internal import SysGenIDBackends
internal import SysGenIDCore
internal import SysGenIDFrontends
internal import SysGenIDLog
internal import SysGenIDSystem

/// The daemon: everything put together, started and stopped in the right order.
enum Daemon {
    /// Serves until the process is asked to end.
    ///
    /// - Returns: the exit code: 0 after SIGTERM, SIGINT or SIGUSR1, 1 where it could not serve or could not go on.
    static func run(_ configuration: Configuration) -> Int32 {
        ConsoleLog.run("sysgenidd", level: configuration.logLevel) { logger, log in
            let signals = try ProcessSignals()
            try Thread.installWakeHandler()
            Confinement.begin(logger)
            let manager = try ServiceManager()
            let passed = DescriptorStore.takePassed(Takeover.names)
            var report = ServiceReport(to: manager, logger)
            let isLocked = lockMemory(logger)
            try log.start()
            let running = try RunningDaemon(configuration, logger, manager, passed)
            report.ready(running.facts)
            running.completeStart()
            // It takes longer than all of the start before.
            if isLocked { OwnProcess.touchProgram() }
            let ending = running.serve(until: signals, reportingTo: &report)
            report.stopping()
            let code: Int32 = if case .asked = ending { 0 } else { 1 }
            switch ending {
            case .asked(.handOver), .failed, .placeLost:
                // Clients wait for the successor meanwhile.
                running.handOver(exitingWith: code) { log.finish(within: 1_000) }
            case .asked, .connectionEnded: break
            }
            running.stop()
            return code
        }
    }

    /// - Returns: whether it is locked.
    private static func lockMemory(_ logger: Logger) -> Bool {
        do throws(SystemCallFailure) {
            guard try OwnProcess.lockMemory() else { return false }
            logger.info("the memory of the daemon is locked")
            return true
        } catch {
            logger.warning("the memory of the daemon is not locked: \(error)")
            return false
        }
    }
}
