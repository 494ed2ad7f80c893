internal import SysGenIDSystem

/// The program that changes the generation, and lets the system go on only when all tracked watchers have readjusted.
///
/// Whoever snapshots a system brings it to rest first, triggers when it was resumed, waits, and then puts it into service.
/// Each operation opens the device anew, so that the overseer is never waited for itself.
public struct Overseer: Hashable, Sendable {
    /// Where the device is.
    public var path: String

    public init(path: String = SystemGenerationDevice.defaultPath) {
        self.path = path
    }

    /// Makes a new generation: the larger of `minimum` and the successor of the current one, 1 after 2³²−1. See
    /// `SYSGENID_TRIGGER_GEN_UPDATE`.
    ///
    /// - Returns: the generation after the change; a later one where another change came at once.
    /// - Throws: `DeviceFailure` with the reason `notPermitted` without CAP_CHECKPOINT_RESTORE and CAP_SYS_ADMIN in the
    ///   user namespace of the daemon; `notFound`, `notTheDevice`, `gone`.
    public func trigger(minimum: UInt32 = 0) throws(DeviceFailure) -> Generation {
        let device = try SystemGenerationDevice(path: path, isBlocking: false)
        try device.trigger(minimum: minimum)
        return try device.read()
    }

    /// How many watchers are outdated, tracked or not. See `SYSGENID_GET_OUTDATED_WATCHERS`.
    ///
    /// - Throws: `DeviceFailure` with the reason `unsupported`, `notFound`, `notTheDevice`, `gone`.
    public func outdatedCount() throws(DeviceFailure) -> Int {
        try SystemGenerationDevice(path: path, isBlocking: false).outdatedCount()
    }

    /// Waits on the calling thread until every tracked watcher has acknowledged the current generation. See
    /// `SYSGENID_WAIT_WATCHERS`.
    ///
    /// A change that comes meanwhile begins the wait anew, for the watchers must readjust to that one too; the time that
    /// is allowed runs on. A signal does not end it.
    ///
    /// - Parameter timeoutMilliseconds: how long to wait at most; 0 looks at once, nil is for ever.
    /// - Throws: `DeviceFailure` with the reason `timedOut` (`ETIME`); `gone` where the daemon has ended, since its
    ///   successor knows nothing of the watchers that there were; `notFound`, `notTheDevice`, `unsupported`.
    public func waitForWatchers(timeoutMilliseconds: UInt32? = nil) throws(DeviceFailure) {
        let pause = Pause(milliseconds: timeoutMilliseconds)
        while try !waitOnce(atMost: pause.remaining) {
            guard pause.isOver else { continue }
            throw DeviceFailure(.waitForWatchers, SystemCallFailure("ioctl", path, .timeout))
        }
    }

    /// The same for asynchronous code: a thread of its own waits.
    ///
    /// - Throws: as `waitForWatchers`; `CancellationError` where the task is cancelled, a quarter of a second later at most.
    public func watchersReadjust(withinMilliseconds timeout: UInt32? = nil) async throws {
        let pause = Pause(milliseconds: timeout)
        while true {
            try Task.checkCancellation()
            let part = min(pause.remaining ?? .max, 250)
            let result = try await onOwnThread { () throws(DeviceFailure) in
                try waitForWatchers(timeoutMilliseconds: part)
            }
            switch result {
            case .success: return
            case .failure(let failure) where failure.reason == .timedOut && !pause.isOver: continue
            case .failure(let failure): throw failure
            }
        }
    }

    /// - Returns: false where the wait has to begin anew.
    private func waitOnce(atMost milliseconds: UInt32?) throws(DeviceFailure) -> Bool {
        // A new watcher is up to date, and not tracked, so that it is no one that is waited for.
        let device = try SystemGenerationDevice(path: path, isBlocking: false)
        do {
            try device.waitForWatchers(timeoutMilliseconds: milliseconds)
            return true
        } catch let error where error.reason == .callerOutdated || error.reason == .interrupted {
            return false
        }
    }

    private func onOwnThread(
        _ body: @escaping @Sendable () throws(DeviceFailure) -> Void
    ) async throws -> Result<Void, DeviceFailure> {
        try await withCheckedThrowingContinuation { continuation in
            do throws(SystemCallFailure) {
                _ = try Thread(named: "sysgenid-wait") {
                    do throws(DeviceFailure) {
                        try body()
                        continuation.resume(returning: .success(()))
                    } catch {
                        continuation.resume(returning: .failure(error))
                    }
                }
            } catch {
                continuation.resume(throwing: DeviceFailure(.waitForWatchers, error))
            }
        }
    }
}
