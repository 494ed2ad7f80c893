internal import CSysGenID
internal import Glibc
internal import SystemPackage

/// What another thread is allowed to do, and what this process could come to be allowed.
public enum Privileges {
    /// Gives up what the process could get besides the capabilities that it has: by its supplementary groups, and
    /// by running other programs. It is inherited by the threads that the calling thread starts. See
    /// setgroups(2) and prctl(2), PR_CAPBSET_DROP and PR_SET_NO_NEW_PRIVS.
    ///
    /// - Returns: what could not be given up.
    public static func renounceFurther() -> [SystemCallFailure] {
        func failure(_ call: String, _ subject: String, _ result: CInt) -> SystemCallFailure? {
            result == 0 ? nil : SystemCallFailure(call, subject, Errno(rawValue: errno))
        }
        return [
            // Without groups there is nothing to give up, and nothing to be allowed to.
            getgroups(0, nil) == 0 ? nil : failure("setgroups", "supplementary groups", setgroups(0, nil)),
            failure("prctl", "bounding set of capabilities", csysgenid_empty_bounding_set()),
            failure("prctl", "privileges of other programs", csysgenid_set_no_new_privileges()),
        ].compactMap(\.self)
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
        guard thread > 0, OwnProcess.seesItsNamespace,
            let effective = try? Capabilities.effective(of: thread),
            !effective.isDisjoint(with: [.systemAdministration, .checkpointRestore])
        else { return false }
        guard let own = ownUserNamespace, let other = userNamespace(of: "\(thread)") else { return false }
        return own == other
    }

    private static let ownUserNamespace = userNamespace(of: "self")

    /// The namespace's name, which holds its number. The link is not followed: for that the kernel makes an inode each
    /// time, which takes several times as long.
    private static func userNamespace(of process: String) -> String? {
        try? Files.linkTarget("/proc/\(process)/ns/user")
    }
}
