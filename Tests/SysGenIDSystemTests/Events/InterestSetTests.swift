import TestSupport
import Testing

@testable import SysGenIDSystem

@Suite("Descriptors that are watched for what is wanted of them")
struct InterestSetTests {
    private func ready(_ set: borrowing InterestSet) -> [UInt64] { set.ready(upTo: 8).map(\.key).sorted() }

    @Test func eachIsReadyForWhatItIsWatchedFor() throws {
        let set = try InterestSet()
        let first = try EventSignal()
        let second = try EventSignal()
        try set.add(first.descriptor.rawValue, as: 1, for: .input)
        try set.add(second.descriptor.rawValue, as: 2, for: [])
        #expect(ready(set) == [])
        first.raise()
        second.raise()
        #expect(awaitReadable([set.descriptor.rawValue]) == [set.descriptor.rawValue])
        #expect(ready(set) == [1])
        try set.change(second.descriptor.rawValue, as: 3, for: .input)
        #expect(ready(set) == [1, 3])
        // As long as it is.
        #expect(ready(set) == [1, 3])
        try set.change(first.descriptor.rawValue, as: 1, for: .output)
        first.clear()
        #expect(ready(set) == [1, 3])
        set.remove(second.descriptor.rawValue)
        set.remove(first.descriptor.rawValue)
        #expect(ready(set) == [])
        #expect(throws: SystemCallFailure.self) { try set.change(first.descriptor.rawValue, as: 1, for: .input) }
    }

    @Test func noMoreAreNamedThanAreAskedFor() throws {
        let set = try InterestSet()
        let signals = try (0..<6).map { _ in try Signal() }
        for (key, signal) in signals.enumerated() { try set.add(signal.number, as: UInt64(key), for: .input) }
        // Those that were not named are first the next time.
        #expect(Set(set.ready(upTo: 3).map(\.key) + set.ready(upTo: 3).map(\.key)) == [0, 1, 2, 3, 4, 5])
    }

    private final class Signal {
        private let signal: EventSignal
        var number: CInt { signal.descriptor.rawValue }

        init() throws {
            signal = try EventSignal()
            signal.raise()
        }
    }
}
