import CSysGenID
import Glibc
import StateModel
import SysGenIDCore
import SysGenIDFuse
import Testing

@testable import SysGenIDFrontends

/// The closed list of what may wait, walked: each kind of request is asked in a way that would wait if it could, and a
/// later one is answered. What must not wait has its answer by then.
@Suite struct WaitingTests {
    @Test(arguments: ScriptedKernel.Way.allCases, RequestKind.allCases)
    func whatMayNotWaitIsAnsweredAtOnce(_ way: ScriptedKernel.Way, _ kind: RequestKind) throws {
        let kernel = try ScriptedKernel(serving: way)
        var source = MessageSource(ByteChoices([]), of: kernel.kind)
        _ = try kernel.ask(source.handshake())
        try kernel.settle()
        let isCached = way == .pageCache && kind == .attributesThroughFile
        let opening = try kernel.ask(source.open(isCached ? O_RDONLY : O_RDWR))
        let watcher = WatcherID(rawValue: opening.body.withUnsafeBytes { $0.loadUnaligned(as: UInt64.self) })
        guard let message = message(of: kind, watcher, &source) else { return try kernel.end() }
        // What waits for others needs one who is behind.
        if kind == .control { try leaveBehind(kernel, &source) }
        let isAnswered = try kernel.isAnswered(message, before: source.unserved())
        let canWait =
            switch kind {
            case .read, .control: true
            case .attributesThroughFile: way == .pageCache
            default: false
            }
        #expect(isAnswered == !canWait)
        #expect(!canWait || kind.mayWait)
        try kernel.end()
    }

    /// A watcher that is tracked and outdated, and one more that is neither.
    private func leaveBehind(_ kernel: ScriptedKernel, _ source: inout MessageSource) throws {
        let opening = try kernel.ask(source.open(O_RDONLY))
        let other = WatcherID(rawValue: opening.body.withUnsafeBytes { $0.loadUnaligned(as: UInt64.self) })
        let track = source.control(other, request: CSYSGENID_SET_WATCHER_TRACKING.rawValue, word: 1, thread: 0)
        #expect(try kernel.ask(track).error == 0)
        kernel.service.identified(Identity(domain: .vmGenerationID, high: 0, low: 1), by: "test")
        kernel.service.identified(Identity(domain: .vmGenerationID, high: 0, low: 2), by: "test")
        let current = withUnsafeBytes(of: kernel.service.current.rawValue, Array.init)
        #expect(try kernel.ask(source.write(WatcherID(slot: 0, uses: 0), current)).error == 0)
    }

    /// A request of that kind that would wait if it could; nil where the kernel makes none of that kind here.
    private func message(of kind: RequestKind, _ watcher: WatcherID, _ source: inout MessageSource) -> [UInt8]? {
        switch kind {
        case .open: source.open()
        case .read: source.read(watcher, count: 4, flags: UInt32(O_RDWR))
        case .fill: source.read(watcher, count: 4_096, flags: UInt32(O_RDWR), isFill: true)
        case .write: source.write(watcher, [0, 0, 0, 0])
        case .poll: source.poll(watcher, number: 1, maySleep: true, for: 0x41)
        case .control: source.control(watcher, request: CSYSGENID_WAIT_WATCHERS.rawValue, word: 0, thread: 0)
        case .release: source.release(watcher)
        case .attributesThroughFile: source.attributes(through: watcher)
        case .attributes: source.attributes(through: nil)
        case .setAttributes: source.setAttributes()
        case .name: nil
        case .unserved: source.unserved()
        }
    }
}

extension ScriptedKernel.Way: CustomTestStringConvertible {
    var testDescription: String { "\(self)" }
}
