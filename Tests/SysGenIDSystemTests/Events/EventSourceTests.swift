import Glibc
import Synchronization
import SysGenIDSystem
import TestSupport
import Testing

struct EventSignalTests {
    @Test func itIsReadableFromRaiseToClear() throws {
        let signal = try EventSignal()
        let number = signal.descriptor.rawValue
        #expect(waitUntilReadable([number], milliseconds: 0).isEmpty)
        let wasRaised = signal.clear()
        #expect(!wasRaised)
        signal.raise()
        signal.raise()
        #expect(waitUntilReadable([number], milliseconds: 0) == [number])
        let isRaised = signal.clear()
        #expect(isRaised)
        #expect(waitUntilReadable([number], milliseconds: 0).isEmpty)
    }

    @Test func theReadyDescriptorsAreTold() throws {
        let first = try EventSignal()
        let second = try EventSignal()
        second.raise()
        let numbers = [first.descriptor.rawValue, second.descriptor.rawValue]
        #expect(awaitReadable(numbers) == [numbers[1]])
        first.raise()
        #expect(waitUntilReadable(numbers) == Set(numbers))
    }

    @Test func whatWasStoredBeforeItIsRaisedIsSeenAfterItIsCleared() throws {
        final class Shared: Sendable {
            let signal: EventSignal
            let stored = Atomic(0)
            init() throws { signal = try EventSignal() }
        }
        let (shared, last) = (try Shared(), 200_000)
        let thread = try Thread(named: "raises") {
            for number in 1...last {
                shared.stored.store(number, ordering: .releasing)
                shared.signal.raise()
            }
        }
        var seen = 0
        while seen < last {
            try #require(!awaitReadable([shared.signal.descriptor.rawValue]).isEmpty)
            shared.signal.clear()
            seen = shared.stored.load(ordering: .acquiring)
        }
        thread.join()
    }

    @Test func itWakesAnotherThread() throws {
        let ended = try Thread(named: "nothing") {}
        #expect(awaitReadable([ended.endDescriptor]) == [ended.endDescriptor])
        ended.join()
    }
}

struct DelayedSignalTests {
    @Test func itIsReadableAfterItsDelayAndNotBefore() throws {
        let signal = try DelayedSignal(delay: 50_000_000)
        #expect(waitUntilReadable([signal.descriptor], milliseconds: 0).isEmpty)
        for _ in 1...2 {
            let begun = MonotonicClock.now()
            signal.raise()
            signal.raise()
            #expect(awaitReadable([signal.descriptor]) == [signal.descriptor])
            #expect(MonotonicClock.now() - begun >= 50_000_000)
            signal.clear()
            #expect(waitUntilReadable([signal.descriptor], milliseconds: 0).isEmpty)
        }
    }

    @Test func whatIsClearedBeforeItsTimeCanBeRaisedAgain() throws {
        let signal = try DelayedSignal(delay: 1_000_000)
        signal.raise()
        signal.clear()
        signal.raise()
        #expect(awaitReadable([signal.descriptor]) == [signal.descriptor])
    }
}

final class TimerTests {
    let timer: Timer

    init() throws {
        timer = try Timer()
    }

    @Test func itRingsNotBeforeItsMoment() {
        let moment = MonotonicClock.now() + 20_000_000
        timer.arm(at: moment)
        #expect(!awaitReadable([timer.descriptor.rawValue]).isEmpty)
        #expect(MonotonicClock.now() >= moment)
        timer.clear()
        #expect(waitUntilReadable([timer.descriptor.rawValue], milliseconds: 0).isEmpty)
    }

    @Test(arguments: [0, 1])
    func aMomentThatIsOverRingsAtOnce(moment: UInt64) {
        timer.arm(at: moment)
        #expect(!awaitReadable([timer.descriptor.rawValue]).isEmpty)
    }

    @Test func anotherMomentReplacesTheFirst() {
        timer.arm(at: MonotonicClock.now() + 3_600_000_000_000)
        timer.arm(at: MonotonicClock.now() + 1_000_000)
        #expect(!awaitReadable([timer.descriptor.rawValue]).isEmpty)
        timer.clear()
        timer.arm(at: 1)
        timer.arm(at: MonotonicClock.now() + 3_600_000_000_000)
        #expect(waitUntilReadable([timer.descriptor.rawValue], milliseconds: 0).isEmpty)
    }

    @Test func theClockDoesNotGoBack() {
        let moments = (0..<1_000).map { _ in MonotonicClock.now() }
        #expect(moments == moments.sorted())
        #expect(moments[0] > 0)
    }
}

struct ThreadTests {
    @Test func joinEndsABlockedRead() throws {
        try Thread.installWakeHandler()
        var ends: [CInt] = [0, 0]
        #expect(pipe(&ends) == 0)
        let reader = OwnedDescriptor(owning: ends[0])
        let writer = OwnedDescriptor(owning: ends[1])
        let outcome = Outcome()
        let number = reader.rawValue
        let thread = try Thread(named: "reader") {
            var byte: UInt8 = 0
            outcome.result = read(number, &byte, 1)
            outcome.error = errno
        }
        thread.join(interrupting: true)
        #expect(outcome.result == -1)
        #expect(outcome.error == EINTR)
        _ = consume writer
    }

    @Test func joinWaitsForTheBody() throws {
        let outcome = Outcome()
        let thread = try Thread(named: "a name that is far too long for a thread") {
            usleep(10_000)
            outcome.result = 5
        }
        thread.join()
        #expect(outcome.result == 5)
    }

    /// Written by the thread, and read when it has been joined.
    private final class Outcome: @unchecked Sendable {
        var result = 0
        var error: CInt = 0
    }
}
