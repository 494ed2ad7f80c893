internal import CSysGenID

/// Bits of poll(2).
public struct PollEvents: OptionSet, Hashable, Sendable {
    public let rawValue: UInt32

    public init(rawValue: UInt32) {
        self.rawValue = rawValue
    }

    /// POLLIN and POLLRDNORM.
    public static let readable = PollEvents(rawValue: 0x041)
    /// POLLOUT and POLLWRNORM.
    public static let writable = PollEvents(rawValue: 0x104)
    /// POLLHUP and POLLNVAL: poll(2) and epoll(7) wait for the first in any case, and select(2) for the second.
    public static let ofEveryCall = PollEvents(rawValue: 0x030)
    /// POLLERR.
    public static let error = PollEvents(rawValue: 0x008)
}

/// The means to wake the sleeping polls of one open file. The kernel knows them by one number as long as the file is
/// open, whoever serves it.
public struct PollHandle: Hashable, Sendable {
    public let number: UInt64
    /// The descriptor of the session that serves the file.
    public let connection: CInt

    public init(number: UInt64, connection: CInt) {
        self.number = number
        self.connection = connection
    }

    /// Wakes the polls; they ask again. Where none sleeps, nothing happens.
    public func notify() {
        Notification.send(CSYSGENID_FUSE_NOTIFY_POLL, carrying: number, over: connection)
    }
}
