import Foundation
import TestSupport
import Testing

extension EndToEnd {
    /// Many clients at once. The figures are printed; what is tested is that everyone is served, and that nothing grows.
    @Suite struct Load {
        @Test func tenThousandBlockedReadersAllWake() throws {
            let device = try TestDevice()
            defer { device.end() }
            let daemon = try device.serve()
            let idle = try Footprint(of: daemon)
            let throng = try device.run("TestClient", ["throng", device.path, "10000"])
            try throng.waitFor("ready\n")
            try waitUntil("all watchers") { device.attribute("watchers") == "10000" }
            let full = try Footprint(of: daemon)
            try throng.send("change")
            try throng.waitFor("woken by")
            let outcome = try #require(throng.lines.last)
            #expect(outcome.hasPrefix("10000 woken by 1 in "))
            print("10000 blocked readers: \(outcome), \((full.residentBytes - idle.residentBytes) / 10_000) bytes each")
            // Room for the watcher, the parked request, and libfuse's part of it.
            #expect(full.residentBytes - idle.residentBytes < 10_000 * 2_048)
            try expectDescriptors(of: daemon, toBecome: idle.descriptorCount)
            try throng.send("end")
            #expect(try throng.exitCode() == 0)
            try waitUntil("all are gone") { device.attribute("watchers") == "0" }
        }

        @Test func clientsThatComeAndGoLeaveNothing() throws {
            let device = try TestDevice()
            defer { device.end() }
            let daemon = try device.serve()
            // What is allocated once is there after the first seconds.
            #expect(try device.run("TestClient", ["churn", device.path, "5"]).exitCode() == 0)
            let before = try Footprint(of: daemon)
            let churn = try device.run("TestClient", ["churn", device.path, "60"])
            #expect(try churn.exitCode() == 0)
            try waitUntil("all are gone") { device.attribute("watchers") == "0" }
            let after = try Footprint(of: daemon)
            let outcome = try #require(churn.lines.last)
            #expect(outcome.hasSuffix(" 0 failures"))
            print("100 clients that come and go for a minute: \(outcome)")
            try expectDescriptors(of: daemon, toBecome: before.descriptorCount)
            // The heap grows in steps to what the most clients at once have needed, by less than two MiB, and stays there. Of
            // what was left behind by each of some hundred thousand rounds, it would be more.
            #expect(after.residentBytes - before.residentBytes < 4 << 20)
        }

        /// A file of the attributes may just be written at any single look. Of the thread that has asked last, the daemon
        /// keeps up to three files below /proc open.
        private func expectDescriptors(of daemon: RunningProgram, toBecome count: Int) throws {
            try waitUntil("\(count) descriptors, or three more") {
                (count - 3...count + 3).contains(try Footprint(of: daemon).descriptorCount)
            }
        }
    }
}

/// What a process holds.
private struct Footprint {
    var residentBytes: Int
    var descriptorCount: Int

    init(of program: RunningProgram) throws {
        let folder = "/proc/\(program.processID)"
        let status = try String(contentsOfFile: "\(folder)/status", encoding: .utf8)
        let kilobytes = status.firstMatch(of: #/VmRSS:\s+(\d+) kB/#).flatMap { Int($0.output.1) }
        residentBytes = try #require(kilobytes) * 1_024
        descriptorCount = try FileManager.default.contentsOfDirectory(atPath: "\(folder)/fd").count
    }
}
