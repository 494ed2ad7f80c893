internal import CSysGenID
internal import Glibc
internal import SystemPackage

/// Descriptors that are watched together, each for what its owner wants of it at present. See epoll(7).
///
/// It is a descriptor itself, which is readable while one of them is ready.
public struct InterestSet: ~Copyable, Sendable {
    public let descriptor: OwnedDescriptor

    /// What a descriptor is watched for, and what it is ready for.
    public struct Interest: OptionSet, Hashable, Sendable {
        public let rawValue: UInt32

        public init(rawValue: UInt32) {
            self.rawValue = rawValue
        }

        public static let input = Interest(rawValue: EPOLLIN.rawValue)
        public static let output = Interest(rawValue: EPOLLOUT.rawValue)
        /// The far end sends nothing more.
        public static let endOfInput = Interest(rawValue: EPOLLRDHUP.rawValue)
        /// The far end is gone. Nobody need ask for it.
        public static let gone = Interest(rawValue: EPOLLHUP.rawValue | EPOLLERR.rawValue)
    }

    public init() throws(SystemCallFailure) {
        descriptor = try describing("epoll_create1", "watched descriptors") { () throws(Errno) in
            OwnedDescriptor(owning: try valueOrErrno { epoll_create1(CInt(EPOLL_CLOEXEC)) })
        }
    }

    /// Watches a descriptor until it is removed.
    ///
    /// - Parameter key: by which it is named when it is ready.
    public func add(_ number: CInt, as key: UInt64, for interest: Interest) throws(SystemCallFailure) {
        try control(EPOLL_CTL_ADD, number, key, interest)
    }

    /// Watches it for something else from now on.
    public func change(_ number: CInt, as key: UInt64, for interest: Interest) throws(SystemCallFailure) {
        try control(EPOLL_CTL_MOD, number, key, interest)
    }

    /// Watches it no longer. A descriptor that is closed may live on in a child that was just made.
    public func remove(_ number: CInt) {
        try? control(EPOLL_CTL_DEL, number, 0, [])
    }

    private func control(
        _ operation: CInt, _ number: CInt, _ key: UInt64, _ interest: Interest
    ) throws(SystemCallFailure) {
        var event = epoll_event()
        event.events = interest.rawValue
        event.data.u64 = key
        try describing("epoll_ctl", "watched descriptors") { () throws(Errno) in
            try nothingOrErrno { epoll_ctl(descriptor.rawValue, operation, number, &event) }
        }
    }

    /// Those that are ready, at most so many of them; the others' turn is next. Never waits.
    public func ready(upTo count: Int) -> [(key: UInt64, interest: Interest)] {
        var events = [epoll_event](repeating: epoll_event(), count: count)
        let number = epoll_wait(descriptor.rawValue, &events, CInt(count), 0)
        return events.prefix(max(0, Int(number))).map { ($0.data.u64, Interest(rawValue: $0.events)) }
    }
}
