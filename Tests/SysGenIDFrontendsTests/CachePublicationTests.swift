import SysGenIDCore
import SysGenIDSystem
import Testing

@testable import SysGenIDFrontends

/// In which caches a step is stored, and when it goes on.
struct CachePublicationTests {
    private final class Notes: Sendable {
        let notes = Lock<[String]>([])

        func note(_ note: String) { notes.withLock { $0.append(note) } }
    }

    private let played: PlayedService
    private let notes = Notes()

    init() throws {
        played = try PlayedService()
    }

    private func cache(_ kind: FrontendKind, isStale: Bool) -> KernelCache {
        let store: KernelCache.Store = { [notes] changes, proceed in
            notes.note("\(kind) \(changes.map(\.generation))")
            proceed()
        }
        return KernelCache(kind: kind, store: store, isStale: isStale)
    }

    struct Case: Sendable {
        var stale: [FrontendKind] = []
        var changes: [UInt32] = []
        /// Whether the step answers something, and where.
        var awaits: FrontendKind??
        var stores: [String]
    }

    @Test(arguments: [
        // Nothing to store, and nothing to wait for.
        Case(stores: []),
        Case(awaits: .some(nil), stores: []),
        Case(stale: [.counterFile], stores: []),
        // A change is in all caches before it goes on.
        Case(changes: [7], stores: ["counterFile [7]", "deviceDirectory [7]"]),
        Case(changes: [7, 9], awaits: .some(nil), stores: ["counterFile [7, 9]", "deviceDirectory [7, 9]"]),
        // An answer waits for what a predecessor may have left out, and no change is stored twice.
        Case(stale: [.counterFile], awaits: .some(nil), stores: ["counterFile []"]),
        Case(
            stale: [.counterFile, .deviceDirectory], awaits: .some(nil),
            stores: ["counterFile []", "deviceDirectory []"]),
        Case(stale: [.counterFile, .deviceDirectory], awaits: .deviceDirectory, stores: ["deviceDirectory []"]),
        Case(stale: [.counterFile], awaits: .deviceDirectory, stores: []),
        Case(
            stale: [.counterFile], changes: [7], awaits: .some(nil),
            stores: ["counterFile [7]", "deviceDirectory [7]"]),
    ])
    func whatFollowsComesAfterItsStores(_ tried: Case) {
        let kinds: [FrontendKind] = [.counterFile, .deviceDirectory]
        var publication = CachePublication(kinds.map { cache($0, isStale: tried.stale.contains($0)) })
        for generation in tried.changes {
            publication.add { DeviceChange(device: .system, generation: Generation(rawValue: generation)) }
        }
        if let kind = tried.awaits { publication.awaitPredecessor(at: kind) }
        #expect(publication.isDeferred == !tried.stores.isEmpty)
        #expect(publication.emptied.isDeferred == publication.isDeferred)
        publish(publication)
        #expect(notes.notes.withLock(\.self) == tried.stores + ["concluded"])
        // What comes after it takes the same way.
        notes.notes.withLock { $0 = [] }
        publish(publication.emptied)
        let kindsOfStores = tried.stores.map { $0.prefix { $0 != " " } }
        #expect(notes.notes.withLock(\.self) == kindsOfStores.map { "\($0) []" } + ["concluded"])
    }

    private func publish(_ publication: some Publication) {
        var followUp = FollowUp(publication)
        followUp.drive = (.fresh, { [notes] _ in notes.note("concluded") })
        publication.publish(before: followUp, by: played.service)
    }

    @Test func withPassthroughNothingIsDeferred() {
        var publication: any Publication = PagePublication()
        publication.add {
            Issue.record("nobody asks what the pages show already")
            return DeviceChange(device: .system, generation: .fresh)
        }
        publication.awaitPredecessor(at: nil)
        #expect(!publication.isDeferred)
        publish(PagePublication())
        #expect(notes.notes.withLock(\.self) == ["concluded"])
    }
}
