/// Tells which threads may trigger a generation change: those with CAP_CHECKPOINT_RESTORE or CAP_SYS_ADMIN, effective,
/// in this process's own user namespace.
///
/// capget(2) reports capabilities without saying in which namespace they hold, so that the namespace is looked at, too.
/// Of a thread that asks again and again its link to it is kept open: the kernel then need not look for it below /proc.
/// The link belongs to that very thread, and says nothing any more when it has ended.
public final class TriggerPermission: Sendable {
    private let last = Lock<Asker?>(nil)

    private struct Asker: ~Copyable {
        let thread: Int32
        /// nil until it has asked a second time, since most ask once.
        let link: OwnedDescriptor?

        var shownNamespace: UserNamespace? {
            switch link {
            case .some(let link): UserNamespace(link: link)
            case .none: nil
            }
        }
    }

    public init() {}

    /// Whether the thread may trigger a change.
    ///
    /// - Parameter thread: its id in this process's pid namespace; 0 where it cannot be seen from here,
    ///   which is never allowed.
    ///
    /// The thread must be held in a request while this is asked, so that its id cannot be another's.
    public func isGranted(to thread: Int32) -> Bool {
        guard thread > 0, OwnProcess.seesItsNamespace,
            Capabilities.mayAdminister(thread), let own = UserNamespace.own
        else { return false }
        return namespace(of: thread) == own
    }

    private func namespace(of thread: Int32) -> UserNamespace? {
        last.withLock { last in
            let isKnown = last?.thread == thread
            // An earlier thread of this number has left a link that says nothing.
            if isKnown, let namespace = last?.shownNamespace { return namespace }
            last = Asker(thread: thread, link: isKnown ? UserNamespace.link(of: thread) : nil)
            return UserNamespace(of: thread)
        }
    }
}
