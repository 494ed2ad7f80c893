internal import Glibc

/// Descriptors that a loop waits for again and again, each in a place of its own. See poll(2).
///
/// A wait allocates nothing: a loop that wakes up many times a second, mostly to find that all is as it was, is to cost
/// little.
public struct PollSet {
    private var entries: [pollfd]
    private var readyCount: CInt = 0

    /// Puts the descriptors, numbers of open ones, into the places from 0 on; a place with nil is left free.
    public init(_ descriptors: [CInt?]) {
        entries = descriptors.map { pollfd(fd: $0 ?? Self.none, events: Int16(POLLIN), revents: 0) }
    }

    /// The descriptor in the place; nil where it is free.
    public subscript(place: Int) -> CInt? {
        get {
            let number = entries[place].fd
            return number == Self.none ? nil : number
        }
        set { entries[place].fd = newValue ?? Self.none }
    }

    /// From now on the descriptor in the place is ready where it has something exceptional to report, and not where it is
    /// readable. See poll(2), POLLPRI.
    public mutating func awaitExceptions(_ place: Int) {
        entries[place].events = Int16(POLLPRI)
    }

    /// Waits until one of the descriptors is readable or hung up, or the moment has come.
    ///
    /// - Parameter moment: of the monotonic clock, in nanoseconds; nil is never.
    /// - Returns: whether one is ready; false when the moment has come, or a signal.
    public mutating func wait(until moment: UInt64? = nil) -> Bool {
        wait(milliseconds: moment.map { Self.milliseconds(from: MonotonicClock.now(), until: $0) } ?? -1)
    }

    /// Whether the descriptor in the place was ready when the last wait ended.
    public func isReady(_ place: Int) -> Bool { readyCount > 0 && entries[place].revents != 0 }

    /// The place whose descriptor was ready alone when the last wait ended; nil where none was, or several were.
    public var onlyReady: Int? { readyCount == 1 ? entries.firstIndex { $0.revents != 0 } : nil }

    /// The time until the moment as poll(2) takes it, rounded up: whoever waits so long finds that the moment has come.
    static func milliseconds(from now: UInt64, until moment: UInt64) -> CInt {
        guard moment > now else { return 0 }
        let (whole, rest) = (moment - now).quotientAndRemainder(dividingBy: 1_000_000)
        return CInt(clamping: rest == 0 ? whole : whole + 1)
    }

    fileprivate mutating func wait(milliseconds: CInt) -> Bool {
        readyCount = Activity.waiting { poll(&entries, nfds_t(entries.count), milliseconds) }
        return readyCount > 0
    }

    /// The descriptors that were ready when the last wait ended.
    fileprivate var ready: Set<CInt> { readyCount > 0 ? Set(entries.filter { $0.revents != 0 }.map(\.fd)) : [] }

    /// What poll(2) passes over.
    private static let none: CInt = -1
}

/// Whether the one descriptor is readable or hung up, or becomes it until the moment. See poll(2).
///
/// - Parameter moment: of the monotonic clock, in nanoseconds; one that has passed lets nobody wait.
/// - Returns: false when the moment has come, or a signal.
public func isReadable(_ descriptor: CInt, until moment: UInt64 = 0) -> Bool {
    var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    let milliseconds = PollSet.milliseconds(from: MonotonicClock.now(), until: moment)
    return Activity.waiting { poll(&entry, 1, milliseconds) } > 0
}

/// Waits until one of the descriptors is readable or hung up, or the time is over. See poll(2). For a loop that waits
/// again and again there is `PollSet`.
///
/// - Parameters:
///   - descriptors: numbers of open descriptors.
///   - milliseconds: how long to wait at most; nil is for ever, or until a signal comes.
/// - Returns: the descriptors that are ready, none when the time was over.
public func waitUntilReadable(_ descriptors: [CInt], milliseconds: CInt? = nil) -> Set<CInt> {
    var set = PollSet(descriptors)
    guard let milliseconds else {
        _ = set.wait()
        return set.ready
    }
    let end = MonotonicClock.now() + UInt64(milliseconds) * 1_000_000
    // A wait that ends early, by a signal or by a failure, is not one whose time is over.
    while !set.wait(until: end), MonotonicClock.now() < end {}
    return set.ready
}
