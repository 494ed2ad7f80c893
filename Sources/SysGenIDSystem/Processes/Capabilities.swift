internal import CSysGenID
internal import SystemPackage

/// A set of capabilities. See capabilities(7); the bits are the numbers of linux/capability.h.
public struct Capabilities: OptionSet, Hashable, Sendable {
    public let rawValue: UInt64

    public init(rawValue: UInt64) {
        self.rawValue = rawValue
    }

    /// CAP_DAC_READ_SEARCH: to read files whatever their permissions are.
    public static let readingAnyFile = Capabilities(rawValue: 1 << 2)
    /// CAP_SYS_PTRACE: to see of any process what only its like may see.
    public static let seeingAnyProcess = Capabilities(rawValue: 1 << 19)
    /// CAP_SYS_ADMIN.
    public static let systemAdministration = Capabilities(rawValue: 1 << 21)
    /// CAP_CHECKPOINT_RESTORE.
    public static let checkpointRestore = Capabilities(rawValue: 1 << 40)

    /// What a thread may make use of at present. See capget(2).
    ///
    /// - Parameter thread: its id in this process's pid namespace.
    public static func effective(of thread: Int32) throws(SystemCallFailure) -> Capabilities {
        try sets(of: thread).effective
    }

    /// Whether a thread has one of those that administering the device takes, in whatever user namespace it lives.
    ///
    /// - Parameter thread: its id in this process's pid namespace.
    static func mayAdminister(_ thread: Int32) -> Bool {
        (try? effective(of: thread)).map { !$0.isDisjoint(with: [.systemAdministration, .checkpointRestore]) } ?? false
    }

    /// What a thread may ever make use of.
    ///
    /// - Parameter thread: its id in this process's pid namespace.
    public static func permitted(to thread: Int32) throws(SystemCallFailure) -> Capabilities {
        try sets(of: thread).permitted
    }

    /// Takes all but these from the calling thread, for good: from the effective, the permitted, the inheritable
    /// and the ambient set. Nothing is given. Other threads keep what they have. See capset(2).
    public static func keepOnly(_ kept: Capabilities) throws(SystemCallFailure) {
        guard !Surroundings.isSandboxDisabled else { return }
        try describing("capset", "own thread") { () throws(Errno) in
            try nothingOrErrno { csysgenid_keep_capabilities(kept.rawValue) }
        }
    }

    private static func sets(
        of thread: Int32
    ) throws(SystemCallFailure) -> (effective: Capabilities, permitted: Capabilities) {
        var (effective, permitted): (UInt64, UInt64) = (0, 0)
        try describing("capget", "thread \(thread)") { () throws(Errno) in
            try nothingOrErrno { csysgenid_capabilities(thread, &effective, &permitted) }
        }
        return (Capabilities(rawValue: effective), Capabilities(rawValue: permitted))
    }
}
