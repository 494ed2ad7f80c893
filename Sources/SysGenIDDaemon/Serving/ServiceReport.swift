internal import Logging
internal import SysGenIDSystem

/// Tells the service manager how the daemon is, and feeds its watchdog. It belongs to the main thread.
struct ServiceReport {
    private let manager: ServiceManager?
    private let logger: Logger
    private var status = StatusText()
    /// nil where no watchdog has to be fed.
    private var watchdog: Watchdog?
    /// The manager has not learned yet that the device can be opened.
    private var isReadyOwed = false

    /// - Parameter manager: nil where nobody listens.
    init(to manager: ServiceManager?, _ logger: Logger) {
        self.manager = manager
        self.logger = logger
        watchdog = manager?.watchdogInterval.map(Watchdog.init(interval:))
    }

    /// The device can be opened.
    mutating func ready(_ facts: StatusText.Facts) {
        let facts = withComplaint(facts)
        let text = status.take(facts, now: MonotonicClock.now()) ?? facts.text
        guard let failure = manager?.notify("READY=1", "STATUS=\(text)") else { return }
        isReadyOwed = true
        logger.error("the service manager cannot be told that the device is served (\(failure)): it is tried again")
    }

    /// Begins to look again at what was found at the start, until `ready`.
    func reloading() {
        manager?.notify("RELOADING=1", "MONOTONIC_USEC=\(MonotonicClock.now() / 1_000)")
    }

    func stopping() {
        manager?.notify("STOPPING=1", mayWait: false)
    }

    /// Does what is due. To be called more often than the watchdog has to be fed.
    mutating func tick(_ facts: StatusText.Facts, serving: [Thread], backend: Thread?) {
        guard let manager else { return }
        if isReadyOwed, manager.notify("READY=1", mayWait: false) == nil { isReadyOwed = false }
        let now = MonotonicClock.lastTick()
        if watchdog?.isDue(at: now) == true, look(at: serving, backend, now) {
            manager.notify("WATCHDOG=1", mayWait: false)
        }
        if let text = status.take(withComplaint(facts), now: now) { manager.notify("STATUS=\(text)", mayWait: false) }
    }

    /// Looks at the threads, and tells of them; whether the watchdog is fed.
    private mutating func look(at serving: [Thread], _ backend: Thread?, _ now: UInt64) -> Bool {
        let verdict = watchdog?.look(serving: serving.map(\.mark), backend: backend?.mark, now: now)
        for thread in serving + [backend].compactMap(\.self) { if case .waiting = thread.activity { thread.wake() } }
        guard let verdict else { return false }
        for line in verdict.errors { logger.error("\(line)") }
        for line in verdict.notices { logger.notice("\(line)") }
        return verdict.isFed
    }

    private func withComplaint(_ facts: StatusText.Facts) -> StatusText.Facts {
        var facts = facts
        facts.complaint = watchdog?.complaint ?? ""
        return facts
    }
}

extension Thread {
    fileprivate var mark: Liveness.Mark { (name, activity) }
}
