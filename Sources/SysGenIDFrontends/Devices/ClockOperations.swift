internal import Glibc
import SysGenIDCore
import SysGenIDFuse
import SysGenIDSystem

/// The operations of the pages in the layout of a vmclock, among the other files of a frontend. What the kernel's own driver
/// has not is refused as it refuses that: see vmclock_miscdev_fops in drivers/ptp/ptp_vmclock.c (7.0).
// Sendable: what can change is in the service.
class ClockOperations: MappedFileOperations, @unchecked Sendable {
    /// Whose page a node is; nil where it is another file.
    func clock(of node: UInt64) -> DeviceID? { nil }

    /// The file of a device's page.
    func clockNode(of device: DeviceID) -> UInt64? { nil }

    /// Gives a page to the kernel, where that has backing files.
    func register(_ page: borrowing OwnedDescriptor) -> BackingID? { nil }

    /// Whoever may write could map the page so: nobody may.
    override func willOpen(_ node: UInt64, _ flags: AccessFlags) throws(Refusal) {
        guard let device = clock(of: node) else { return }
        guard flags.isReadOnly else { throw .notPermitted }
        let reading = try service.openClock(of: device, register)
        if !isPassthrough, publisher.latest(of: node) == nil { publisher.begin(node, with: .clock(reading)) }
    }

    override func handedFlags(_ node: UInt64, _ flags: AccessFlags) -> WatcherState.Flags {
        clock(of: node) == nil ? super.handedFlags(node, flags) : [flag, .isOfClock]
    }

    override func opening(of watcher: WatcherID, _ node: UInt64, flags: AccessFlags) -> Opening {
        guard clock(of: node) != nil else { return super.opening(of: watcher, node, flags: flags) }
        let mode: Opening.Mode = isPassthrough ? [.direct, .passthrough] : .keepCache
        return Opening(
            handle: watcher.rawValue, mode: mode.union(.withoutFlush), backing: isPassthrough ? backing(of: node) : nil)
    }

    override func contents(_ changes: [DeviceChange]) -> [(node: UInt64, CachedContents)] {
        super.contents(changes)
            + changes.compactMap { change in
                guard let node = clockNode(of: change.device), let reading = change.clock else { return nil }
                return (node, .clock(reading))
            }
    }

    override func read(
        _ request: consuming Request, of handle: UInt64, count: Int, offset: Int64, flags: AccessFlags
    ) {
        guard clock(of: request.node) != nil else {
            return super.read(request, of: handle, count: count, offset: offset, flags: flags)
        }
        guard let contents = service.readClock(WatcherID(rawValue: handle), count, at: offset) else {
            return request.reply(errno: Self.gone)
        }
        request.reply(bytes: contents)
    }

    /// A read from the kernel's cache, which the daemon hears of by what is asked before it. It returns no more than what
    /// was stored there.
    override func attributes(_ request: consuming Request, through handle: UInt64?) {
        guard let handle, clock(of: request.node) != nil else { return super.attributes(request, through: handle) }
        if request.kind == .attributesThroughFile, case .clock(let reading)? = publisher.whole(of: request.node) {
            service.readClock(WatcherID(rawValue: handle), as: reading.sequence)
        }
        super.attributes(request, through: nil)
    }

    override func poll(_ request: consuming Request, of handle: UInt64, for asked: PollEvents, pollHandle: PollHandle?)
    {
        // It is never writable.
        let asked = clock(of: request.node) == nil ? asked : []
        super.poll(request, of: handle, for: asked, pollHandle: pollHandle)
    }

    override func control(_ request: consuming Request, of handle: UInt64, command: UInt32, word: UInt) {
        guard clock(of: request.node) != nil else {
            return super.control(request, of: handle, command: command, word: word)
        }
        request.reply(errno: ENOTTY)
    }
}
