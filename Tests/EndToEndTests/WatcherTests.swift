import Foundation
import SysGenID
import SysGenIDSystem
import TestSupport
import Testing

extension EndToEnd {
    /// The client library, in this process, on a device that really is served.
    @Suite struct Watchers {
        @Test(arguments: Kernel.allCases, [SystemGenerationDevice.Access.readOnly, .readWrite])
        func eachChangeIsTakenOnceAcknowledgedOrNot(
            _ kernel: Kernel, _ access: SystemGenerationDevice.Access
        ) throws {
            let device = try TestDevice()
            defer { device.end() }
            try device.serve(kernel: kernel)
            let watcher = try device.watcher(access: access, isTracked: true)
            let overseer = Overseer(path: device.path)
            #expect(watcher.generation == .fresh)
            #expect(try watcher.nextChange() == nil)
            for change in 1...6 as ClosedRange<UInt32> {
                #expect(watcher.isReadable(within: 0) == false)
                #expect(try overseer.trigger().rawValue == change)
                #expect(!awaitReadable([watcher.descriptor]).isEmpty)
                #expect(try watcher.nextChange()?.rawValue == change)
                #expect(try watcher.nextChange() == nil)
                #expect(watcher.isReadable(within: 50) == false)
                guard change.isMultiple(of: 2) else { continue }
                #expect(throws: DeviceFailure.self) { try overseer.waitForWatchers(timeoutMilliseconds: 0) }
                #expect(try watcher.acknowledge(Generation(rawValue: change)))
                #expect(watcher.generation?.rawValue == change)
                try overseer.awaitWatchers()
            }
            #expect(try watcher.waitForChange(timeoutMilliseconds: 50) == nil)
            // Before 6.9, a mapping by a descriptor for reading counts as an open file, which nobody acknowledges.
            let isMappingCounted = kernel == .beforePassthrough && access == .readOnly
            #expect(try overseer.outdatedCount() == (isMappingCounted ? 1 : 0))
        }

        @Test(arguments: [SystemGenerationDevice.Access.readOnly, .readWrite])
        func anAcknowledgementThatComesTooLateAcknowledgesNothing(_ access: SystemGenerationDevice.Access) throws {
            let device = try TestDevice()
            defer { device.end() }
            try device.serve()
            let watcher = try device.watcher(access: access)
            let overseer = Overseer(path: device.path)
            _ = try overseer.trigger()
            let first = try #require(try watcher.awaitChange())
            _ = try overseer.trigger()
            let isUpToDate = try watcher.acknowledge(first)
            // Without the permission to write, the next change outdates the watcher that takes over.
            #expect(isUpToDate == (access == .readOnly))
            let second = try #require(try watcher.awaitChange())
            #expect(second.rawValue == 2)
            #expect(try !watcher.acknowledge(first))
            #expect(try watcher.acknowledge(second))
            #expect(try watcher.waitForChange(timeoutMilliseconds: 50) == nil)
        }

        @Test func anAsynchronousLoopGetsTheChangesAndEndsWithItsTask() async throws {
            let device = try TestDevice()
            defer { device.end() }
            try device.serve()
            let watcher = try device.watcher(isTracked: true)
            let seen = Lock<[UInt32]>([])
            let task = Task {
                for try await generation in watcher {
                    seen.withLock { $0.append(generation.rawValue) }
                    try watcher.acknowledge(generation)
                }
            }
            let overseer = Overseer(path: device.path)
            for change in 1...3 as ClosedRange<UInt32> {
                #expect(try overseer.trigger().rawValue == change)
                try await overseer.awaitReadjustment()
            }
            #expect(seen.withLock { $0 } == [1, 2, 3])
            task.cancel()
            try await task.value
            try waitUntil("the end of the thread") { !Self.threads.contains("sysgenid-watch") }
        }

        @Test func aLoopThatIsLeftEndsItsThread() async throws {
            let device = try TestDevice()
            defer { device.end() }
            try device.serve()
            let watcher = try device.watcher()
            let loop = Task { () -> Generation? in
                for try await generation in watcher { return generation }
                return nil
            }
            try waitUntil("the thread") { Self.threads.contains("sysgenid-watch") }
            _ = try Overseer(path: device.path).trigger()
            #expect(try await loop.value?.rawValue == 1)
            try waitUntil("the end of the thread") { !Self.threads.contains("sysgenid-watch") }
        }

        @Test func aCallbackGetsTheChangesUntilItIsEnded() throws {
            let device = try TestDevice()
            defer { device.end() }
            try device.serve()
            let watcher = try device.watcher()
            let seen = Lock<[UInt32]>([])
            let following = try watcher.follow { change in
                guard case .success(let generation) = change else { return }
                seen.withLock { $0.append(generation.rawValue) }
            }
            _ = try Overseer(path: device.path).trigger()
            try waitUntil("the change") { seen.withLock { $0 } == [1] }
            following.end()
            try waitUntil("the end of the thread") { !Self.threads.contains("sysgenid-watch") }
            _ = try Overseer(path: device.path).trigger()
            #expect(try watcher.awaitChange()?.rawValue == 2)
            #expect(seen.withLock { $0 } == [1])
        }

        @Test func aWaitForWatchersEndsInTimeOrIsCancelled() async throws {
            let device = try TestDevice()
            defer { device.end() }
            try device.serve()
            let watcher = try device.watcher(isTracked: true)
            let overseer = Overseer(path: device.path)
            let generation = try overseer.trigger()
            let failure = await #expect(throws: DeviceFailure.self) {
                try await overseer.watchersReadjust(withinMilliseconds: 300)
            }
            #expect(failure?.reason == .timedOut)
            let wait = Task { try await overseer.watchersReadjust() }
            try await Task.sleep(for: .milliseconds(50))
            wait.cancel()
            await #expect(throws: CancellationError.self) { try await wait.value }

            let last = Task { try await overseer.awaitReadjustment() }
            #expect(try watcher.nextChange() == generation)
            try watcher.acknowledge(generation)
            try await last.value
        }

        /// The names of the threads of this process.
        private static var threads: [String] {
            let folder = "/proc/self/task"
            let numbers = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
            return numbers.compactMap { try? String(contentsOfFile: "\(folder)/\($0)/comm", encoding: .utf8) }
                .map { $0.trimmingCharacters(in: .newlines) }
        }
    }
}

extension GenerationWatcher {
    /// Whether its descriptor is or becomes readable, as an event loop sees it.
    func isReadable(within milliseconds: Int32) -> Bool {
        var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&entry, 1, milliseconds) == 1
    }
}
