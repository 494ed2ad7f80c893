public import SysGenIDSystem

/// Something that was to be done to containers' devices, and failed: what was tried, why it failed, and what the kernel
/// said.
public struct ContainerFailure: Error, Hashable, Sendable, CustomStringConvertible {
    public enum Operation: Hashable, Sendable, CaseIterable {
        case find, list, make, remove
        case setMinimum, setOwner
    }

    public enum Reason: Hashable, Sendable, CaseIterable {
        /// No daemon serves containers' devices there.
        case notServed
        /// There is no container of the name.
        case notFound
        /// There is one of the name already.
        case exists
        /// The process is not root in the user namespace of the daemon.
        case notPermitted
        /// The daemon does not take the name.
        case invalidName
        /// There are as many as the daemon takes.
        case full
        /// What the kernel said is all that is known.
        case other
    }

    public var operation: Operation
    public var reason: Reason
    public var cause: SystemCallFailure

    /// Finds the reason for what the kernel said to the operation.
    ///
    /// - Parameters:
    ///   - operation: what was tried.
    ///   - cause: what the kernel said.
    ///   - isServed: whether there is something that has the devices of containers.
    public init(_ operation: Operation, _ cause: SystemCallFailure, isServed: Bool) {
        self.operation = operation
        self.cause = cause
        reason = isServed ? Self.reason(operation, cause) ?? .other : .notServed
    }

    public var description: String { "\(cause) (\(reason))" }

    private static func reason(_ operation: Operation, _ cause: SystemCallFailure) -> Reason? {
        switch (operation, cause.errno) {
        // What a connection to the daemon answers when it was ended or broken.
        case (_, .socketNotConnected), (_, .connectionAbort), (_, .socketShutdown): .notServed
        case (.list, .noSuchFileOrDirectory), (.list, .notDirectory): .notServed
        case (_, .noSuchFileOrDirectory), (_, .notDirectory): .notFound
        case (_, .permissionDenied), (_, .notPermitted): .notPermitted
        case (.make, .fileExists): .exists
        case (.make, .invalidArgument): .invalidName
        case (.make, .noSpace): .full
        default: nil
        }
    }
}
