import Logging
import SysGenID
import SysGenIDSystem
import SysGenIDVarlink

/// The overseer's one loop: it takes what happens, asks `Readiness` what to do, and does it. It never waits for anything
/// else: what has to do with the device is done by threads of their own, and a hook tells its end by a signal.
final class RunningOverseer {
    let configuration: Configuration
    let logger: Logger
    let manager: ServiceManager?
    let record: RecordFile
    let device: DeviceThread
    let watchers: WatchersThread
    let trigger: TriggerThread
    let runner = HookRunner()
    var server: VarlinkServer
    /// Who waits for an answer, by the number that the state machine knows the call by, and that number by the call.
    var callers: [CallNumber: CallID] = [:]
    var numbers: [CallID: CallNumber] = [:]
    var lastCall: UInt64 = 0
    /// Who watches.
    var streams: Set<CallID> = []
    var readiness: Readiness
    /// What is to be looked for among what is published, when next, and after what time then.
    var learning: (generation: Generation, nextLook: UInt64, interval: UInt64)?
    /// The record cannot be kept at present.
    var isRecordFailing = false
    private var isServed = false

    /// - Parameter record: what an overseer before this one has left is continued.
    init(
        _ configuration: Configuration, _ logger: Logger, _ manager: ServiceManager?,
        _ record: consuming RecordFile, _ server: consuming VarlinkServer
    ) throws(SystemCallFailure) {
        self.configuration = configuration
        self.logger = logger
        self.manager = manager
        self.server = server
        let contents = record.read()
        self.record = record
        switch contents {
        case .none: readiness = Readiness(configuration.settings)
        case .unusable:
            logger.warning(
                "the record in \(configuration.overseerDirectory) is of another boot or damaged: as if there were none")
            readiness = Readiness(configuration.settings)
        case .record(let record):
            // Its overseer was killed: it is run again, and not twice at once.
            record.process?.endGroup()
            readiness = Readiness(configuration.settings, continuing: record)
            logger.info("going on with generation \(record.change.generation), which is \(record.stage.rawValue)")
        }
        device = try DeviceThread(path: configuration.device, runtimeDirectory: configuration.runtimeDirectory)
        trigger = try TriggerThread(path: configuration.device)
        watchers = try WatchersThread(
            path: configuration.device, runtimeDirectory: configuration.runtimeDirectory)
    }

    /// Does what is due until there is reason to end.
    ///
    /// - Returns: the exit code.
    func run(until signals: borrowing ReceivedSignals) -> Int32 {
        let (signal, news, watchersNews, triggerNews, calls, output) = (0, 1, 2, 3, 4, 5)
        var wakers = PollSet([
            signals.descriptor.rawValue, device.signal.descriptor.rawValue, watchers.signal.descriptor.rawValue,
            trigger.signal.descriptor.rawValue, server.descriptor, nil,
        ])
        manager?.notify("READY=1", "STATUS=\(statusText)")
        logger.notice("overseeing \(configuration.device)")
        let watchdog = manager?.watchdogInterval.map { $0 / 3 }
        var nextSign: UInt64 = 0
        while true {
            wakers[output] = runner.descriptor
            let moments = [readiness.nextMoment, learning?.nextLook, watchdog.map { _ in nextSign }, nextPageLook]
            _ = wakers.wait(until: moments.compactMap(\.self).min())
            if wakers.isReady(signal), takeSignals(signals) {
                end()
                return 0
            }
            if wakers.isReady(news) {
                device.signal.clear()
                guard takeDeviceNews() else { return 1 }
            }
            lookAtPage()
            if wakers.isReady(triggerNews) {
                trigger.signal.clear()
                if let news = trigger.take() { take(.triggered(news.generation, remark: news.remark)) }
            }
            if wakers.isReady(watchersNews) {
                watchers.signal.clear()
                takeWatchersNews()
            }
            if wakers.isReady(calls) { takeCalls() }
            if wakers.isReady(output) { tell(runner.takeOutput()) }
            let now = MonotonicClock.now()
            if let next = learning?.nextLook, next <= now { lookAtPublished() }
            if let moment = readiness.nextMoment, moment <= now { take(.timePassed) }
            if let watchdog, now >= nextSign {
                nextSign = now + watchdog
                manager?.notify("WATCHDOG=1", mayWait: false)
            }
        }
    }

    /// Lets the state machine take an event, and does what it says.
    func take(_ event: Readiness.Event) {
        perform(readiness.take(event, now: MonotonicClock.now()))
    }

    /// - Returns: whether the process is asked to end.
    private func takeSignals(_ signals: borrowing ReceivedSignals) -> Bool {
        while let received = signals.take() {
            switch received.signal {
            case .terminate, .interrupt: return true
            case .childEnded: takeHookEnd()
            default: break
            }
        }
        return false
    }

    private func takeHookEnd() {
        guard let (end, lines) = runner.takeEnd() else { return }
        tell(lines)
        take(.hookEnded(status: end.status))
    }

    /// - Returns: false where the device can be followed no longer.
    private func takeDeviceNews() -> Bool {
        let news = device.news
        if let failure = news.failure {
            logger.error("\(configuration.device) can be followed no longer (\(failure)): is sysgenidd running?")
            runner.end()
            return false
        }
        if let generation = news.generation { take(.shown(generation)) }
        // A device that shows no generation is of no use, be it served.
        let isServed = news.isServed && news.generation != nil
        if isServed != self.isServed {
            self.isServed = isServed
            logger.log(
                level: isServed ? .info : .warning,
                isServed
                    ? "\(configuration.device) is served" : "\(configuration.device) is not served: start sysgenidd")
            take(.served(isServed))
        }
        return true
    }

    /// How long a page is waited for that shows what was not told yet, until it is looked at again, in nanoseconds.
    private static let pageInterval: UInt64 = 10_000_000

    private var nextPageLook: UInt64? {
        readiness.isDoubted ? MonotonicClock.now() + Self.pageInterval : nil
    }

    /// The page shows a change before anybody is told. Some may write to it who may not make a change: so it makes none,
    /// and is set right soon, but nobody hears meanwhile that the system is ready.
    private func lookAtPage() {
        guard let shown = device.news.probe?.load(), let change = readiness.change else { return }
        let isDoubted = shown != change.generation
        if isDoubted != readiness.isDoubted { take(.doubted(isDoubted)) }
    }

    private func takeWatchersNews() {
        switch watchers.take() {
        case .upToDate(let generation, let count)?:
            // They are up to date with the generation that the device has now, which may be a later one.
            let shown = device.news.probe?.load() ?? generation
            guard shown == generation else { return watchers.wait(for: generation) }
            take(.watchersUpToDate(generation, count))
        case .outdated(let generation, let processes)?: take(.watchersOutdated(generation, processes: processes))
        case nil: break
        }
    }

    /// How long to wait until the next look at what is published, in nanoseconds, at first and at last.
    static let firstInterval: UInt64 = 1_000_000
    private static let lastInterval: UInt64 = 32_000_000

    /// sysgenidd publishes a change right after everybody was woken.
    private func lookAtPublished() {
        guard let (generation, _, interval) = learning else { return }
        let published = PublishedAttributes(in: configuration.runtimeDirectory)
        if published.generation == generation, published.describe(configuration.device) {
            learning = nil
            take(.learned(generation, published.reseed))
        } else {
            learning = (
                generation, MonotonicClock.now() + interval, min(interval * 2, Self.lastInterval)
            )
        }
    }

    /// The hook that runs is ended: the next overseer runs it again, as the record says.
    private func end() {
        runner.end()
        manager?.notify("STOPPING=1", mayWait: false)
    }
}
