import Foundation
import StateModel
import SysGenIDCore
import TestSupport
import Testing

@testable import StateModel
@testable import SysGenIDFrontends

/// The rule of the memory that outlives the daemon, held against every moment at which it can be killed: one word makes an
/// entry valid and is stored last. See docs/testing.md.
@Suite(
    .serialized, .enabled(if: getuid() == 0, "needs root, who may trigger"),
    .enabled(if: StoreLog.isPossible, "needs an x86-64 processor, and no sanitizer: stores are stepped over one by one")
)
struct EveryStoreTests {
    private static let seeds: Range<UInt64> = {
        let first = ProcessInfo.processInfo.environment["SYSGENID_SEED"].flatMap(UInt64.init) ?? 1
        let count = ProcessInfo.processInfo.environment["SYSGENID_RUNS"].flatMap(UInt64.init) ?? 1
        return first..<first + count
    }()
    private static let eventsOfASequence = 24

    @Test("killed at every store of a random sequence", arguments: PlayedDaemon.Way.allCases, seeds)
    func randomSequence(_ way: PlayedDaemon.Way, _ seed: UInt64) throws {
        var choices = SeededGenerator(seed: seed)
        var source = EventSource(SeededGenerator(seed: seed))
        var run = try KilledRun(way, at: source.record())
        defer { run.end() }
        try run.takeOver()
        for _ in 0..<Self.eventsOfASequence {
            if choices.number(below: 12) == 0 {
                try run.takeOver()
            } else {
                try run.perform(source.event(current: run.current, isLate: false))
                if let opened = run.opened { source.remember(opened) }
            }
        }
        report(run, "\(way), seed \(seed)")
    }

    @Test("killed at every store of each kind of event", arguments: PlayedDaemon.Way.allCases)
    func eachKindOfEvent(_ way: PlayedDaemon.Way) throws {
        var run = try KilledRun(way, at: Record(generation: .fresh))
        defer { run.end() }
        try run.takeOver()
        for step in Self.everyKind {
            if let event = step(run.current) { try run.perform(event) } else { try run.takeOver() }
        }
        report(run, "\(way)")
    }

    private func report(_ run: KilledRun, _ name: String) {
        print("\(name): \(run.points) points, \(run.complaints.count) differ")
        #expect(run.points > 300 || !run.complaints.isEmpty)
        for complaint in run.complaints { Issue.record("\(name), \(complaint)") }
    }

    /// An event each; nil is a takeover.
    private static var everyKind: [(Generation) -> Event?] {
        let (first, second, third) = (
            WatcherID(slot: 0, uses: 0), WatcherID(slot: 1, uses: 0), WatcherID(slot: 2, uses: 0)
        )
        let (reused, request) = (WatcherID(slot: 1, uses: 1), RequestID(rawValue: 0))
        let opener = Opener(thread: 1, userID: 0, account: .privileged)
        let writer = Opener(thread: 1, userID: 0, account: .privileged, group: .controlGroup("/a".utf8))
        let identity = { Identity(domain: .vmGenerationID, high: 0, low: $0) }
        let trigger = Event.trigger(minimum: 0, isPermitted: true)
        let soon = Deadline(rawValue: 1)
        return [
            { _ in .open(opener) }, { _ in .open(writer) }, { _ in .open(writer) },
            { _ in .poll(second, mayBeNotified: true) }, { _ in .track(first, true) }, { _ in .track(second, true) },
            { _ in .read(first, count: 4, request: request, limit: nil) },
            { _ in .read(third, count: 4, request: request, limit: nil) },
            { _ in trigger },
            { _ in .read(second, count: 4, request: nil, limit: nil) }, { .write(third, $0) }, { .write(first, $0) },
            { _ in .wait(third, .tracked, soon, request, limit: nil) }, { _ in .passTime(now: soon) },
            { _ in .wait(third, .tracked, nil, request, limit: nil) }, { _ in .interrupt(request) },
            { _ in .wait(third, .everyOpenFile, soon, request, limit: nil) },
            { _ in .wait(first, .tracked, nil, request, limit: nil) },
            { _ in nil }, { .write(second, $0) },
            { _ in .identify(identity(1)) }, { _ in .read(first, count: 4, request: request, limit: nil) },
            { _ in .poll(second, mayBeNotified: true) }, { _ in .identify(identity(2)) },
            { _ in .remember(Identity(domain: .kernelLog, high: 0, low: 7)) },
            { _ in .trigger(minimum: 9, isPermitted: false) }, { .write(third, $0) },
            { _ in .wait(third, .everyOpenFile, soon, request, limit: nil) }, { _ in nil }, { _ in .countOutdated },
            { _ in .close(second) }, { _ in .open(writer) }, { _ in .poll(reused, mayBeNotified: true) },
            { _ in .close(first) }, { _ in trigger }, { _ in nil }, { _ in .close(reused) }, { _ in .close(third) },
        ]
    }
}

extension PlayedDaemon.Way: CustomTestStringConvertible {
    var testDescription: String { "\(self)" }
}
