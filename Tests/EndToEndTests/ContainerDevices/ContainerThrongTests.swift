import Foundation
import TestSupport
import Testing

extension EndToEnd.ContainerDevices {
    /// Many that make and remove devices at once.
    @Suite struct Throng {
        private static let processes = 5
        private static let rounds = 200

        @Test(arguments: Kernel.allCases, [true, false])
        func aThousandComeAndGoWhileTheSystemChanges(_ kernel: Kernel, _ haveNamesInCommon: Bool) throws {
            let device = try TestDevice()
            defer { device.end() }
            let daemon = try device.serve(kernel: kernel)
            let tree = try DeviceTree(device)
            let standing = try tree.make("standing")
            let page = try standing.client("map")
            let watcher = try standing.interaction()
            let overseer = try device.systemDevice.interaction()
            let workers = try (0..<Self.processes).map { _ in try DeviceTree(device) }
            for (index, worker) in workers.enumerated() {
                let prefix = haveNamesInCommon ? "common" : "own\(index)"
                try worker.begin("churn", "containers/\(prefix)", "\(Self.rounds)")
            }
            var changes = 0
            repeat {
                #expect(try overseer.answer("trigger") == "0")
                changes += 1
                #expect(try page.answer("look") == "\(changes)")
                #expect(try watcher.answer("read") == "\(changes)")
                #expect(try watcher.answer("write \(changes)") == "4")
            } while !workers.allSatisfy(\.hasChurned)
            let results = workers.compactMap { $0.lines.last }
            #expect(results.allSatisfy { $0.hasSuffix(" 0 failures") }, "\(workers.map(\.lines))")
            let made = results.compactMap { $0.split(separator: " ").first.flatMap { Int($0) } }
            let removed = results.compactMap { $0.split(separator: " ").dropFirst(2).first.flatMap { Int($0) } }
            #expect(made.reduce(0, +) == removed.reduce(0, +))
            if !haveNamesInCommon { #expect(made == workers.map { _ in Self.rounds }) }
            #expect(try tree.containers() == ["standing"])
            #expect(try device.mapped() == UInt32(changes))
            #expect(try standing.generation() == "\(changes)")
            try waitUntil("the attribute") { device.attribute("containers") == "1" }
            daemon.signal(SIGTERM)
            #expect(try daemon.exitCode() == 0)
        }
    }
}

extension DeviceTree {
    /// Whether what was begun with `churn` is over.
    fileprivate var hasChurned: Bool { lines.last?.hasSuffix(" failures") ?? false || !isRunning }
}
