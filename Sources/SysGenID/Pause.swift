internal import SysGenIDSystem

/// A time to wait, counted from when it was made.
package struct Pause: Sendable {
    private let end: UInt64?

    /// - Parameter milliseconds: nil is for ever.
    package init(milliseconds: UInt32?) {
        end = milliseconds.map { MonotonicClock.now() + UInt64($0) * 1_000_000 }
    }

    /// The milliseconds that are left, rounded up; nil is for ever.
    package var remaining: UInt32? {
        guard let end else { return nil }
        let now = MonotonicClock.now()
        return now < end ? UInt32(clamping: (end - now + 999_999) / 1_000_000) : 0
    }

    package var isOver: Bool { remaining == 0 }
}
