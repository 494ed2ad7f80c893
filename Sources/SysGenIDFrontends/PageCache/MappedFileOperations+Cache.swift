import SysGenIDCore
import SysGenIDFuse

// The operations of files that are served from the kernel's cache.

extension MappedFileOperations {
    /// From now on what the files show is stored in the kernel's cache.
    func publishInCache() {
        let store: KernelCache.Store = { [publisher, unowned self] changes, proceed in
            publisher.store(contents(changes), then: proceed)
        }
        service.addCache(of: kind, isContinued: isContinued, storingBy: store) { current in
            for (node, contents) in contents(current) { publisher.begin(node, with: contents) }
        }
    }

    /// Descriptors for writing are direct, and cannot be mapped shared.
    func cachedOpening(of watcher: WatcherID, _ flags: AccessFlags) -> Opening {
        guard flags.isReadOnly else {
            return Opening(handle: watcher.rawValue, mode: [.direct, .stream, .withoutFlush])
        }
        cachedReads.opened(watcher, isNonBlocking: flags.isNonBlocking)
        return Opening(handle: watcher.rawValue, mode: [.keepCache, .stream, .withoutFlush])
    }

    /// What a successor has to know of such a watcher.
    func cachedFlags(_ flags: AccessFlags) -> WatcherState.Flags {
        guard flags.isReadOnly else { return [] }
        return flags.isNonBlocking ? [.isCached, .isNonBlocking] : .isCached
    }

    /// What a page shows that is not in the cache.
    func fillCache(_ request: consuming Request) {
        let contents = publisher.latest(of: request.node)
        request.reply(bytes: contents?.bytes ?? [])
    }

    /// What is asked before a read waits as the read would.
    func cachedAttributes(
        _ request: consuming Request, _ attributes: FileAttributes, through handle: UInt64?
    ) {
        guard let handle, request.kind.mayWait, let mayPark = cachedReads.mayBlock(WatcherID(rawValue: handle)) else {
            return request.reply(attributes: attributes, validity: 0)
        }
        serveRead(
            request, of: WatcherID(rawValue: handle), as: .permissionToRead(attributes),
            count: MemoryLayout<UInt32>.size, mayPark: mayPark)
    }
}
