import Foundation
import SysGenID
import TestSupport
import Testing

extension EndToEnd {
    /// Clients of the library whose daemon ends, and of which another one takes its place.
    @Suite struct Replacement {
        /// Ends the daemon with the signal.
        private func end(_ daemon: RunningProgram, with signal: Int32) throws {
            daemon.signal(signal)
            _ = try daemon.exitCode()
        }

        /// Waits until the watcher has noticed.
        private func expectDisconnected(_ watcher: GenerationWatcher) throws {
            try waitUntil("the end of the connection") {
                let change = try watcher.waitForChange(timeoutMilliseconds: 10)
                #expect(change == nil)
                return !watcher.isConnected
            }
        }

        private func expectConnected(_ watcher: GenerationWatcher) throws {
            try waitUntil("a connection") {
                let change = try watcher.waitForChange(timeoutMilliseconds: 10)
                #expect(change == nil)
                return watcher.isConnected
            }
        }

        @Test(arguments: Kernel.allCases, [SIGTERM, SIGKILL])
        func aWatcherAndItsProbeGoOnWithTheNextDaemon(_ kernel: Kernel, _ signal: Int32) throws {
            let device = try TestDevice()
            defer { device.end() }
            var daemon = try device.serve(kernel: kernel)
            let watcher = try device.watcher(isTracked: true)
            let probe = try #require(watcher.probe)
            let overseer = Overseer(path: device.path)
            for change in 1...3 as ClosedRange<UInt32> {
                #expect(try overseer.trigger().rawValue == change)
                #expect(probe.load().rawValue == change)
                #expect(try watcher.awaitChange()?.rawValue == change)
                try end(daemon, with: signal)
                try expectDisconnected(watcher)
                #expect(try !watcher.acknowledge(Generation(rawValue: change)))
                daemon = try device.serve(kernel: kernel)
                // A restart is no change.
                try expectConnected(watcher)
            }
            let generation = try overseer.trigger()
            #expect(probe.load() == generation)
            // It is tracked as it was.
            #expect(throws: DeviceFailure.self) { try overseer.waitForWatchers(timeoutMilliseconds: 0) }
            #expect(try watcher.awaitChange() == generation)
            #expect(try watcher.acknowledge(generation))
            try overseer.awaitWatchers()
        }

        @Test(arguments: [SystemGenerationDevice.Access.readOnly, .readWrite])
        func whatChangedMeanwhileIsOneChange(_ access: SystemGenerationDevice.Access) throws {
            let device = try TestDevice()
            defer { device.end() }
            try device.setIdentity(1)
            let options = ["--backend", "file", "--backend-file", device.identityFile]
            let first = try device.serve(options[0], options[1], options[2], options[3])
            let watcher = try device.watcher(access: access)
            try end(first, with: SIGTERM)
            try device.setIdentity(2)
            try device.serve(options[0], options[1], options[2], options[3])
            let generation = try #require(try watcher.awaitChange())
            #expect(generation.rawValue == 1)
            #expect(try watcher.acknowledge(generation))
            #expect(try watcher.waitForChange(timeoutMilliseconds: 500) == nil)
        }

        @Test func aLoopGoesOnWithTheNextDaemon() async throws {
            let device = try TestDevice()
            defer { device.end() }
            let daemon = try device.serve()
            let watcher = try device.watcher(isTracked: true)
            let loop = Task { () -> [UInt32] in
                var seen: [UInt32] = []
                for try await generation in watcher {
                    seen.append(generation.rawValue)
                    try watcher.acknowledge(generation)
                    if seen.count == 2 { break }
                }
                return seen
            }
            let overseer = Overseer(path: device.path)
            _ = try overseer.trigger()
            try await overseer.awaitReadjustment()
            try end(daemon, with: SIGKILL)
            try device.serve()
            try waitUntil("a connection") { device.attribute("tracked") == "1" }
            _ = try overseer.trigger()
            try await overseer.awaitReadjustment()
            #expect(try await loop.value == [1, 2])
        }

        @Test func theCommandGoesOnWatching() throws {
            let device = try TestDevice()
            defer { device.end() }
            let daemon = try device.serve()
            let watch = try device.control("watch", "--count", "2")
            try waitUntil("the watcher") { device.attribute("watchers") == "1" }
            try device.trigger()
            try watch.waitFor("generation 1\n")
            try end(daemon, with: SIGTERM)
            try device.serve()
            try waitUntil("the watcher") { device.attribute("watchers") == "1" }
            try device.trigger()
            #expect(try watch.exitCode() == 0)
            #expect(watch.lines.count == 2 && watch.lines[1].hasSuffix("generation 2"))
        }

        @Test func aGenerationThatWasLostIsAChange() throws {
            let device = try TestDevice()
            defer { device.end() }
            let daemon = try device.serve()
            _ = try Overseer(path: device.path).trigger(minimum: 7)
            let watcher = try device.watcher()
            #expect(watcher.generation?.rawValue == 7)
            try end(daemon, with: SIGTERM)
            try FileManager.default.removeItem(atPath: device.runtimeDirectory)
            try device.serve()
            #expect(try watcher.awaitChange() == .fresh)
        }

        @Test func anOffsetThatCannotBeEndsTheWatcherWithAnError() throws {
            let device = try TestDevice()
            defer { device.end() }
            try device.serve()
            let page = device.runtimeDirectory + "/page_offset"
            try "4094\n".write(toFile: page, atomically: true, encoding: .utf8)
            let failure = #expect(throws: DeviceFailure.self) { try device.watcher() }
            #expect(failure?.reason == .unmappable)
            #expect(failure?.cause.subject == page)
            let probe = try device.control("probe")
            #expect(try probe.exitCode() == 1)
            #expect(probe.lines.count == 1 && probe.text.contains("\(page) holds no offset in a page"))
            try FileManager.default.removeItem(atPath: page)
            #expect(try device.watcher().probe?.load() == .fresh)
        }

        @Test(arguments: [false, true])
        func aDeviceThatComesLaterIsTheFirstChange(_ isFileThere: Bool) throws {
            let device = try TestDevice()
            defer { device.end() }
            if isFileThere { try Data(count: 4_096).write(to: URL(filePath: device.path)) }
            let watcher = try GenerationWatcher(
                path: device.path, runtimeDirectory: device.runtimeDirectory, isTracked: true, waitsForDevice: true)
            #expect(!watcher.isConnected && watcher.generation == nil && watcher.probe == nil)
            #expect(try watcher.waitForChange(timeoutMilliseconds: 400) == nil)
            try device.serve()
            #expect(try watcher.awaitChange() == .fresh)
            #expect(try watcher.acknowledge(.fresh))
            let generation = try Overseer(path: device.path).trigger()
            #expect(try watcher.awaitChange() == generation)
            #expect(watcher.isConnected && watcher.probe?.load() == generation)
        }

        @Test func withoutADeviceThereIsNoWatcher() throws {
            let device = try TestDevice()
            defer { device.end() }
            #expect(throws: DeviceFailure.self) { try device.watcher() }
            try Data(count: 4_096).write(to: URL(filePath: device.path))
            let failure = #expect(throws: DeviceFailure.self) { try device.watcher() }
            #expect(failure?.reason == .notTheDevice)
        }
    }
}
