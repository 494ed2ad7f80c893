import Glibc
import SysGenIDSystem
import TestSupport
import Testing

/// What a thread does, seen from another one.
struct ActivityTests {
    /// Waits for a signal to go on, then for one to end.
    private final class Worker: Sendable {
        let work: EventSignal
        let end: EventSignal
        let isWorking: EventSignal

        init() throws {
            work = try EventSignal()
            end = try EventSignal()
            isWorking = try EventSignal()
        }

        func run() {
            while waitUntilReadable([work.descriptor.rawValue]).isEmpty {}
            isWorking.raise()
            var entry = pollfd(fd: end.descriptor.rawValue, events: Int16(POLLIN), revents: 0)
            while poll(&entry, 1, -1) != 1 {}
        }
    }

    @Test func waitsAndWorkAreToldApart() throws {
        try Thread.installWakeHandler()
        let worker = try Worker()
        let start = MonotonicClock.lastTick()
        let thread = try Thread(named: "worker") { worker.run() }
        #expect(thread.name == "worker")
        try waitUntil("the wait") { if case .waiting = thread.activity { true } else { false } }

        // A thread that is woken waits again, and was back later than before.
        let asked = MonotonicClock.lastTick()
        #expect(asked >= start)
        try waitUntil("the next wait") {
            thread.wake()
            guard case .waiting(let lastBack) = thread.activity else { return false }
            return lastBack >= asked
        }

        let before = MonotonicClock.lastTick()
        worker.work.raise()
        #expect(awaitReadable([worker.isWorking.descriptor.rawValue]).count == 1)
        let after = MonotonicClock.lastTick()
        guard case .working(let since) = thread.activity else {
            Issue.record("it is at work, and says that it waits")
            return
        }
        #expect((before...after).contains(since))
        worker.end.raise()
        thread.join()
    }
}
