internal import SysGenIDCore
internal import SysGenIDSystem

// The first resume after the start is not to be the first to go its way.

extension WatchingBackend {
    /// When the loop rehearses, once.
    struct Rehearsal {
        private var moment: UInt64?

        init(after time: UInt64) { moment = MonotonicClock.now() + time }

        func earlier(_ other: UInt64?) -> UInt64? { moment.map { min($0, other ?? $0) } ?? other }

        mutating func isDue() -> Bool {
            guard let due = moment, due <= MonotonicClock.now() else { return false }
            moment = nil
            return true
        }
    }

    /// After what time nobody waits for the daemon to serve any more, in nanoseconds.
    static let timeOfStart: UInt64 = 250_000_000

    /// Goes the way of a resume once, with what no source shows, so that nothing on it is touched for the first time when there
    /// is one.
    static func rehearse(_ rehearse: (Identity) -> Void) {
        let (before, after) = (1 as UInt64, 2 as UInt64)
        // By the log alone, and by an identity that is looked at because of the log.
        let plays: [[[Identity.Domain: UInt64]]] = [
            [[.kernelLog: before], [.kernelLog: after]],
            [
                [.vmGenerationID: before, .kernelLog: before], [.kernelLog: after], [.vmGenerationID: after],
                [.vmGenerationID: after, .kernelLog: after],
            ],
        ]
        for play in plays {
            var arbiter = Arbiter(["identity", "log"])
            for looks in play {
                let readings = [Identity.Domain.vmGenerationID, .kernelLog].map { domain in
                    looks[domain].map { Reading.identity(Identity(domain: domain, high: 0, low: $0)) }
                }
                arbiter.take(readings, now: 0) { news in
                    guard case .identity(let seen, _) = news else { return nil }
                    guard seen.low == after else { return .adopted }
                    rehearse(seen)
                    return .resumed
                }
            }
        }
    }
}
