internal import CSysGenID
internal import Glibc
internal import SystemPackage

/// Descriptors that are watched together: readable while one of them has something to report. See epoll(7).
///
/// It is a descriptor itself, and so can be waited for in a loop of any kind, while those in it come and go.
public struct EventSet: ~Copyable, Sendable {
    public let descriptor: OwnedDescriptor

    public init() throws(SystemCallFailure) {
        descriptor = try describing("epoll_create1", "watched descriptors") { () throws(Errno) in
            OwnedDescriptor(owning: try valueOrErrno { epoll_create1(CInt(EPOLL_CLOEXEC)) })
        }
    }

    /// Begins anew with a set that is empty, under the same number: for the child of a fork(2), which shares its
    /// parent's.
    public func detach() throws(SystemCallFailure) {
        let fresh = try EventSet()
        try describing("dup3", "watched descriptors") { () throws(Errno) in
            try descriptor.refer(toFileOf: fresh.descriptor.duplicate())
        }
    }

    /// Watches a descriptor until it is closed. Each of its changes is reported once, and at once where it is readable
    /// already. See epoll_ctl(2), EPOLLET.
    public func add(_ number: CInt) throws(SystemCallFailure) {
        var event = epoll_event()
        event.events = EPOLLIN.rawValue | EPOLLET.rawValue
        try describing("epoll_ctl", "watched descriptors") { () throws(Errno) in
            try nothingOrErrno { epoll_ctl(descriptor.rawValue, EPOLL_CTL_ADD, number, &event) }
        }
    }

    /// Takes all reports, so that it is unreadable until the next one. Never waits.
    public func clear() {
        var events = [epoll_event](repeating: epoll_event(), count: 8)
        while epoll_wait(descriptor.rawValue, &events, CInt(events.count), 0) == CInt(events.count) {}
    }
}
