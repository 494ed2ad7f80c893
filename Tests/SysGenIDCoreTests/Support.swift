import StateModel

@testable import SysGenIDCore

extension GenerationRegistry {
    /// Opens a watcher of a registry that has room for it.
    mutating func open() -> WatcherID {
        try! opened(by: .anyone)
    }

    /// Opens a watcher and makes a new generation, so that it is outdated.
    mutating func openOutdated(isTracked: Bool = false) -> WatcherID {
        let watcher = open()
        if isTracked { _ = trackingChanged(watcher, to: true) }
        bump()
        return watcher
    }

    mutating func bump(minimum: UInt32 = 0) {
        _ = trigger(minimum: minimum)
    }

    /// A trigger that is permitted, by an owner that stores its change at once.
    mutating func trigger(minimum: UInt32, by watcher: WatcherID? = nil) -> Step {
        whole(triggered(minimum: minimum, isPermitted: true, by: watcher))
    }

    /// A sight of an identity, with the same owner.
    mutating func identify(_ identity: Identity) -> Step {
        whole(identified(identity))
    }

    mutating func acknowledge(_ watcher: WatcherID) -> Step {
        wrote(watcher, current)
    }
}

extension Opener {
    static let anyone = Opener(thread: 1, userID: 0, account: .privileged)
}

extension Step {
    /// The system's new generation; nil where it stays the same.
    var publishedGeneration: UInt32? {
        if case .change(let record) = commit { record.generation.rawValue } else { nil }
    }

    /// The last generation of each container's device.
    var publishedContainers: [DeviceID: Generation] {
        var published: [DeviceID: Generation] = [:]
        for case .publishContainer(let device, let generation) in effects { published[device] = generation }
        return published
    }

    var armedDeadlines: [UInt64] {
        effects.compactMap { if case .armDeadline(let deadline) = $0 { deadline.rawValue } else { nil } }
    }
}

extension Generation: ExpressibleByIntegerLiteral {
    public init(integerLiteral value: UInt32) {
        self.init(rawValue: value)
    }
}

extension RequestID: ExpressibleByIntegerLiteral {
    public init(integerLiteral value: UInt64) {
        self.init(rawValue: value)
    }
}

extension Deadline: ExpressibleByIntegerLiteral {
    public init(integerLiteral value: UInt64) {
        self.init(rawValue: value)
    }
}
