import SysGenIDCore
import SysGenIDSystem
import Testing

@testable import SysGenIDBackends

/// When what was read of the hypervisor's vmclock is told, and when it is to be shown.
struct ClockReportsTests {
    private var reports = ClockReports()
    private static let clock = HostClock(VMClockFields(), isAnnounced: true)
    private static var other: HostClock {
        var other = clock
        other.fields.disruptionMarker = 1
        return other
    }

    private mutating func look(
        _ clock: HostClock?, wasResumed: Bool = false, isUndecided: Bool = false
    ) -> [BackendReport] {
        var told: [BackendReport] = []
        reports.begin(clock) {
            told.append($0)
            return nil
        }
        told.append(.hasLooked)
        reports.end(wasResumed: wasResumed, isUndecided: isUndecided) {
            told.append($0)
            return nil
        }
        return told
    }

    @Test mutating func aClockIsToldBeforeWhatFollowsAndShownAfterIt() {
        #expect(look(nil) == [.hasLooked])
        #expect(look(Self.clock) == [.clock(Self.clock), .hasLooked, .clockIsSettled])
        #expect(look(Self.clock) == [.hasLooked])
        #expect(look(Self.other) == [.clock(Self.other), .hasLooked, .clockIsSettled])
        #expect(look(nil) == [.clock(nil), .hasLooked, .clockIsSettled])
        #expect(look(nil) == [.hasLooked])
    }

    @Test mutating func oneThatMayBelongToAResumeIsNotShownBefore() {
        #expect(look(Self.clock, isUndecided: true) == [.clock(Self.clock), .hasLooked])
        #expect(look(Self.clock, isUndecided: true) == [.hasLooked])
        #expect(look(Self.clock) == [.hasLooked, .clockIsSettled])
    }

    /// It may have been read before that, and the service shows it no more.
    @Test(arguments: [clock, other, nil])
    mutating func afterAResumeItIsToldAgain(_ next: HostClock?) {
        _ = look(Self.clock)
        #expect(look(Self.other, wasResumed: true, isUndecided: true) == [.clock(Self.other), .hasLooked])
        #expect(look(next) == [.clock(next), .hasLooked, .clockIsSettled])
        #expect(look(next) == [.hasLooked])
    }
}
