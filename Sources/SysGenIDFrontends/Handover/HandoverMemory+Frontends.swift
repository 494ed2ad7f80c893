import SysGenIDCore
import SysGenIDFuse
import SysGenIDSystem

// What a frontend has agreed on with the kernel, and who may open its file.

extension HandoverMemory {
    /// The frontend is connected, and this was agreed on for as long as the connection is there.
    func connected(_ kind: FrontendKind, by agreement: Agreement) {
        let (handshake, reply) = (agreement.handshake, agreement.reply)
        guard handshake.count <= Layout.Frontend.handshakeLimit, reply.count <= Layout.Frontend.replyLimit else {
            return
        }
        let offset = Layout.Frontend.offset(of: kind)
        memory.store(UInt32(0), at: offset + Layout.Frontend.length)
        handshake.withUnsafeBytes { memory.store($0, at: offset + Layout.Frontend.handshake) }
        reply.withUnsafeBytes { memory.store($0, at: offset + Layout.Frontend.reply) }
        memory.store(UInt32(reply.count), at: offset + Layout.Frontend.replyLength)
        memory.store(UInt32(bitPattern: agreement.backing ?? 0), at: offset + Layout.Frontend.backing)
        memory.store(agreement.requestTimeout ?? 0, at: offset + Layout.Frontend.requestTimeout)
        memory.store(UInt32(handshake.count), at: offset + Layout.Frontend.length)
    }

    /// The file system of the frontend is mounted.
    func mounted(_ kind: FrontendKind, as number: DeviceNumber) {
        let word = UInt64(number.major) << 32 | UInt64(number.minor)
        memory.store(word, at: Layout.Frontend.offset(of: kind) + Layout.Frontend.fileSystem)
    }

    /// Who may open the counter file: as configured, and as it was changed since.
    ///
    /// What was changed belongs to a configuration, and is void while another one takes its place: a daemon that is
    /// configured so must not find the attributes of the other.
    func setAttributes(_ attributes: HandedAttributes) {
        if memory.load(UInt32.self, at: Layout.Header.configuredPermissions) != attributes.configured.permissions
            || memory.load(UInt32.self, at: Layout.Header.configuredGroup) != attributes.configured.groupID
        {
            memory.store(Layout.Header.unknownPermissions, at: Layout.Header.configuredPermissions)
        }
        memory.store(attributes.permissions, at: Layout.Header.permissions)
        memory.store(attributes.userID, at: Layout.Header.user)
        memory.store(attributes.groupID, at: Layout.Header.group)
        memory.store(UInt64(bitPattern: Int64(attributes.time)), at: Layout.Header.time)
        memory.store(attributes.configured.groupID, at: Layout.Header.configuredGroup)
        memory.store(attributes.configured.permissions, at: Layout.Header.configuredPermissions)
    }
}

/// The attributes of the counter file, as they are handed over.
struct HandedAttributes: Hashable, Sendable {
    var configured: DeviceAccess
    var permissions: UInt32
    var userID: UInt32
    var groupID: UInt32
    var time: Int
}
