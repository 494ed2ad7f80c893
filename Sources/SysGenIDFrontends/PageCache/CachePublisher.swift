internal import Synchronization
import SysGenIDCore
import SysGenIDFuse
import SysGenIDSystem

/// Stores what a frontend's files show after a change in the kernel's cache, on a thread of its own, and only then lets the
/// change go on. See `CachePublication`.
final class CachePublisher: Sendable {
    private struct Change: Sendable {
        var contents: [(node: UInt64, CachedContents)]
        var proceed: @Sendable () -> Void
    }

    private struct Pending: Sendable {
        var changes: [Change] = []
        /// Nobody stores any more.
        var hasEnded = false
    }

    private let pending = Lock(Pending())
    private let hasWork: EventSignal
    private let isStopping = Atomic(false)
    /// What is shown by the nodes of the files.
    private let shown = Lock<[UInt64: Shown]>([:])
    private let running = Lock<(thread: Thread, session: Session)?>(nil)

    private struct Shown: Sendable {
        /// What was stored last, or is being stored.
        var latest: CachedContents
        /// What was stored last to its end.
        var whole: CachedContents
    }

    init() throws(SystemCallFailure) {
        hasWork = try EventSignal()
    }

    /// Says what a file's pages show until its first change comes.
    func begin(_ node: UInt64, with current: CachedContents) {
        shown.withLock { $0[node] = Shown(latest: current, whole: current) }
    }

    /// The file is no more.
    func end(_ node: UInt64) {
        _ = shown.withLock { $0.removeValue(forKey: node) }
    }

    /// What a page that the kernel has not cached must show; nil where there is no such file. With something newer than is
    /// being stored, that store would take the page back.
    func latest(of node: UInt64) -> CachedContents? { shown.withLock { $0[node]?.latest } }

    /// What each read of the file shows from here on, or something newer.
    func whole(of node: UInt64) -> CachedContents? { shown.withLock { $0[node]?.whole } }

    /// Begins to store what comes, and what has come, in the cache of the session's file.
    func start(for session: Session, named name: String = "page-cache") throws(SystemCallFailure) {
        let thread = try Thread(named: name, keeping: []) { [self, weak session] in
            var isLast = false
            while !isLast {
                _ = waitUntilReadable([hasWork.descriptor.rawValue])
                hasWork.clear()
                // What has come before the end is stored: pages that stay mapped are looked at after it.
                isLast = isStopping.load(ordering: .acquiring)
                for change in takePending() {
                    for (node, contents) in change.contents { if let session { show(contents, of: node, by: session) } }
                    change.proceed()
                }
            }
        }
        running.withLock { $0 = (thread, session) }
    }

    private func show(_ contents: CachedContents, of node: UInt64, by session: Session) {
        let isKnown = shown.withLock { shown in
            shown[node]?.latest = contents
            return shown[node] != nil
        }
        guard isKnown else { return }
        for store in contents.stores { session.storeInCache(store.bytes, at: store.offset, of: node) }
        shown.withLock { $0[node]?.whole = contents }
    }

    /// The thread that stores, while there is one.
    var thread: Thread? { running.withLock { $0?.thread } }

    /// Stores what files show in the cache, then proceeds; at once where nobody stores any more.
    func store(_ contents: [(node: UInt64, CachedContents)], then proceed: @escaping @Sendable () -> Void) {
        let isAwaited = pending.withLock { pending in
            if !pending.hasEnded { pending.changes.append(Change(contents: contents, proceed: proceed)) }
            return !pending.hasEnded
        }
        if isAwaited { hasWork.raise() } else { proceed() }
    }

    /// Ends the thread after all that has come.
    func stop() {
        isStopping.store(true, ordering: .releasing)
        hasWork.raise()
        let ended = running.withLock { running in
            defer { running = nil }
            return running
        }
        ended?.thread.join()
        takePending(isEnd: true).forEach { $0.proceed() }
    }

    private func takePending(isEnd: Bool = false) -> [Change] {
        pending.withLock { pending in
            defer { pending = Pending(hasEnded: isEnd) }
            return pending.changes
        }
    }
}
