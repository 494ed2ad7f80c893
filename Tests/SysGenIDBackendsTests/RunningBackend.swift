import Glibc
import SysGenIDBackends
import SysGenIDCore
import SysGenIDSystem
import TestSupport

/// A backend on a thread of its own, with what it has reported so far but that it has looked.
final class RunningBackend: Sendable {
    private let stop: Signal
    private let prompt: Signal
    private let thread: Thread
    private let log = Log()

    /// An event signal that a closure can hold.
    private final class Signal: Sendable {
        let event: EventSignal

        init() throws {
            event = try EventSignal()
        }
    }

    private final class Log: Sendable {
        let reports = Lock<[BackendReport]>([])
        let rehearsals = Lock<[Identity]>([])
        private let registry = Lock(GenerationRegistry())

        func take(_ report: BackendReport) -> Recognition? {
            if report != .hasLooked { reports.withLock { $0.append(report) } }
            return registry.withLock { $0.take(report) }
        }
    }

    /// - Parameter noting: is called with each report, before that is taken.
    init(_ backend: some Backend, noting note: @escaping @Sendable (BackendReport) -> Void = { _ in }) throws {
        let stop = try Signal()
        self.stop = stop
        let prompt = try Signal()
        self.prompt = prompt
        thread = try Thread(named: "backend") { [log] in
            backend.run(until: stop.event, lookingAgainAt: prompt.event) { identity in
                log.rehearsals.withLock { $0.append(identity) }
            } report: {
                note($0)
                return log.take($0)
            }
        }
    }

    /// Asks the backend to look again.
    func lookAgain() {
        prompt.event.raise()
    }

    /// Stops the backend and returns all that it has reported.
    func stopped() -> [BackendReport] {
        stop.event.raise()
        thread.join()
        return log.reports.withLock(\.self)
    }

    /// Waits until it has rehearsed so often, as long as anything moves, and returns with what.
    func rehearsals(count: Int) -> [Identity] {
        var patience = Patience()
        while true {
            let rehearsals = log.rehearsals.withLock(\.self)
            if rehearsals.count >= count || patience.isOver() { return rehearsals }
            usleep(2_000)
        }
    }

    /// Waits until there are so many reports, as long as anything moves, and returns what there is.
    func reports(count: Int) -> [BackendReport] {
        wait { $0.count >= count }
    }

    /// Waits until the report has come, as long as anything moves; whether it has.
    func hasReported(_ report: BackendReport) -> Bool {
        wait { $0.contains(report) }.contains(report)
    }

    private func wait(until isEnough: ([BackendReport]) -> Bool) -> [BackendReport] {
        var patience = Patience()
        while true {
            let reports = log.reports.withLock(\.self)
            if isEnough(reports) || patience.isOver() { return reports }
            usleep(2_000)
        }
    }
}
