import SysGenIDSystem
import TestSupport
import Testing

struct EventSetTests {
    @Test func itIsReadableOnceForEachReport() throws {
        let set = try EventSet()
        let signal = try EventSignal()
        let number = set.descriptor.rawValue
        try set.add(signal.descriptor.rawValue)
        for _ in 1...3 {
            #expect(waitUntilReadable([number], milliseconds: 0).isEmpty)
            signal.raise()
            #expect(awaitReadable([number]) == [number])
            set.clear()
            signal.clear()
        }
    }

    @Test func whatIsReadableWhenItIsAddedIsReported() throws {
        let set = try EventSet()
        let signal = try EventSignal()
        signal.raise()
        try set.add(signal.descriptor.rawValue)
        #expect(awaitReadable([set.descriptor.rawValue]) == [set.descriptor.rawValue])
    }

    @Test func manyAreClearedAtOnce() throws {
        let set = try EventSet()
        let signals = try (1...20).map { _ in try Raised() }
        for signal in signals { try set.add(signal.signal.descriptor.rawValue) }
        set.clear()
        #expect(waitUntilReadable([set.descriptor.rawValue], milliseconds: 0).isEmpty)
    }

    @Test func whatIsClosedIsForgotten() throws {
        let set = try EventSet()
        var raised: Raised? = try Raised()
        try set.add(raised!.signal.descriptor.rawValue)
        raised = nil
        #expect(waitUntilReadable([set.descriptor.rawValue], milliseconds: 0).isEmpty)
        #expect(throws: SystemCallFailure.self) { try set.add(-1) }
    }
}

private final class Raised {
    let signal: EventSignal

    init() throws {
        signal = try EventSignal()
        signal.raise()
    }
}
