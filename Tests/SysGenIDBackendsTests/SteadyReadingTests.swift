import SysGenIDCore
import Testing

@testable import SysGenIDBackends

/// What is reported for a sequence of readings of one file.
struct SteadyReadingTests {
    var steady = SteadyReading()

    private func identity(_ number: UInt64) -> Identity {
        Identity(domain: Identity.Domain("file:/identity"), high: 0, low: number)
    }

    /// Takes the readings, numbers as identities and text as failures, and returns all reports.
    private mutating func take(_ readings: [Any]) -> [BackendReport] {
        readings.flatMap { reading in
            if let number = reading as? Int { return steady.take(.identity(identity(UInt64(number)))) }
            return steady.take(.failure("\(reading)"))
        }
    }

    private func resume(_ number: UInt64) -> BackendReport { .identity(identity(number), by: "file") }

    @Test mutating func anIdentityIsReportedWhenItWasReadTwice() {
        #expect(take([1]).isEmpty)
        #expect(!steady.isSettled)
        #expect(take([1]) == [resume(1)])
        #expect(steady.isSettled)
        #expect(steady.isWell)
        #expect(take([1, 1, 1]).isEmpty)
    }

    @Test mutating func aTornReadingInBetweenIsNotReported() {
        #expect(take([1, 1, 99, 2, 2]) == [resume(1), resume(2)])
    }

    @Test mutating func aTornReadingBeforeTheKnownIdentityIsForgotten() {
        #expect(take([1, 1, 99, 1]) == [resume(1)])
        #expect(steady.isSettled)
        #expect(take([99, 1, 99]).isEmpty)
        #expect(!steady.isSettled)
    }

    @Test mutating func aRewriteInPlaceIsOneResume() {
        #expect(take([1, 1, "empty", "short", 2, 2]) == [resume(1), resume(2)])
    }

    @Test mutating func aFailureIsReportedOnce() {
        #expect(take([1, 1, "gone", "gone", "gone", "gone"]) == [resume(1), .unreadable("gone")])
        #expect(steady.isSettled)
        #expect(!steady.isWell)
    }

    @Test mutating func anotherFailureIsReportedToo() {
        #expect(take(["gone", "gone", "empty", "empty"]) == [.unreadable("gone"), .unreadable("empty")])
    }

    @Test mutating func theReturnOfTheKnownIdentityIsNoResume() {
        #expect(take([1, 1, "gone", "gone", 1, 1, 1]) == [resume(1), .unreadable("gone"), .readable("file")])
        #expect(steady.isWell)
    }

    @Test mutating func theReturnWithAnotherIdentityIsAResume() {
        #expect(take([1, 1, "gone", "gone", 2, 2]) == [resume(1), .unreadable("gone"), .readable("file"), resume(2)])
    }

    @Test mutating func aFailureAtTheStartIsReported() {
        #expect(take(["gone", "gone", 1, 1]) == [.unreadable("gone"), .readable("file"), resume(1)])
    }
}
