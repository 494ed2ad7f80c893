// How changes are published on kernels before 6.9, which have no passthrough: programs map the kernel's cache of a file
// that is open for reading only. In which order page, cache and wake-ups come:
//
// 1. Under the service's lock the page and the journal are stored, as everywhere.
// 2. After it a thread of its own (`CachePublisher`) stores the word in the cache, by FUSE_NOTIFY_STORE: first in that of
//    one frontend, and then in that of the other. The kernel makes a store wait for a page fault that it has under way,
//    and the thread of the session must answer the fault; that one would wait for itself.
// 3. From when a store begins, a page fault is answered with what it stores. Until then the fault gets what was stored
//    before: with something newer in the page, that store or an older one would take it back.
// 4. When the store has ended, those who sleep are woken, parked requests and the change's own are answered, and the change
//    is told. Whoever is woken reads from the cache. No read(2) of a cached file reaches the daemon, but the kernel asks for
//    the attributes before it: that is what is parked and answered (`PageCacheReads`).
//
// A request that is answered so late is kept for a successor, as one that is parked. And a predecessor may have been killed
// between 1 and 2: so a successor begins with a store of what the pages show, and answers wait for that, too.

import SysGenIDCore

/// The pages and the kernel's caches.
struct CachePublication: Publication {
    private let caches: [KernelCache]
    /// Those that have to be stored in, or to come to an end with what came before, one after the other.
    private var awaited: [KernelCache] = []
    private var changes: [DeviceChange] = []

    init(_ caches: [KernelCache]) {
        self.caches = caches
    }

    mutating func add(_ change: () -> DeviceChange) {
        changes.append(change())
        awaited = caches
    }

    mutating func awaitPredecessor(at kind: FrontendKind?) {
        guard awaited.isEmpty else { return }
        awaited = caches.filter { $0.isStale && (kind == nil || $0.kind == kind) }
    }

    var isDeferred: Bool { !awaited.isEmpty }

    var emptied: CachePublication {
        var emptied = self
        emptied.changes = []
        return emptied
    }

    func publish(before followUp: FollowUp, by service: GenerationService) {
        store(in: awaited[...]) { service.conclude(followUp) }
    }

    private func store(in caches: ArraySlice<KernelCache>, then proceed: @escaping @Sendable () -> Void) {
        guard let cache = caches.first else { return proceed() }
        cache.store(changes) { store(in: caches.dropFirst(), then: proceed) }
    }
}
