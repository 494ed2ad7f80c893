public import SysGenIDSystem

/// An operation on the device that failed: what was tried, why it failed, and what the kernel said.
public struct DeviceFailure: Error, Hashable, Sendable, CustomStringConvertible {
    public enum Operation: Hashable, Sendable, CaseIterable {
        case open, read, acknowledge, waitForChange, map
        case setTracking, waitForWatchers, trigger, countOutdated
    }

    public enum Reason: Hashable, Sendable, CaseIterable {
        /// There is nothing at the path.
        case notFound
        /// The file's mode, or the capabilities of the process, do not allow it.
        case notPermitted
        /// What is at the path is something else.
        case notTheDevice
        /// The device is no longer served, or not yet.
        case gone
        /// The device cannot be mapped, as the character device of the kernel's CUSE.
        case unmappable
        /// The device does not know this request.
        case unsupported
        /// There is nothing to read, since the watcher is up to date.
        case upToDate
        /// The generation is no longer the current one.
        case notCurrent
        /// The watcher that waits for others is outdated itself.
        case callerOutdated
        /// Watchers were still outdated when the time was over.
        case timedOut
        /// A signal came.
        case interrupted
        /// What the kernel said is all that is known.
        case other
    }

    public var operation: Operation
    public var reason: Reason
    public var cause: SystemCallFailure

    /// Finds the reason for what the kernel said to the operation.
    public init(_ operation: Operation, _ cause: SystemCallFailure) {
        self.operation = operation
        self.cause = cause
        reason = Self.reason(operation, cause) ?? .other
    }

    /// The same failure for a reason that is better known.
    init(_ reason: Reason, _ failure: DeviceFailure) {
        self = failure
        self.reason = reason
    }

    public var description: String { "\(cause) (\(reason))" }

    private static func reason(_ operation: Operation, _ cause: SystemCallFailure) -> Reason? {
        switch (operation, cause.errno) {
        // What a connection to the daemon answers when it was ended or broken.
        case (_, .socketNotConnected), (_, .connectionAbort), (_, .socketShutdown), (_, .noSuchAddressOrDevice):
            .gone
        case (.map, _): .unmappable
        case (_, .operationNotSupportedByDevice): .gone
        case (.open, .noSuchFileOrDirectory), (.open, .notDirectory): .notFound
        case (.open, .isDirectory): .notTheDevice
        case (_, .permissionDenied), (_, .notPermitted), (_, .readOnlyFileSystem): .notPermitted
        case (.acknowledge, .badFileDescriptor): .notPermitted
        // The descriptor is open, so it is the daemon that does not know the watcher.
        case (_, .badFileDescriptor): .gone
        case (.acknowledge, .invalidArgument): .notCurrent
        case (.read, .wouldBlock): .upToDate
        case (.waitForWatchers, .timeout): .timedOut
        case (_, .interrupted): .interrupted
        case (_, .inappropriateIOCTLForDevice), (_, .noFunction), (_, .invalidArgument):
            operation.isRequest ? .unsupported : nil
        default: nil
        }
    }
}

extension DeviceFailure.Operation {
    fileprivate var isRequest: Bool {
        switch self {
        case .setTracking, .waitForWatchers, .trigger, .countOutdated: true
        case .open, .read, .acknowledge, .waitForChange, .map: false
        }
    }
}

/// Adds to a system call's failure what it means for the operation.
func performing<Value: ~Copyable>(
    _ operation: DeviceFailure.Operation, _ body: () throws(SystemCallFailure) -> Value
) throws(DeviceFailure) -> Value {
    do {
        return try body()
    } catch {
        throw DeviceFailure(operation, error)
    }
}
