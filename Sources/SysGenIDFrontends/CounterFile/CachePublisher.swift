internal import Synchronization
import SysGenIDCore
import SysGenIDFuse
import SysGenIDSystem

/// Stores new generations in the kernel's cache, on a thread of its own, and only then lets a change go on.
///
/// The kernel makes a store wait for a page fault that it has under way, and the fault is answered by the
/// session's thread; so that thread must never wait for a store.
final class CachePublisher: Sendable {
    private struct Change: Sendable {
        var generation: Generation
        var proceed: @Sendable () -> Void
    }

    private let pending = Lock<[Change]>([])
    private let hasWork: EventSignal
    private let isStopping = Atomic(false)
    /// The generation that was stored last, or is being stored.
    private let stored = Atomic<UInt32>(0)
    private let running = Lock<(thread: Thread, session: Session)?>(nil)

    init() throws(SystemCallFailure) {
        hasWork = try EventSignal()
    }

    /// Says what pages show until the first change comes. To be called before `start`.
    func begin(with current: Generation) {
        stored.store(current.rawValue, ordering: .releasing)
    }

    /// What a page that the kernel has not cached must show. With a newer generation than is being stored, that store
    /// would take the page back.
    var shown: Generation { Generation(rawValue: stored.load(ordering: .acquiring)) }

    /// Begins to store what comes, and what has come, in the cache of the session's file.
    func start(for session: Session) throws(SystemCallFailure) {
        let thread = try Thread(named: "page-cache", keeping: []) { [self, weak session] in
            while !isStopping.load(ordering: .acquiring) {
                _ = waitUntilReadable([hasWork.descriptor.rawValue])
                hasWork.clear()
                for change in takePending() {
                    stored.store(change.generation.rawValue, ordering: .releasing)
                    session?.storeInCache(word: change.generation.rawValue)
                    change.proceed()
                }
            }
        }
        running.withLock { $0 = (thread, session) }
    }

    /// The thread that stores, while there is one.
    var thread: Thread? { running.withLock { $0?.thread } }

    /// Stores the generation in the cache, then proceeds.
    func store(_ generation: Generation, then proceed: @escaping @Sendable () -> Void) {
        pending.withLock { $0.append(Change(generation: generation, proceed: proceed)) }
        hasWork.raise()
    }

    /// Ends the thread after what it has begun.
    func stop() {
        isStopping.store(true, ordering: .releasing)
        hasWork.raise()
        let ended = running.withLock { running in
            defer { running = nil }
            return running
        }
        ended?.thread.join()
        takePending().forEach { $0.proceed() }
    }

    private func takePending() -> [Change] {
        pending.withLock { pending in
            defer { pending = [] }
            return pending
        }
    }
}
