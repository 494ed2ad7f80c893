import Foundation
import TestSupport
import Testing

extension EndToEnd {
    /// Takeover under load.
    @Suite struct Torture {
        /// Under a sanitizer a successor is killed before it has caught up with so many, again and again.
        static let clients = ProcessInfo.processInfo.environment["SYSGENID_SANITIZE"] == nil ? 1_000 : 100
        static let changes = 200
        /// As many as four times 25 where the machine comes to four in the first second, and no fewer than the least.
        static let (kills, leastKills) = (100, 12)

        /// The client ends by itself, and says so, where nobody gets on.
        @Test func noClientNoticesThatDaemonsAreKilled() throws {
            let seed = ProcessInfo.processInfo.environment["SYSGENID_SEED"].flatMap(UInt64.init) ?? 1
            let device = try TestDevice()
            defer { device.end() }
            let daemon = try Supervisor(device)
            let torture = try device.run("TestClient", ["torture", device.path, "\(Self.clients)"])
            try torture.waitFor("ready\n")
            // The kills take as long as the changes do, or longer.
            try torture.send("\(Self.changes) 100000")
            var random = SeededGenerator(seed: seed)
            var gaps: [UInt64] = []
            let (start, second) = (DispatchTime.now().uptimeNanoseconds, 1_000_000_000 as UInt64)
            var (number, inFirstSecond) = (0, 0)
            while number < max(Self.leastKills, min(Self.kills, 25 * inFirstSecond)) {
                let begun = DispatchTime.now().uptimeNanoseconds
                // Every third is killed wherever it is in its start.
                if number % 3 == 2 {
                    try daemon.replaceEarly()
                } else {
                    try daemon.replace()
                    gaps.append(DispatchTime.now().uptimeNanoseconds - begun)
                }
                usleep(.random(in: 0...200_000, using: &random))
                number += 1
                if DispatchTime.now().uptimeNanoseconds - start < second { inFirstSecond = number }
            }
            try torture.waitFor("changed\n")
            try torture.send("0")
            let code = try torture.exitCode()
            #expect(code == 0, "\(torture.text)")
            #expect(try device.mapped() == UInt32(Self.changes))
            let sorted = gaps.sorted().map { $0 / 1_000_000 }
            print(torture.text)
            print(
                "\(number) kills; a successor served after \(sorted[sorted.count / 2]) ms, at most \(sorted.last!) ms"
            )
            try waitUntil("all watchers gone") { device.attribute("watchers") == "0" }
        }
    }
}
