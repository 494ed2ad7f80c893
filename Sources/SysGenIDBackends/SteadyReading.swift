internal import SysGenIDCore

/// Tells from what a file was read as, again and again, what is worth a report.
///
/// A program that rewrites the file in place is seen in the middle of it now and then, so nothing is
/// believed before it was read twice in a row.
struct SteadyReading {
    /// The last identity that was reported.
    private var identity: Identity?
    /// The failure that was reported and still lasts.
    private var failure: String?
    /// What was read last, where it was not reported.
    private var unconfirmed: Reading?

    /// Whether the last reading says nothing that still has to be confirmed.
    var isSettled: Bool { unconfirmed == nil }

    /// Whether there is nothing to report but that all is as it was, and well.
    var isWell: Bool { isSettled && failure == nil && identity != nil }

    /// Takes one reading and returns what is to be reported.
    mutating func take(_ reading: Reading) -> [BackendReport] {
        guard !isKnown(reading) else {
            unconfirmed = nil
            return []
        }
        guard reading == unconfirmed else {
            unconfirmed = reading
            return []
        }
        unconfirmed = nil
        return confirm(reading)
    }

    private func isKnown(_ reading: Reading) -> Bool {
        switch reading {
        case .identity(let seen): seen == identity && failure == nil
        case .failure(let reason): reason == failure
        }
    }

    private mutating func confirm(_ reading: Reading) -> [BackendReport] {
        switch reading {
        case .failure(let reason):
            failure = reason
            return [.unreadable(reason)]
        case .identity(let seen):
            let recovery: [BackendReport] = failure == nil ? [] : [.readable("file")]
            failure = nil
            guard seen != identity else { return recovery }
            identity = seen
            return recovery + [.identity(seen, by: "file")]
        }
    }
}
