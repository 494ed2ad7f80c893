import CSysGenID
import Glibc
import SysGenIDSystem
import TestSupport
import Testing

@testable import SysGenIDFrontends

/// What comes before what when a change is stored in the kernel's cache.
@Suite struct CacheOrderTests {
    /// With the new generation, the store that has not begun could take the page back.
    @Test func aPageFaultShowsTheGenerationBeforeUntilTheStoreHasBegun() throws {
        var device = try AskedDevice(serving: .pageCache)
        let watcher = try device.openWatcher(O_RDONLY)
        #expect(try device.fill(watcher) == 0)
        let reader = try device.park { $0.attributes(through: watcher) }
        device.resume()
        #expect(device.kernel.service.page.load() == 1)
        #expect(try device.fill(watcher) == 0)
        #expect(!device.kernel.hasAnswer(reader))
        try device.kernel.settle()
        #expect(try device.kernel.received(until: reader).last?.error == 0)
        #expect(try device.fill(watcher) == 1)
        try device.kernel.end()
    }

    @Test func whoWaitsAndWhoTriggersAreAnsweredAfterTheStore() throws {
        var device = try AskedDevice(serving: .pageCache)
        try device.kernel.settle()
        let watcher = try device.openWatcher(O_RDONLY)
        let reader = try device.park { $0.attributes(through: watcher) }
        device.resume()
        let replies = try device.kernel.received(until: reader)
        #expect(replies.compactMap(\.stored) == [1])
        #expect(replies.first?.stored == 1, "\(replies)")
        guard TriggerPermission().isGranted(to: getpid()) else { return try device.kernel.end() }
        let answers = try device.replies { $0.trigger(watcher, thread: getpid()) }
        #expect(answers.first?.stored == 2 && answers.last?.error == 0, "\(answers)")
        try device.kernel.end()
    }

    @Test func changesAreStoredOneByOneInTheirOrder() throws {
        var device = try AskedDevice(serving: .pageCache)
        let watcher = try device.openWatcher(O_RDONLY)
        let reader = try device.park { $0.attributes(through: watcher) }
        for _ in 1...3 { device.resume() }
        try device.kernel.settle()
        var stored = try device.kernel.received(until: reader).compactMap(\.stored)
        try waitUntil("the last store", details: { "\(stored)" }) {
            stored += try device.replies { $0.unserved() }.compactMap(\.stored)
            return stored.contains(3)
        }
        #expect(stored == [1, 2, 3])
        #expect(try device.fill(watcher) == 3)
        try device.kernel.end()
    }

    @Test func withPassthroughNothingIsStored() throws {
        var device = try AskedDevice(serving: .passthrough)
        try device.kernel.settle()
        let watcher = try device.openWatcher(O_RDONLY)
        let reader = try device.park { $0.read(watcher, count: 4, flags: UInt32(O_RDONLY)) }
        device.resume()
        let replies = try device.kernel.received(until: reader)
        #expect(replies.map(\.word) == [1])
        try device.kernel.end()
    }
}
