internal import Glibc
import SysGenIDCore
import SysGenIDFuse
import SysGenIDSystem

/// The operations of the directory of devices: what has a name in it, and whose it is. An open device is served as
/// everywhere.
// Sendable: what can change is in the service.
final class DeviceDirectoryOperations: ClockOperations, @unchecked Sendable {
    private let access: DeviceAccess
    private let time: Int
    private let connection: CInt

    /// - Parameters:
    ///   - time: when the directory was made, in seconds since 1970.
    ///   - connection: of the session.
    init(
        _ service: GenerationService, access: DeviceAccess, time: Int, connection: CInt, publisher: CachePublisher,
        continuing inheritance: Inheritance?
    ) {
        self.access = access
        self.time = inheritance?.attributes.time ?? time
        self.connection = connection
        super.init(service, .deviceDirectory, publisher: publisher, continuing: inheritance)
    }

    /// The kernel takes backing files from the administrator alone, and there is one for each device that is made.
    override func capabilities(servingBy agreement: Agreement) -> Capabilities {
        agreement.isPassthrough ? [.seeingAnyProcess, .systemAdministration] : .seeingAnyProcess
    }

    override func connected(by agreement: Agreement) {
        super.connected(by: agreement)
        serve(isPassthrough: agreement.isPassthrough)
        guard agreement.isPassthrough else { return }
        service.registerContainers(register)
    }

    override func register(_ page: borrowing OwnedDescriptor) -> BackingID? {
        isPassthrough ? Connection.registerBacking(file: page.rawValue, at: connection) : nil
    }

    // MARK: Nodes

    override var flag: WatcherState.Flags { .isInDirectory }

    override func node(of device: DeviceID) -> UInt64? { DeviceNode.file(of: device).number }

    override func device(of node: UInt64) -> DeviceID? {
        switch DeviceNode(number: node) {
        case .file(let device)?, .clock(let device)?: device
        default: nil
        }
    }

    override func clock(of node: UInt64) -> DeviceID? {
        guard case .clock(let device)? = DeviceNode(number: node) else { return nil }
        return device
    }

    override func clockNode(of device: DeviceID) -> UInt64? { DeviceNode.clock(of: device).number }

    override func backing(of node: UInt64) -> BackingID? {
        guard let device = device(of: node) else { return nil }
        guard clock(of: node) == nil else { return service.clockBacking(of: device) }
        return device == .system ? service.systemBacking : service.entry(of: device)?.backing
    }

    override func attributes(of node: UInt64) -> FileAttributes? {
        DeviceNode(number: node).flatMap { shown.attributes(of: $0, entry: service.entry) }
    }

    private var shown: NodeAttributes { NodeAttributes(access: access, time: time, fileSize: fileSize) }

    // MARK: Names

    override func lookUp(_ request: consuming Request, _ name: [UInt8]) {
        let text = String(decoding: name, as: UTF8.self)
        switch (DeviceNode(number: request.node), text) {
        case (.root, DeviceNode.fileName): reply(request, .file(of: .system))
        case (.root, DeviceNode.clockName): reply(request, .clock(of: .system))
        case (.root, DeviceNode.containersName): reply(request, .containers)
        case (.directory(let device), DeviceNode.fileName): reply(request, .file(of: device))
        case (.directory(let device), DeviceNode.clockName): reply(request, .clock(of: device))
        case (.containers, _):
            guard let name = DeviceEntry.name(name), let (id, entry) = service.lookedUp(name, in: request.number) else {
                return request.reply(errno: ENOENT)
            }
            reply(request, id, entry)
        default: request.reply(errno: ENOENT)
        }
    }

    private func reply(_ request: consuming Request, _ node: DeviceNode) {
        guard let attributes = attributes(of: node.number) else { return request.reply(errno: ENOENT) }
        request.reply(entry: attributes, validity: 0)
    }

    private func reply(_ request: consuming Request, _ id: DeviceID, _ entry: DeviceEntry) {
        let isReplayed = request.isReplayed
        let isHeld = request.reply(entry: shown.attributes(of: .directory(of: id), entry), validity: 0)
        if !isHeld, !isReplayed { service.lookupFailed(id) }
    }

    override func forget(_ request: consuming Request, node: UInt64, _ count: UInt64) {
        if case .directory(let device)? = DeviceNode(number: node) {
            service.forgot(device, count, in: request.number)
            giveUp(device)
        }
        request.replyNone()
    }

    override func release(_ request: consuming Request, of handle: UInt64) {
        let device = device(of: request.node)
        super.release(request, of: handle)
        if let device { giveUp(device) }
    }

    /// Lets go what is kept for a device that may be no more.
    private func giveUp(_ device: DeviceID) {
        if !isPassthrough, device != .system, service.entry(of: device) == nil {
            publisher.end(DeviceNode.file(of: device).number)
            publisher.end(DeviceNode.clock(of: device).number)
        }
        for backing in service.takeReleasedBackings() { Connection.releaseBacking(backing, at: connection) }
    }

    override func makeDirectory(_ request: consuming Request, _ name: [UInt8], permissions: UInt32) {
        guard DeviceNode(number: request.node) == .containers else { return request.reply(errno: EPERM) }
        guard request.caller.userID == 0 else { return request.reply(errno: EACCES) }
        guard let text = DeviceEntry.name(name) else { return request.reply(errno: Refusal.invalidName.errno) }
        var made = DeviceEntry(
            name: text, userID: 0, groupID: 0, permissions: permissions, time: Int(WallClock.now()))
        made.making = request.number
        do throws(Refusal) {
            let (id, entry) = try service.addContainer(made, register)
            if !isPassthrough { publisher.begin(DeviceNode.file(of: id).number, with: .generation(entry.generation)) }
            reply(request, id, entry)
        } catch {
            request.reply(errno: error.errno)
        }
    }

    override func removeDirectory(_ request: consuming Request, _ name: [UInt8]) {
        guard DeviceNode(number: request.node) == .containers else { return request.reply(errno: EPERM) }
        do throws(Refusal) {
            guard let text = DeviceEntry.name(name) else { throw .noSuchDevice }
            try service.removeContainer(text, by: request.number)
            request.replyDone()
        } catch {
            request.reply(errno: error.errno)
        }
    }

    override func list(_ request: consuming Request, from offset: Int64, count: Int) {
        guard let node = DeviceNode(number: request.node), offset >= 0 else { return request.reply(errno: EINVAL) }
        request.reply(entries: node.entries(from: offset, containers: service.listedContainers), count: count)
    }

    // MARK: Attributes

    /// The files take their attributes from the directory that they are in. What else a program would set of a file, as its
    /// length with O_TRUNC, changes nothing.
    override func setAttributes(_ request: consuming Request, _ change: AttributeChange) {
        switch DeviceNode(number: request.node) {
        case .directory(let device):
            guard let entry = service.changeContainer(device, change) else { return request.reply(errno: Self.gone) }
            request.reply(attributes: shown.attributes(of: .directory(of: device), entry), validity: 0)
        default:
            guard change.isEmpty else { return request.reply(errno: EPERM) }
            attributes(request, through: nil)
        }
    }

    override func extendedAttribute(_ request: consuming Request, _ name: [UInt8], count: Int) {
        guard case .directory(let device)? = DeviceNode(number: request.node), name == Self.minimumName,
            let entry = service.entry(of: device), entry.flags.contains(.hasMinimum)
        else { return request.reply(errno: ENODATA) }
        request.reply(extendedAttribute: Array(String(entry.minimum).utf8), count: count)
    }

    override func setExtendedAttribute(
        _ request: consuming Request, _ name: [UInt8], to value: UnsafeRawBufferPointer
    ) {
        guard case .directory(let device)? = DeviceNode(number: request.node), name == Self.minimumName else {
            return request.reply(errno: EOPNOTSUPP)
        }
        guard (1...10).contains(value.count), value.allSatisfy({ UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }),
            let minimum = UInt32(String(decoding: value, as: UTF8.self))
        else { return request.reply(errno: EINVAL) }
        do throws(Refusal) {
            try service.beginContainer(device, at: minimum)
            if !isPassthrough {
                publisher.begin(
                    DeviceNode.file(of: device).number, with: .generation(Generation(rawValue: minimum)))
            }
            request.replyDone()
        } catch {
            request.reply(errno: error.errno)
        }
    }

    private static let minimumName = Array("user.sysgenid.minimum".utf8)
}
