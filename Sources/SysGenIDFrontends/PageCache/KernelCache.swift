import SysGenIDCore

/// What the kernel has in its cache of a frontend's files.
struct KernelCache: Sendable {
    /// Stores there what has changed, and then proceeds: never before it returns, since it may be called under the lock.
    typealias Store = @Sendable ([DeviceChange], _ proceed: @escaping @Sendable () -> Void) -> Void

    let kind: FrontendKind
    var store: Store
    /// It may lack the last change of a predecessor.
    var isStale = false
}

extension GenerationService {
    /// From now on a change is published in the kernel's cache, too, from which a frontend serves.
    ///
    /// - Parameters:
    ///   - isContinued: a predecessor may have made a change that is not in the cache yet.
    ///   - begin: is told the generations before the first change that is stored there.
    func addCache(
        of kind: FrontendKind, isContinued: Bool, storingBy store: @escaping KernelCache.Store,
        beginningWith begin: ([DeviceChange]) -> Void
    ) {
        guarded.withLock { guarded in
            guarded.setCache(of: kind, to: store)
            let current = guarded.current
            begin(current)
            guard isContinued else { return }
            guarded.setCache(of: kind, isStale: true)
            // Under the lock: what comes next waits behind it.
            store(current) { [self] in self.guarded.withLock { $0.setCache(of: kind, isStale: false) } }
        }
    }

    /// The frontend serves no longer.
    func removeCache(of kind: FrontendKind) {
        guarded.withLock { $0.caches.removeAll { $0.kind == kind } }
    }
}

extension GenerationService.Guarded {
    /// How the next change is published.
    var publication: any Publication { caches.isEmpty ? PagePublication() : CachePublication(caches) }

    fileprivate mutating func setCache(of kind: FrontendKind, to store: @escaping KernelCache.Store) {
        if let index = caches.firstIndex(where: { $0.kind == kind }) {
            caches[index].store = store
        } else {
            // Frontends end the last one first: what one has stored before its end comes to those that end after it.
            caches.insert(KernelCache(kind: kind, store: store), at: 0)
        }
    }

    fileprivate mutating func setCache(of kind: FrontendKind, isStale: Bool) {
        for index in caches.indices where caches[index].kind == kind { caches[index].isStale = isStale }
    }
}
