import Glibc

/// A time that is counted by the sleeps of whoever waits, and not measured: on a busy machine it is longer, as what the guest
/// does takes longer.
struct CountedTime {
    private var microsecondsLeft: Int

    init(seconds: Double) {
        microsecondsLeft = Int(seconds * 1_000_000)
    }

    var isOver: Bool { microsecondsLeft <= 0 }

    /// Sleeps for so long.
    mutating func pass(milliseconds: UInt32) {
        usleep(milliseconds * 1_000)
        microsecondsLeft -= Int(milliseconds) * 1_000
    }
}
