internal import CSysGenID
internal import Glibc
internal import SystemPackage

/// What this process could come to be allowed.
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
}
