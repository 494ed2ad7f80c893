/// Names a watcher: one open file description of the device.
///
/// The number is small and dense, so that it can be a file handle and can be handed to a successor. It
/// is never given to a second watcher.
public struct WatcherID: RawRepresentable, Hashable, Sendable {
    public let rawValue: UInt64

    public init(rawValue: UInt64) {
        self.rawValue = rawValue
    }
}

/// Names a device: the system's, or a container's. No number is given to a second device.
public struct DeviceID: RawRepresentable, Hashable, Sendable {
    public let rawValue: UInt64

    public init(rawValue: UInt64) {
        self.rawValue = rawValue
    }

    /// The device of the whole system.
    public static let system = DeviceID(rawValue: 0)
}

/// Names a request that is parked, or may be. The owner of the registry chooses the numbers; two
/// requests that are parked at the same time have different ones.
public struct RequestID: RawRepresentable, Hashable, Sendable {
    public let rawValue: UInt64

    public init(rawValue: UInt64) {
        self.rawValue = rawValue
    }
}

/// A moment on the owner's monotonic clock, in nanoseconds.
public struct Deadline: RawRepresentable, Hashable, Comparable, Sendable {
    public let rawValue: UInt64

    public init(rawValue: UInt64) {
        self.rawValue = rawValue
    }

    public static func < (earlier: Deadline, later: Deadline) -> Bool {
        earlier.rawValue < later.rawValue
    }
}
