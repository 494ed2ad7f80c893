internal import Logging
internal import SysGenIDSystem

/// Tells the service manager how the daemon is, and feeds its watchdog. It belongs to the main thread.
///
/// The watchdog is fed as long as every thread that serves clients gets on with its work. The backend's thread is
/// looked at, too, but only told of: where it hangs, it most likely hangs on a file whose server is gone, a successor
/// would hang there as well, and clients would lose their open files for nothing.
struct ServiceReport {
    private let manager: ServiceManager?
    private let logger: Logger
    private var status = StatusText()
    private var liveness: Liveness?
    private let interval: UInt64
    private var nextCheck: UInt64 = 0
    /// The threads that were told to be stuck.
    private var stuck: Set<String> = []
    private var complaint = ""
    /// The manager has not learned yet that the device can be opened.
    private var isReadyOwed = false

    /// - Parameter manager: nil where nobody listens.
    init(to manager: ServiceManager?, _ logger: Logger) {
        self.manager = manager
        self.logger = logger
        interval = manager?.watchdogInterval ?? 0
        liveness = manager?.watchdogInterval.map { Liveness(patience: $0 / 2) }
    }

    /// The device can be opened.
    mutating func ready(_ facts: StatusText.Facts) {
        var facts = facts
        facts.complaint = complaint
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
        if liveness != nil, now >= nextCheck {
            nextCheck = now + interval / 3
            if areAlive(serving, backend, now) { manager.notify("WATCHDOG=1", mayWait: false) }
        }
        var facts = facts
        facts.complaint = complaint
        if let text = status.take(facts, now: now) { manager.notify("STATUS=\(text)", mayWait: false) }
    }

    /// Whether the threads that serve clients get on.
    private mutating func areAlive(_ serving: [Thread], _ backend: Thread?, _ now: UInt64) -> Bool {
        let threads = serving + [backend].compactMap(\.self)
        let found = liveness?.check(threads.map { ($0.name, $0.activity) }, now: now) ?? []
        for thread in threads { if case .waiting = thread.activity { thread.wake() } }
        for thread in found where !stuck.contains(thread.name) {
            logger.error("\(thread): \(thread.name == backend?.name ? Self.backendRemark : Self.servingRemark)")
        }
        for name in stuck.subtracting(found.map(\.name)) { logger.notice("the thread \(name) gets on again") }
        stuck = Set(found.map(\.name))
        complaint = stuck.sorted().map { "the thread \($0) is stuck" }.joined(separator: ", ")
        return found.allSatisfy { $0.name == backend?.name }
    }

    private static let servingRemark = "the watchdog is not fed, so that the service manager starts sysgenidd again"
    private static let backendRemark = "resumes go unnoticed until it gets on; is the server of its file gone?"
}
