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
        var stores: [(node: UInt64, generation: Generation)]
        var proceed: @Sendable () -> Void
    }

    private let pending = Lock<[Change]>([])
    private let hasWork: EventSignal
    private let isStopping = Atomic(false)
    /// The generations that were stored last, or are being stored, by the nodes of the files.
    private let stored = Lock<[UInt64: Generation]>([:])
    private let running = Lock<(thread: Thread, session: Session)?>(nil)

    init() throws(SystemCallFailure) {
        hasWork = try EventSignal()
    }

    /// Says what a file's pages show until its first change comes.
    func begin(_ node: UInt64, with current: Generation) {
        stored.withLock { $0[node] = current }
    }

    /// The file is no more.
    func end(_ node: UInt64) {
        _ = stored.withLock { $0.removeValue(forKey: node) }
    }

    /// What a page that the kernel has not cached must show. With a newer generation than is being stored, that store
    /// would take the page back.
    func shown(of node: UInt64) -> Generation { stored.withLock { $0[node] } ?? .fresh }

    /// Begins to store what comes, and what has come, in the cache of the session's file.
    func start(for session: Session, named name: String = "page-cache") throws(SystemCallFailure) {
        let thread = try Thread(named: name, keeping: []) { [self, weak session] in
            while !isStopping.load(ordering: .acquiring) {
                _ = waitUntilReadable([hasWork.descriptor.rawValue])
                hasWork.clear()
                for change in takePending() {
                    for (node, generation) in change.stores {
                        let isKnown = stored.withLock { $0.updateValue(generation, forKey: node) != nil }
                        if isKnown { session?.storeInCache(word: generation.rawValue, of: node) } else { end(node) }
                    }
                    change.proceed()
                }
            }
        }
        running.withLock { $0 = (thread, session) }
    }

    /// The thread that stores, while there is one.
    var thread: Thread? { running.withLock { $0?.thread } }

    /// Stores the generations of files in the cache, then proceeds.
    func store(_ stores: [(node: UInt64, generation: Generation)], then proceed: @escaping @Sendable () -> Void) {
        pending.withLock { $0.append(Change(stores: stores, proceed: proceed)) }
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
