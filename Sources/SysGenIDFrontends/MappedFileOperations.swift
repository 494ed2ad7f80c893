internal import Synchronization
import SysGenIDCore
import SysGenIDFuse
import SysGenIDSystem

/// The operations of files that can be mapped, in the way that the kernel allows.
///
/// With passthrough (6.9) every open file is direct, so that reads reach the daemon and can block, and its
/// mappings are those of the counter page. Without it a file that is open for reading only is served from the
/// kernel's cache, see `CachePublication`.
// Sendable: the mutable parts are behind a lock or atomic.
class MappedFileOperations: WatcherOperations, @unchecked Sendable {
    private let isBacked = Atomic(false)
    let cachedReads = PageCacheReads()
    let publisher: CachePublisher

    /// - Parameter inheritance: what a predecessor of this frontend has left; nil where it has none.
    init(
        _ service: GenerationService, _ kind: FrontendKind, publisher: CachePublisher,
        continuing inheritance: Inheritance?
    ) {
        self.publisher = publisher
        super.init(service, kind, continuing: inheritance)
        for (id, state) in inheritance?.watchers ?? [:] where state.kind == kind && state.isCached {
            cachedReads.opened(id, isNonBlocking: state.isNonBlocking)
        }
    }

    // MARK: What a frontend knows of its files

    /// How a watcher of this frontend is told from others.
    var flag: WatcherState.Flags { .isCounterFile }

    /// The file of a device; nil where this frontend has none.
    func node(of device: DeviceID) -> UInt64? { nil }

    /// What is mapped of the file, by what the kernel knows it.
    func backing(of node: UInt64) -> BackingID? { nil }

    /// - Returns: nil where there is no such file.
    func attributes(of node: UInt64) -> FileAttributes? { nil }

    /// What the files show after these changes, in the kernel's cache.
    func contents(_ changes: [DeviceChange]) -> [(node: UInt64, CachedContents)] {
        changes.compactMap { change in node(of: change.device).map { ($0, .generation(change.generation)) } }
    }

    // MARK: How they are served

    /// Whether mappings are those of the counter page. Known once the session is connected.
    var isPassthrough: Bool { isBacked.load(ordering: .relaxed) }

    /// To be called once the session is connected.
    func serve(isPassthrough: Bool) {
        isBacked.store(isPassthrough, ordering: .relaxed)
        if !isPassthrough { publishInCache() }
    }

    override func opening(of watcher: WatcherID, _ node: UInt64, flags: AccessFlags) -> Opening {
        guard isPassthrough else { return cachedOpening(of: watcher, flags) }
        let mode: Opening.Mode = [.direct, .passthrough, .parallelWrites, .withoutFlush]
        return Opening(handle: watcher.rawValue, mode: mode, backing: backing(of: node))
    }

    override func handedFlags(_ node: UInt64, _ flags: AccessFlags) -> WatcherState.Flags {
        isPassthrough ? flag : flag.union(cachedFlags(flags))
    }

    /// What the kernel fills its cache with. With passthrough nothing is mapped from there: whatever asks is splice(2) or
    /// its kin, which a character device refuses with EINVAL; and nothing that could grow old stays there.
    override func fill(_ request: consuming Request, of handle: UInt64) {
        guard !isPassthrough else { return super.fill(request, of: handle) }
        fillCache(request)
    }

    override func release(_ request: consuming Request, of handle: UInt64) {
        if !isPassthrough { cachedReads.closed(WatcherID(rawValue: handle)) }
        super.release(request, of: handle)
    }

    override func attributes(_ request: consuming Request, through handle: UInt64?) {
        guard let attributes = attributes(of: request.node) else { return request.reply(errno: Self.gone) }
        guard isPassthrough else { return cachedAttributes(request, attributes, through: handle) }
        request.reply(attributes: attributes, validity: validity)
    }

    /// How long a file is: as a page, or as the generation where it is served from the kernel's cache. A cached read of more
    /// bytes returns just these, and the stored word fills the page.
    var fileSize: Int { isPassthrough ? CounterPage.size : MemoryLayout<UInt32>.size }

    /// For how many seconds the kernel may answer fstat(2) by itself.
    var validity: Double { 0 }

    /// ENOENT.
    static let gone: CInt = Refusal.noSuchDevice.errno
}
