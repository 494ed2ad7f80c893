import SysGenIDCore
import SysGenIDFuse
import SysGenIDSystem
import TestSupport
import Testing

@testable import SysGenIDFrontends

/// What the service does for an event, and in which order.
struct GenerationServiceTests {
    private static let fullDisk = SystemCallFailure("pwrite", "state", .noSpace)

    @Test func aResumeIsReseededStoredRecordedAndThenTold() throws {
        let played = try PlayedService()
        #expect(played.identify(1) == .adopted)
        #expect(played.news() == ["record 0, the page shows 0", "told: adopted"])
        #expect(played.identify(1) == .known)
        #expect(played.news().isEmpty)
        #expect(played.identify(2) == .resumed)
        #expect(
            played.news() == [
                "reseed, the page shows 0", "record 1, the page shows 1",
                "told: 1, the system was resumed, noticed by test",
            ])
    }

    @Test func whoSleepsIsWokenBeforeTheChangeIsTold() throws {
        let played = try PlayedService()
        let scratch = try Scratch()
        let connection = try NamedFile(scratch.path("connection"), [.readWrite, .create])
        _ = try played.sleeper(wokenBy: connection)
        #expect(try connection.status().size == 0)
        let service = played.service
        // The change goes on when it is let.
        let held = Lock<(@Sendable () -> Void)?>(nil)
        let store: KernelCache.Store = { [unowned played] changes, proceed in
            played.note("store \(changes.map(\.generation))")
            held.withLock { $0 = proceed }
        }
        service.addCache(of: .counterFile, isContinued: false, storingBy: store) { before in
            #expect(before == [DeviceChange(device: .system, generation: .fresh)])
        }
        played.trigger()
        #expect(played.news() == ["record 1, the page shows 1", "store [1]"])
        #expect(try connection.status().size == 0)
        // It knows the service, which knows what holds it.
        let proceed = held.withLock { held in
            defer { held = nil }
            return held
        }
        proceed?()
        #expect(played.news() == ["told: 1, triggered by process 1 of user 0"])
        #expect(try connection.status().size > 0)
    }

    @Test func aChangeOfAPredecessorIsStoredFirst() throws {
        let played = try PlayedService(generation: 7)
        let service = played.service
        let held = Lock<(@Sendable () -> Void)?>(nil)
        let store: KernelCache.Store = { [unowned played] changes, proceed in
            played.note("store \(changes.map(\.generation))")
            held.withLock { $0 = proceed }
        }
        service.addCache(of: .counterFile, isContinued: true, storingBy: store) { before in
            #expect(before.map(\.generation.rawValue) == [7])
        }
        #expect(played.news() == ["store [7]"])
        #expect(service.guarded.withLock { $0.caches.filter(\.isStale).map(\.kind) } == [.counterFile])
        held.withLock { $0.take() }?()
        #expect(!service.guarded.withLock { $0.caches.contains(where: \.isStale) })
        let fresh = try PlayedService()
        fresh.service.addCache(
            of: .counterFile, isContinued: false, storingBy: { [unowned fresh] _, _ in fresh.note("store") }
        ) { _ in }
        #expect(fresh.news().isEmpty)
    }

    @Test func aJournalThatFailsIsToldAndKeepsNobodyFromTheChange() throws {
        let played = try PlayedService(journalFailure: Self.fullDisk)
        played.trigger()
        #expect(
            played.news() == [
                "record 1, the page shows 1", "told: 1, triggered by process 1 of user 0",
                "told: \(Self.fullDisk)",
            ])
        #expect(played.service.current.rawValue == 1)
    }

    @Test func aWatcherThatIsClosedSleepsNoMore() throws {
        let played = try PlayedService()
        let scratch = try Scratch()
        let connection = try NamedFile(scratch.path("connection"), [.readWrite, .create])
        let (watcher, handle) = try played.sleeper(wokenBy: connection)
        played.service.closed(watcher)
        #expect(played.service.guarded.withLock { $0.pollHandles.isEmpty })
        played.trigger()
        #expect(try connection.status().size == 0)
        #expect(played.service.polled(watcher, pollHandle: handle) == nil)
        #expect(played.service.guarded.withLock { $0.pollHandles.isEmpty })
    }

    @Test func aPollThatDoesNotSleepIsAnsweredOnly() throws {
        let played = try PlayedService()
        let watcher = try played.open()
        #expect(played.service.polled(watcher, pollHandle: nil) == false)
        played.trigger()
        #expect(played.service.polled(watcher, pollHandle: nil) == true)
        #expect(played.service.guarded.withLock { $0.pollHandles.isEmpty })
    }

    @Test func theLimitOfWatchersIsToldAndTheEndIsNot() throws {
        let played = try PlayedService(limits: Limits(watchers: 2))
        let watchers = [try played.open(), try played.open()]
        #expect(throws: Refusal.tooManyWatchers) { try played.open() }
        #expect(played.news() == ["told: tooManyWatchers"])
        #expect(played.service.snapshot.census.watchers == 2)
        played.service.closed(watchers[0])
        played.service.shutDown()
        #expect(throws: Refusal.shuttingDown) { try played.open() }
        #expect(played.news().isEmpty)
    }

    @Test func theTimerIsArmedForTheNextDeadlineAndClearedWhenItHasPassed() throws {
        let played = try PlayedService()
        let service = played.service
        let (overseer, other) = (try played.open(), try played.open())
        service.handle { $0.trackingChanged(other, to: true) }
        played.trigger()
        service.handle { $0.wrote(overseer, $0.current) }
        let timer = service.deadlineTimer.descriptor.rawValue
        let soon = Deadline(rawValue: MonotonicClock.now() + 1_000_000)
        service.handle {
            $0.waited(overseer, for: .tracked, until: soon, parkingAs: RequestID(rawValue: 1))
        }
        #expect(waitUntilReadable([timer], milliseconds: 60_000) == [timer])
        service.deadlinePassed()
        #expect(service.guarded.withLock { $0.registry.parkedCount } == 0)
        #expect(waitUntilReadable([timer], milliseconds: 0).isEmpty)
    }

    @Test func aDeviceThatIsDrivenIsTriggeredBeforeTheChangeIsTold() throws {
        let played = try PlayedService()
        let service = played.service
        service.drives(deviceAt: .fresh) { [unowned played] minimum in
            played.note("drive \(minimum)")
            played.service.driven(to: Generation(rawValue: 9))
        }
        _ = played.identify(1)
        _ = played.news()
        _ = played.identify(2)
        #expect(
            played.news() == [
                "reseed, the page shows 0", "record 1, the page shows 1", "drive 1", "record 9, the page shows 9",
                "told: 9, triggered by another program", "told: 1, the system was resumed, noticed by test",
            ])
        service.followed(Generation(rawValue: 12))
        #expect(played.news() == ["record 12, the page shows 12", "told: 12, triggered by another program"])
    }
}
