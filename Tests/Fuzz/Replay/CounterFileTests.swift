import CSysGenID
import Glibc
import StateModel
import SysGenIDFuse
import SysGenIDSystem
import Testing

@testable import SysGenIDFrontends

/// What the counter file answers, in each of its ways. The kernel is a scripted one.
@Suite struct CounterFileTests {
    private static let ways: [ScriptedKernel.Way] = [.passthrough, .pageCache]

    @Test(
        arguments: [
            (.passthrough, O_RDONLY, [.direct, .passthrough, .parallelWrites, .withoutFlush], 1),
            (.passthrough, O_RDWR, [.direct, .passthrough, .parallelWrites, .withoutFlush], 1),
            (.pageCache, O_RDONLY, [.keepCache, .stream, .withoutFlush], 0),
            (.pageCache, O_RDWR, [.direct, .stream, .withoutFlush], 0),
            (.pageCache, O_WRONLY, [.direct, .stream, .withoutFlush], 0),
            (.characterDevice, O_RDONLY, .direct, 0),
        ] as [(ScriptedKernel.Way, CInt, Opening.Mode, Int32)])
    func theKernelIsToldHowToTreatAnOpenFile(
        _ way: ScriptedKernel.Way, _ flags: CInt, _ mode: Opening.Mode, _ backing: Int32
    ) throws {
        var device = try AskedDevice(serving: way)
        let opening = try device.open(flags)
        #expect(Opening.Mode(rawValue: opening.open_flags) == mode)
        #expect(opening.backing_id == backing)
        try device.kernel.end()
    }

    @Test(arguments: ways) func theAttributesAreThoseOfThisWay(_ way: ScriptedKernel.Way) throws {
        var device = try AskedDevice(serving: way)
        let isPassthrough = way == .passthrough
        let expected = ShownAttributes(
            validity: isPassthrough ? 3_600 : 0, size: isPassthrough ? CounterPage.size : 4, mode: S_IFREG | 0o644)
        #expect(try device.attributes() == expected)
        // Through a file whose reads come to the daemon.
        let writer = try device.openWatcher(O_RDWR)
        #expect(try device.attributes(through: writer) == expected)
        try device.kernel.end()
    }

    @Test(arguments: ways) func eachAttributeCanBeChangedByItself(_ way: ScriptedKernel.Way) throws {
        var device = try AskedDevice(serving: way)
        var expected = try device.attributes()
        expected.mode = S_IFREG | 0o660
        #expect(try ShownAttributes(device.ask { $0.setAttributes(permissions: 0o660) }) == expected)
        expected.userID = 7
        #expect(try ShownAttributes(device.ask { $0.setAttributes(userID: 7) }) == expected)
        expected.groupID = 12
        #expect(try ShownAttributes(device.ask { $0.setAttributes(groupID: 12) }) == expected)
        #expect(try ShownAttributes(device.ask { $0.setAttributes() }) == expected)
        #expect(try device.attributes() == expected)
        try device.kernel.end()
    }

    @Test func withPassthroughNothingFillsTheCache() throws {
        var device = try AskedDevice(serving: .passthrough)
        let watcher = try device.openWatcher(O_RDONLY)
        let reply = try device.ask { $0.read(watcher, count: 4_096, flags: 0, isFill: true) }
        #expect(reply.error == -EINVAL && reply.body.isEmpty)
        try device.kernel.end()
    }

    /// The kernel asks for the attributes before each read from its cache, and so that is where a read waits.
    @Test func aReadFromTheCacheWaitsAsItsFileWasOpened() throws {
        var device = try AskedDevice(serving: .pageCache)
        try device.kernel.settle()
        let blocking = try device.openWatcher(O_RDONLY)
        let other = try device.openWatcher(O_RDONLY | O_NONBLOCK)
        let expected = try device.attributes()
        let parked = try device.park { $0.attributes(through: blocking) }
        #expect(try device.ask { $0.attributes(through: other) }.error == -EAGAIN)
        device.resume()
        let reply = try #require(try device.kernel.received(until: parked).last)
        #expect(try ShownAttributes(reply) == expected)
        #expect(try device.attributes(through: blocking) == expected)
        #expect(try device.attributes(through: other) == expected)
        try device.kernel.end()
    }

    @Test func ofAFileThatWasClosedTheAttributesAreShownAtOnce() throws {
        var device = try AskedDevice(serving: .pageCache)
        let watcher = try device.openWatcher(O_RDONLY)
        #expect(try device.ask { $0.release(watcher) }.error == 0)
        #expect(try device.attributes(through: watcher) == device.attributes())
        try device.kernel.end()
    }

    @Test(arguments: ways + [.characterDevice], [O_RDWR, O_RDONLY])
    func aSignalEndsARead(_ way: ScriptedKernel.Way, _ flags: CInt) throws {
        var device = try AskedDevice(serving: way)
        let watcher = try device.openWatcher(flags)
        let read = { (source: inout MessageSource) in
            way == .pageCache && flags == O_RDONLY
                ? source.attributes(through: watcher) : source.read(watcher, count: 4, flags: UInt32(flags))
        }
        let parked = try device.park(read)
        _ = try device.kernel.send(MessageSource.interrupt(of: ScriptedKernel.number(of: parked)))
        #expect(try device.kernel.received(until: parked).last?.error == -EINTR)
        #expect(device.kernel.parkedCount == 0)

        // It may also come first.
        let kernel = device.kernel
        let late = try device.ask { source in
            var upcoming = source
            let isSent = try? kernel.send(MessageSource.interrupt(of: ScriptedKernel.number(of: read(&upcoming))))
            #expect(isSent == true)
            return read(&source)
        }
        #expect(late.error == -EINTR)
        #expect(device.kernel.parkedCount == 0)
        try device.kernel.end()
    }

    @Test(arguments: ways) func whoContinuesAsksForWhatHasNoAnswer(_ way: ScriptedKernel.Way) throws {
        let kernel = try ScriptedKernel(serving: way)
        var source = MessageSource(ByteChoices([]), of: kernel.kind)
        let handshake = source.handshake()
        _ = try kernel.send(handshake)
        let requests = try kernel.received(until: handshake).filter { $0.unique == 0 }
        // In the other way there is no predecessor.
        #expect(requests.map(\.error) == (way == .passthrough ? [CInt(CSYSGENID_FUSE_NOTIFY_RESEND)] : []))
        try kernel.end()
    }
}
