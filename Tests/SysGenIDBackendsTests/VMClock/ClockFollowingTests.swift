import SysGenIDCore
import SysGenIDSystem
import TestSupport
import Testing

@testable import SysGenIDBackends

/// The loop of the hardware backends, and a source that has the hypervisor's clock.
struct ClockFollowingTests {
    private let source = ClockedSource()

    private func run() throws -> RunningBackend {
        let candidate = SourceCandidate(name: "vmclock", remark: "") { [source] _ throws(SourceFailure) in source }
        return try RunningBackend(WatchingBackend(Lineup([candidate], now: MonotonicClock.now()), interval: 10))
    }

    @Test func aDisruptionAloneIsOfTheClockAlone() throws {
        let running = try run()
        let start: [BackendReport] = [
            .clock(source.clock), .deciding("vmclock"), .identity(source.current, by: "vmclock"), .clockIsSettled,
        ]
        #expect(running.reports(count: 4) == start)
        source.set { $0.clock?.fields.disruptionMarker = 2 }
        #expect(running.reports(count: 6).suffix(2) == [.clock(source.clock), .clockIsSettled])
        #expect(running.stopped().count == 6)
    }

    @Test func aResumeIsReportedBeforeItsClockIsShownByItself() throws {
        let running = try run()
        _ = running.reports(count: 4)
        source.set {
            $0.clock?.fields.disruptionMarker = 2
            $0.identity = ClockedSource.identity(2)
        }
        let news: [BackendReport] = [
            .clock(source.clock), .identity(source.current, by: "vmclock"), .clock(source.clock), .clockIsSettled,
        ]
        #expect(running.reports(count: 8).suffix(4).elementsEqual(news))
        #expect(running.stopped().count == 8)
    }

    @Test func whatCannotBeReadHasNoClock() throws {
        let running = try run()
        _ = running.reports(count: 4)
        source.breakDown()
        let news: [BackendReport] = [
            .clock(nil), .unreadable("vmclock: gone"), .deciding(Arbiter.noSource), .clockIsSettled,
        ]
        #expect(running.reports(count: 8).suffix(4).elementsEqual(news))
        #expect(running.stopped().count == 8)
    }
}

/// A source with a clock, which a test changes.
private final class ClockedSource: IdentitySource {
    private let now = Lock<Result<Sighting, SourceFailure>>(
        .success(Sighting(identity: identity(1), clock: HostClock(VMClockFields(), isAnnounced: true))))

    static func identity(_ number: UInt64) -> Identity { Identity(domain: .vmclock, high: number, low: 0) }

    func sighting() throws(SourceFailure) -> Sighting { try now.withLock { $0 }.get() }

    func identity() throws(SourceFailure) -> Identity { try sighting().identity }

    var current: Identity { (try? sighting().identity) ?? Self.identity(0) }
    var clock: HostClock? { try? sighting().clock }

    func set(_ change: (inout Sighting) -> Void) {
        now.withLock { now in
            guard case .success(var sighting) = now else { return }
            change(&sighting)
            now = .success(sighting)
        }
    }

    func breakDown() { now.withLock { $0 = .failure(SourceFailure(.unreadable, "gone")) } }
}
