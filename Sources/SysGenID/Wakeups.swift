internal import SysGenIDSystem

/// What a watcher that goes on over several daemons waits for: its device, or the time to look for the next one.
struct Wakeups: ~Copyable, Sendable {
    private let events: EventSet
    private let retry: Timer

    /// How long to wait before the device is looked for again, in nanoseconds.
    private static let retryInterval: UInt64 = 250_000_000

    init() throws(SystemCallFailure) {
        let events = try EventSet()
        let retry = try Timer()
        try events.add(retry.descriptor.rawValue)
        self.events = events
        self.retry = retry
    }

    /// Readable when there may be something to do; the same one for the life of the value.
    var descriptor: CInt { events.descriptor.rawValue }

    /// In the child of a fork(2): shares nothing with the parent any more, under the same descriptor.
    func detach() throws(SystemCallFailure) {
        try events.detach()
        try retry.detach()
        try events.add(retry.descriptor.rawValue)
    }

    /// Waits for the device, too, until it is closed.
    func add(_ device: borrowing SystemGenerationDevice) throws(SystemCallFailure) {
        try events.add(device.descriptor)
    }

    /// Becomes readable when it is time to look for the device again.
    func retryLater() {
        retry.arm(at: MonotonicClock.now() + Self.retryInterval)
    }

    /// Becomes readable at once.
    func retryNow() {
        retry.arm(at: MonotonicClock.now())
    }

    /// Makes the descriptor unreadable until the next occasion.
    func clear() {
        events.clear()
    }
}
