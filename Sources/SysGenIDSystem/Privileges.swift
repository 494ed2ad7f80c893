internal import CSysGenID
internal import Glibc
internal import SystemPackage

/// What another thread is allowed to do.
public enum Privileges {
    /// A capability's number in linux/capability.h.
    private enum Capability {
        static let systemAdministration: UInt64 = 21
        static let checkpointRestore: UInt64 = 40
    }

    /// Whether the thread may trigger a generation change: CAP_CHECKPOINT_RESTORE or CAP_SYS_ADMIN,
    /// effective, in this process's own user namespace.
    ///
    /// - Parameter thread: its id in this process's pid namespace; 0 where it cannot be seen from here,
    ///   which is never allowed.
    ///
    /// The thread must be held in a request while this is asked, so that its id cannot be another's.
    /// See capget(2), which reports capabilities without saying in which user namespace they hold.
    public static func mayTrigger(thread: Int32) -> Bool {
        var effective: UInt64 = 0
        guard thread > 0, OwnProcess.seesItsNamespace, csysgenid_effective_capabilities(thread, &effective) == 0 else {
            return false
        }
        let wanted: UInt64 = 1 << Capability.systemAdministration | 1 << Capability.checkpointRestore
        guard effective & wanted != 0 else { return false }
        guard let own = ownUserNamespace, let other = userNamespace(of: "\(thread)") else { return false }
        return own == other
    }

    private struct NamespaceID: Equatable {
        var device: UInt64
        var inode: UInt64
    }

    private static let ownUserNamespace = userNamespace(of: "self")

    private static func userNamespace(of process: String) -> NamespaceID? {
        guard let status = try? Files.status("/proc/\(process)/ns/user") else { return nil }
        return NamespaceID(device: status.device, inode: status.inode)
    }
}
