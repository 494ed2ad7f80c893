internal import Glibc

/// Where a thread belongs, by the kernel's word: nothing of it can a thread without rights choose for itself.
public struct Origin: Hashable, Sendable {
    public var domain: Domain
    /// The control group of the service, session, user or container that the thread is in, see `ControlGroups`; nil
    /// where none can be told.
    public var controlGroup: [UInt8]?

    public enum Domain: Hashable, Sendable {
        /// It has CAP_CHECKPOINT_RESTORE or CAP_SYS_ADMIN in this process's own user namespace.
        case administration
        /// Nothing more is known than its user id, be it in this process's own user namespace or in another.
        case userID
        /// It lives in a user namespace that this user has made. Whatever ids it has there, they are his.
        case user(UInt32)
        /// It lives in a user namespace that root has made for it: the number of that namespace.
        case namespace(UInt32)
        /// It cannot be seen from here at all.
        case unseen
    }

    public init(_ domain: Domain, controlGroup: [UInt8]? = nil) {
        self.domain = domain
        self.controlGroup = controlGroup
    }
}

/// Finds out where threads belong.
///
/// Of a thread that comes again and again the files below /proc are kept open, as `TriggerPermission` does it.
public final class OriginLookup: Sendable {
    private let last = Lock<Known?>(nil)

    /// A thread that was asked about last.
    private struct Known: ~Copyable {
        let thread: Int32
        /// nil until it comes a second time, since most come once.
        let link: OwnedDescriptor?
        let groups: OwnedDescriptor?
        /// What was found where it lives in a foreign namespace. From there it can only go deeper: the outermost stays.
        var foreign: Origin.Domain?
    }

    public init() {}

    /// Where the thread belongs. It must be held in a request meanwhile, so that its id cannot be another's.
    ///
    /// - Parameter thread: its id in this process's pid namespace; 0 where it cannot be seen from here.
    public func origin(of thread: Int32) -> Origin {
        guard thread > 0, OwnProcess.seesItsNamespace, let own = UserNamespace.own else { return Origin(.unseen) }
        return last.withLock { last in
            let isAgain = last?.thread == thread
            var name = isAgain ? Self.shownNamespace(last) : nil
            if name == nil {
                // Another one, or an earlier one of this number has left links that say nothing any more.
                last = Known(
                    thread: thread, link: isAgain ? UserNamespace.link(of: thread) : nil,
                    groups: isAgain ? ControlGroups.file(of: thread) : nil, foreign: nil)
                name = UserNamespace(of: thread)
            }
            guard let name else { return Origin(.unseen) }
            guard name != own else {
                let isPrivileged = Capabilities.mayAdminister(thread)
                return isPrivileged ? Origin(.administration) : Origin(.userID, controlGroup: Self.group(thread, last))
            }
            let domain = last?.foreign ?? UserNamespace.outermost(of: thread)?.domain ?? .userID
            if domain != .userID { last?.foreign = domain }
            return Origin(domain, controlGroup: Self.group(thread, last))
        }
    }

    private static func shownNamespace(_ last: borrowing Known?) -> UserNamespace? {
        switch last {
        case .some(let known):
            switch known.link {
            case .some(let link): UserNamespace(link: link)
            case .none: nil
            }
        case .none: nil
        }
    }

    private static func group(_ thread: Int32, _ last: borrowing Known?) -> [UInt8]? {
        switch last {
        case .some(let known):
            switch known.groups {
            case .some(let file): ControlGroups.unit(in: file)
            case .none: ControlGroups.unit(of: thread)
            }
        case .none: ControlGroups.unit(of: thread)
        }
    }
}

extension UserNamespace.Outermost {
    /// Who has a namespace from root has it for himself. Root's own account is none that somebody else may use.
    fileprivate var domain: Origin.Domain { owner == 0 ? .namespace(number) : .user(owner) }
}
