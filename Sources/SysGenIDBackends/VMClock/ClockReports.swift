internal import SysGenIDCore

/// Reports what was read of the hypervisor's vmclock, around what follows from the same look: a resume, and the clock after
/// it, are one change of the daemon's pages.
struct ClockReports {
    typealias Report = (BackendReport) -> Recognition?

    /// What was reported last: at first, that there is none. Nil where that is void.
    private var last: HostClock?? = .some(nil)
    /// Whether the pages show it.
    private var isSettled = true

    /// A look has found this; what follows from the look is not reported yet.
    mutating func begin(_ clock: HostClock?, _ report: Report) {
        guard last != .some(clock) else { return }
        (last, isSettled) = (.some(clock), false)
        _ = report(.clock(clock))
    }

    /// What followed from the look is reported.
    ///
    /// - Parameters:
    ///   - wasResumed: a resume was among it.
    ///   - isUndecided: the next look follows at once, and may bring one.
    mutating func end(wasResumed: Bool, isUndecided: Bool, _ report: Report) {
        if wasResumed, last != .some(nil) {
            // The service may have thrown away what was read, since it may be from before the resume.
            (last, isSettled) = (Optional.none, true)
        } else if !isUndecided, !isSettled {
            isSettled = true
            _ = report(.clockIsSettled)
        }
    }
}
