internal import Synchronization
import SysGenIDCore
import SysGenIDFuse
import SysGenIDSystem

/// The operations of the counter file, in the way that the kernel allows.
///
/// With passthrough (6.9) every open file is direct, so that reads reach the daemon and can block, and its
/// mappings are those of the counter page. Without it a file that is open for reading only is served from the
/// kernel's cache, which can be mapped; `PageCacheReads` makes its reads block.
// Sendable: the mutable parts are behind a lock.
final class CounterFileOperations: WatcherOperations, @unchecked Sendable {
    private let attributes: Lock<FileAttributes>
    /// The backing file of passthrough opens; 0, which names none, where the file is served from the cache.
    private let backing = Atomic<BackingID>(0)
    private let cachedReads = PageCacheReads()
    private let publisher: CachePublisher

    /// Who may open the file by the configuration.
    private let configured: DeviceAccess

    /// - Parameter inheritance: what a predecessor of this frontend has left; nil where it has none.
    init(
        _ service: GenerationService, access: DeviceAccess, time: Int, publisher: CachePublisher,
        continuing inheritance: Inheritance?
    ) {
        configured = access
        var attributes = FileAttributes(
            permissions: access.permissions, userID: 0, groupID: access.groupID, size: CounterPage.size, time: time)
        if let handed = inheritance?.attributes {
            attributes.time = handed.time
            // What somebody has changed since stays, unless the configuration is another one.
            if handed.configured == access {
                (attributes.permissions, attributes.userID) = (handed.permissions, handed.userID)
                attributes.groupID = handed.groupID
            }
        }
        self.attributes = Lock(attributes)
        self.publisher = publisher
        super.init(service, .counterFile, continuing: inheritance)
        for (id, state) in inheritance?.watchers ?? [:] where state.kind == .counterFile && state.isCached {
            cachedReads.opened(id, isNonBlocking: state.isNonBlocking)
        }
        handOver(attributes)
    }

    /// Whether mappings are those of the counter page. Known once the session is connected.
    var isPassthrough: Bool { backing.load(ordering: .relaxed) != 0 }

    override func connected(by agreement: Agreement) {
        super.connected(by: agreement)
        guard let backing = agreement.backing else {
            // As long as the generation: a cached read of more bytes returns just these, and the stored word
            // fills the page.
            attributes.withLock { $0.size = MemoryLayout<UInt32>.size }
            let current = service.deferChanges(isContinued: isContinued) { [publisher] in
                publisher.store($0, then: $1)
            }
            return publisher.begin(with: current)
        }
        self.backing.store(backing, ordering: .relaxed)
    }

    override func opening(of watcher: WatcherID, flags: AccessFlags) -> Opening {
        guard !isPassthrough else {
            let mode: Opening.Mode = [.direct, .passthrough, .parallelWrites, .withoutFlush]
            return Opening(handle: watcher.rawValue, mode: mode, backing: backing.load(ordering: .relaxed))
        }
        guard flags.isReadOnly else {
            return Opening(handle: watcher.rawValue, mode: [.direct, .stream, .withoutFlush])
        }
        cachedReads.opened(watcher, isNonBlocking: flags.isNonBlocking)
        return Opening(handle: watcher.rawValue, mode: [.keepCache, .stream, .withoutFlush])
    }

    override func handedFlags(_ flags: AccessFlags) -> WatcherState.Flags {
        guard !isPassthrough, flags.isReadOnly else { return .isCounterFile }
        return flags.isNonBlocking ? [.isCounterFile, .isCached, .isNonBlocking] : [.isCounterFile, .isCached]
    }

    /// What the kernel fills its cache with. With passthrough nothing is mapped from there: whatever asks is splice(2) or
    /// its kin, which a character device refuses with EINVAL; and nothing that could grow old stays there.
    override func fill(_ request: consuming Request, of handle: UInt64) {
        guard !isPassthrough else { return super.fill(request, of: handle) }
        request.reply(word: publisher.shown.rawValue)
    }

    override func release(_ request: consuming Request, of handle: UInt64) {
        if !isPassthrough { cachedReads.closed(WatcherID(rawValue: handle)) }
        super.release(request, of: handle)
    }

    override func attributes(_ request: consuming Request, through handle: UInt64?) {
        let attributes = attributes.withLock { $0 }
        guard !isPassthrough else { return request.reply(attributes: attributes, validity: Self.validity) }
        guard let handle, request.kind.mayWait, let mayPark = cachedReads.mayBlock(WatcherID(rawValue: handle)) else {
            return request.reply(attributes: attributes, validity: 0)
        }
        serveRead(
            request, of: WatcherID(rawValue: handle), as: .permissionToRead(attributes),
            count: MemoryLayout<UInt32>.size, mayPark: mayPark)
    }

    override func setAttributes(_ request: consuming Request, _ change: AttributeChange) {
        let changed = attributes.withLock { attributes in
            attributes.permissions = change.permissions ?? attributes.permissions
            attributes.userID = change.userID ?? attributes.userID
            attributes.groupID = change.groupID ?? attributes.groupID
            return attributes
        }
        handOver(changed)
        request.reply(attributes: changed, validity: isPassthrough ? Self.validity : 0)
    }

    private func handOver(_ attributes: FileAttributes) {
        service.handover?.setAttributes(
            HandedAttributes(
                configured: configured, permissions: attributes.permissions, userID: attributes.userID,
                groupID: attributes.groupID, time: attributes.time))
    }

    /// For how many seconds the kernel may answer fstat(2) by itself. Only the daemon changes the attributes.
    private static let validity = 3600.0
}
