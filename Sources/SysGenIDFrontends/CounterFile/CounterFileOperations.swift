internal import Synchronization
import SysGenIDCore
import SysGenIDFuse
import SysGenIDSystem

/// The operations of the counter file: the one file of a mount of its own.
// Sendable: the mutable part is behind a lock.
final class CounterFileOperations: MappedFileOperations, @unchecked Sendable {
    private let attributes: Lock<FileAttributes>
    /// The backing file of passthrough opens; 0, which names none, where the file is served from the cache.
    private let backing = Atomic<BackingID>(0)

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
        super.init(service, .counterFile, publisher: publisher, continuing: inheritance)
        handOver(attributes)
    }

    override func connected(by agreement: Agreement) {
        super.connected(by: agreement)
        backing.store(agreement.backing ?? 0, ordering: .relaxed)
        serve(isPassthrough: agreement.backing != nil)
    }

    override func node(of device: DeviceID) -> UInt64? { device == .system ? 1 : nil }

    override func backing(of node: UInt64) -> BackingID? { backing.load(ordering: .relaxed) }

    override func attributes(of node: UInt64) -> FileAttributes? {
        var attributes = attributes.withLock { $0 }
        attributes.size = fileSize
        return attributes
    }

    override func setAttributes(_ request: consuming Request, _ change: AttributeChange) {
        var changed = attributes.withLock { attributes in
            attributes.permissions = change.permissions ?? attributes.permissions
            attributes.userID = change.userID ?? attributes.userID
            attributes.groupID = change.groupID ?? attributes.groupID
            return attributes
        }
        handOver(changed)
        changed.size = fileSize
        request.reply(attributes: changed, validity: isPassthrough ? validity : 0)
    }

    private func handOver(_ attributes: FileAttributes) {
        service.handover?.setAttributes(
            HandedAttributes(
                configured: configured, permissions: attributes.permissions, userID: attributes.userID,
                groupID: attributes.groupID, time: attributes.time))
    }

    /// Only the daemon changes the attributes.
    override var validity: Double { 3600 }
}
