import Glibc
import Testing

@testable import SysGenIDSystem

struct PollSetTests {
    private static let millisecond: UInt64 = 1_000_000

    @Test func theReadyPlacesAreTold() throws {
        let first = try EventSignal()
        let second = try EventSignal()
        var set = PollSet([first.descriptor.rawValue, nil, second.descriptor.rawValue])
        #expect(!waits(&set, until: 0))
        #expect(ready(set, of: 3) == [])
        second.raise()
        #expect(waits(&set))
        #expect(ready(set, of: 3) == [2])
        first.raise()
        #expect(waits(&set))
        #expect(ready(set, of: 3) == [0, 2])
        second.clear()
        #expect(waits(&set))
        #expect(ready(set, of: 3) == [0])
        first.clear()
        #expect(!waits(&set, until: 0))
        #expect(ready(set, of: 3) == [])
    }

    @Test func thePlaceThatIsReadyAloneIsTold() throws {
        let first = try EventSignal()
        let second = try EventSignal()
        var set = PollSet([first.descriptor.rawValue, nil, second.descriptor.rawValue])
        #expect(set.onlyReady == nil && !waits(&set, until: 0) && set.onlyReady == nil)
        second.raise()
        #expect(waits(&set) && set.onlyReady == 2)
        first.raise()
        #expect(waits(&set) && set.onlyReady == nil)
        second.clear()
        #expect(waits(&set) && set.onlyReady == 0)
    }

    @Test func oneDescriptorIsLookedAtByItself() throws {
        let signal = try EventSignal()
        #expect(!isReadable(signal.descriptor.rawValue))
        #expect(!isReadable(signal.descriptor.rawValue, until: MonotonicClock.now() + Self.millisecond))
        signal.raise()
        #expect(isReadable(signal.descriptor.rawValue))
        #expect(isReadable(signal.descriptor.rawValue, until: .max))
    }

    @Test func descriptorsComeAndGo() throws {
        let signal = try EventSignal()
        signal.raise()
        var set = PollSet([nil, nil])
        #expect(!waits(&set, until: 0))
        set[1] = signal.descriptor.rawValue
        #expect(waits(&set))
        #expect(ready(set, of: 2) == [1])
        let (empty, taken) = (set[0], set[1])
        #expect(empty == nil)
        #expect(taken == signal.descriptor.rawValue)
        set[1] = nil
        #expect(!waits(&set, until: 0))
        let left = set[1]
        #expect(left == nil)
    }

    /// A list of mounts is always readable; what is exceptional is a change.
    @Test func whatIsExceptionalIsToldOnceAndWhatIsReadableIsNot() throws {
        let changes = try MountNamespace().openChanges()
        var set = PollSet([changes.rawValue])
        #expect(waits(&set))
        set.awaitExceptions(0)
        // Others may mount something at the same time; they do not do so for ever.
        var isQuiet = false
        for _ in 0..<1_000 where !isQuiet { isQuiet = !waits(&set, until: 0) }
        #expect(isQuiet)
    }

    @Test func whatHungUpIsReady() throws {
        var ends: [CInt] = [0, 0]
        try #require(pipe(&ends) == 0)
        defer { close(ends[0]) }
        var set = PollSet([ends[0]])
        #expect(!waits(&set, until: 0))
        close(ends[1])
        #expect(waits(&set))
        #expect(ready(set, of: 1) == [0])
    }

    @Test func theMomentHasComeWhenTheWaitIsOver() {
        var set = PollSet([])
        for step in [1, 999_999, 1_000_000, 1_000_001, 3_500_000] as [UInt64] {
            let moment = MonotonicClock.now() + step
            #expect(!waits(&set, until: moment))
            #expect(MonotonicClock.now() >= moment)
        }
    }

    @Test func aSignalEndsTheWait() throws {
        final class Shared: Sendable {
            let work: EventSignal
            let isOver: EventSignal
            init() throws {
                work = try EventSignal()
                isOver = try EventSignal()
            }
        }
        try Thread.installWakeHandler()
        let shared = try Shared()
        shared.work.raise()
        let thread = try Thread(named: "waits") {
            var set = PollSet([shared.work.descriptor.rawValue])
            guard set.wait() else { return }
            shared.work.clear()
            // What was ready before is not any more.
            if !set.wait(), !set.isReady(0) { shared.isOver.raise() }
        }
        thread.join(interrupting: true)
        #expect(!waitUntilReadable([shared.isOver.descriptor.rawValue], milliseconds: 0).isEmpty)
    }

    @Test(
        "the time until a moment, rounded up",
        arguments: [
            (0, 0, 0), (5, 4, 0), (0, 1, 1), (7, 7 + millisecond, 1), (7, 8 + millisecond, 2),
            (0, 100 * millisecond - 1, 100), (0, 100 * millisecond, 100), (.max, 0, 0), (0, .max, .max),
            (0, 1 << 31 * millisecond, .max),
        ] as [(UInt64, UInt64, CInt)])
    func milliseconds(now: UInt64, moment: UInt64, time: CInt) {
        #expect(PollSet.milliseconds(from: now, until: moment) == time)
    }

    /// Waits an hour at most, and less where a test expects nothing.
    private func waits(_ set: inout PollSet, until moment: UInt64? = nil) -> Bool {
        set.wait(until: moment ?? MonotonicClock.now() + 3_600_000 * Self.millisecond)
    }

    private func ready(_ set: PollSet, of count: Int) -> [Int] {
        var places: [Int] = []
        for place in 0..<count where set.isReady(place) { places.append(place) }
        return places
    }
}
