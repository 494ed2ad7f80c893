public import SysGenIDSystem

/// What was done to the kernel's random pool for a change, before anyone could learn of it.
public struct Reseed: Hashable, Sendable {
    /// Why nothing of the host's went into it but the identity; nil where enough did.
    public var hostEntropyMissing: HostEntropyMissing?
    /// Why the kernel has not taken it; nil where it has.
    public var failure: SystemCallFailure?

    /// The same in one line, with what to do.
    public var failureText: String? {
        failure.map { failure in
            switch failure.errno {
            case .notPermitted: "\(failure); it takes CAP_SYS_ADMIN, outside of user namespaces"
            case .noData: "\(failure); the generator has no seed at all yet, and will take this into it"
            default: "\(failure)"
            }
        }
    }

    public init(hostEntropyMissing: HostEntropyMissing? = nil, failure: SystemCallFailure? = nil) {
        self.hostEntropyMissing = hostEntropyMissing
        self.failure = failure
    }
}
