import SysGenIDSystem

/// Where a server is connected to: its sockets, among all that it watches. Where no connection can be taken, those that
/// wait would have its loop turn for nothing; so for a while the sockets are not watched.
struct Entrance: ~Copyable {
    private let sockets: [ListeningSocket]
    private let firstKey: UInt64
    /// When the sockets are to be watched again.
    private let retry: Timer
    private var areConnectionsTaken = true
    private var failure: SystemCallFailure?

    /// In nanoseconds.
    private static let retryDelay: UInt64 = 100_000_000

    /// - Parameter key: by which the timer is watched, and by the next ones the sockets.
    init(
        _ sockets: [ListeningSocket], as key: UInt64, in watched: borrowing InterestSet
    ) throws(SystemCallFailure) {
        let firstKey = key + 1
        let retry = try Timer()
        try watched.add(retry.descriptor.rawValue, as: key, for: .input)
        for (place, socket) in sockets.enumerated() {
            try watched.add(socket.descriptor.rawValue, as: firstKey + UInt64(place), for: .input)
        }
        self.sockets = sockets
        self.firstKey = firstKey
        self.retry = retry
    }

    /// The first key behind those of the sockets.
    var endKey: UInt64 { firstKey + UInt64(sockets.count) }

    func socket(of key: UInt64) -> ListeningSocket { sockets[Int(key - firstKey)] }

    /// A connection was taken.
    mutating func wasPassed() {
        areConnectionsTaken = true
    }

    /// Takes no connection for a while.
    mutating func waitForRoom(because reason: SystemCallFailure, in watched: borrowing InterestSet) {
        if areConnectionsTaken { failure = reason }
        areConnectionsTaken = false
        watchSockets(for: [], in: watched)
        retry.arm(at: MonotonicClock.now() + Self.retryDelay)
    }

    /// The while is over.
    func takeAgain(in watched: borrowing InterestSet) {
        retry.clear()
        watchSockets(for: .input, in: watched)
    }

    /// Why no connection can be taken, as of the first time of some.
    mutating func takeFailure() -> SystemCallFailure? {
        defer { failure = nil }
        return failure
    }

    private func watchSockets(for interest: InterestSet.Interest, in watched: borrowing InterestSet) {
        for (place, socket) in sockets.enumerated() {
            try? watched.change(socket.descriptor.rawValue, as: firstKey + UInt64(place), for: interest)
        }
    }
}
