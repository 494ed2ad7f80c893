internal import CSysGenID
import SysGenIDCore

/// What a program asks with ioctl(2), see linux/sysgenid.h.
enum ControlRequest: Equatable {
    case setTracking(Bool)
    /// No timeout is for ever.
    case waitForWatchers(WatcherScope, timeout: Duration?)
    case countOutdated
    case trigger(minimum: UInt32)

    /// Decodes a request; nil where there is none of that number.
    ///
    /// A flag is true where any bit of the word is set, a timeout is the whole word, a generation is its
    /// lower 32 bits.
    init?(command: UInt32, word: UInt) {
        switch csysgenid_request(rawValue: command) {
        case CSYSGENID_SET_WATCHER_TRACKING: self = .setTracking(word != 0)
        case CSYSGENID_WAIT_WATCHERS: self = .waitForWatchers(.tracked, timeout: Self.timeout(word))
        case CSYSGENID_V4_WAIT_WATCHERS: self = .waitForWatchers(.everyOpenFile, timeout: Self.timeout(word))
        case CSYSGENID_V4_GET_OUTDATED_WATCHERS: self = .countOutdated
        case CSYSGENID_TRIGGER_GEN_UPDATE, CSYSGENID_V4_FORCE_GEN_UPDATE:
            self = .trigger(minimum: UInt32(truncatingIfNeeded: word))
        default: return nil
        }
    }

    private static func timeout(_ milliseconds: UInt) -> Duration? {
        milliseconds == 0 ? nil : .milliseconds(Int64(clamping: milliseconds))
    }
}

extension Deadline {
    /// The moment after the given time; the farthest there is where that is too far to count.
    init(_ timeout: Duration, after now: UInt64) {
        let (seconds, attoseconds) = timeout.components
        let (nanoseconds, overflows) = UInt64(seconds).multipliedReportingOverflow(by: 1_000_000_000)
        let whole = overflows ? .max : nanoseconds
        let (withRest, overflowsToo) = whole.addingReportingOverflow(UInt64(attoseconds / 1_000_000_000))
        let (moment, isTooFar) = (overflowsToo ? .max : withRest).addingReportingOverflow(now)
        self.init(rawValue: isTooFar ? .max : moment)
    }
}
