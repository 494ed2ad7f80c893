/// One open file description of the device, as the registry knows it.
struct Watcher: Sendable {
    let opener: Opener
    /// What it has opened.
    let device: DeviceID
    /// Whether that is the device's page in the layout of a vmclock. Such a watcher acknowledges by reading, and what it
    /// acknowledges is the page's sequence number. Nobody waits for it, and it is counted for nothing but the limits.
    var isOfClock = false
    var acknowledged: Generation
    var isTracked = false
    /// A poll sleeps, or may: it is to be told of the next change.
    var awaitsPollNotification = false
    var parkedCount: UInt16 = 0
    /// The first of its parked requests, which lead to each other.
    var firstParked: RequestID?
    /// Those of the same container's device lead to each other; those of the system's are found in the table of all.
    var previous: WatcherID?
    var next: WatcherID?

    func isOutdated(at current: Generation) -> Bool { acknowledged != current }
}

/// Who opened the device. The file may have been passed on since then.
public struct Opener: Hashable, Sendable {
    /// The thread's number, as the daemon sees it; 0 where it cannot.
    public var thread: Int32
    public var userID: UInt32
    /// Whom its watchers and their parked requests are counted for.
    public var account: Account
    /// The control group for which they are counted besides; nil where none can be told.
    public var group: Account?

    /// - Parameter account: the user's own where it is left out.
    public init(thread: Int32, userID: UInt32, account: Account? = nil, group: Account? = nil) {
        self.thread = thread
        self.userID = userID
        self.account = account ?? .user(userID)
        self.group = group
    }
}

/// Whom a wait waits for; the two versions of the interface differ in that, and in how it ends.
public enum WatcherScope: Hashable, Sendable {
    /// Only watchers that turned tracking on (0xE4 family). A timeout is `timedOut`.
    case tracked
    /// Every open file (0x2d family). A timeout is `stillOutdated`.
    case everyOpenFile
}

/// How many watchers there are of each kind.
public struct Census: Hashable, Sendable {
    public internal(set) var watchers = 0
    public internal(set) var tracked = 0
    public internal(set) var outdated = 0
    public internal(set) var trackedOutdated = 0

    public init() {}

    func outdated(in scope: WatcherScope) -> Int {
        switch scope {
        case .tracked: trackedOutdated
        case .everyOpenFile: outdated
        }
    }

    static func += (total: inout Census, part: Census) {
        total.watchers += part.watchers
        total.tracked += part.tracked
        total.outdated += part.outdated
        total.trackedOutdated += part.trackedOutdated
    }

    static func -= (total: inout Census, part: Census) {
        total.watchers -= part.watchers
        total.tracked -= part.tracked
        total.outdated -= part.outdated
        total.trackedOutdated -= part.trackedOutdated
    }

    /// Counts a watcher in, or with -1 out.
    mutating func count(_ watcher: Watcher, at current: Generation, by step: Int = 1) {
        guard !watcher.isOfClock else { return }
        let isOutdated = watcher.isOutdated(at: current)
        watchers += step
        tracked += watcher.isTracked ? step : 0
        outdated += isOutdated ? step : 0
        trackedOutdated += watcher.isTracked && isOutdated ? step : 0
    }
}

/// How far clients can make the registry grow.
public struct Limits: Hashable, Sendable {
    /// Open file descriptions at the same time.
    public var watchers: Int
    /// Parked requests of one watcher: threads and forks that share its file description.
    public var parkedPerWatcher: Int
    /// Parked requests of all watchers.
    public var parked: Int

    /// - Parameters:
    ///   - watchers: at most this many watchers, at least 1.
    ///   - parkedPerWatcher: at most this many parked requests for each, 1 to 65,535.
    public init(watchers: Int = 65_536, parkedPerWatcher: Int = 1_024) {
        self.watchers = max(1, watchers)
        self.parkedPerWatcher = min(max(1, parkedPerWatcher), Int(UInt16.max))
        parked = self.watchers + self.parkedPerWatcher
    }
}
