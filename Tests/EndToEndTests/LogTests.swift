import Foundation
import SysGenID
import TestSupport
import Testing

extension EndToEnd {
    /// Standard error that takes nothing.
    @Suite struct Log {
        /// A pipe that is full, and that nobody reads yet.
        private final class FullPipe {
            let path: String
            let descriptor: Int32

            init(_ path: String) throws {
                self.path = path
                try #require(mkfifo(path, 0o600) == 0)
                descriptor = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC)
                fill()
            }

            /// Nobody will read it: whoever writes to it goes on.
            func end() {
                close(descriptor)
            }

            func fill() {
                for size in [4_096, 1] {
                    let bytes = [UInt8](repeating: UInt8(ascii: "\n"), count: size)
                    while write(descriptor, bytes, size) > 0 {}
                }
            }

            /// What was written until the text comes.
            func lines(until text: String) throws -> [String] {
                var bytes: [UInt8] = []
                var buffer = [UInt8](repeating: 0, count: 1 << 16)
                try waitUntil("'\(text)' in the pipe") {
                    let count = read(descriptor, &buffer, buffer.count)
                    if count > 0 { bytes += buffer.prefix(count) }
                    return String(decoding: bytes, as: UTF8.self).contains(text)
                }
                return String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
            }
        }

        /// Starts a daemon whose standard error is at the path.
        private func serve(
            _ device: TestDevice, _ standardError: String, environment: [String: String] = [:]
        ) throws -> RunningProgram {
            let words = [
                Built.path(of: "sysgenidd"), "--device", device.path, "--runtime-dir", device.runtimeDirectory,
                "--frontend", "fuse", "--backend", "manual",
            ]
            return try device.run(
                "/bin/sh", ["-c", "exec \"$@\" 2>>\(standardError)", "sh"] + words, environment: environment)
        }

        /// Has somebody without the right ask for a change.
        private func triggerInVain(_ device: TestDevice) throws {
            let program = device.folder + "/client"
            if !FileManager.default.fileExists(atPath: program) {
                try FileManager.default.copyItem(atPath: Built.path(of: "TestClient"), toPath: program)
            }
            let identity = ["--reuid", "65534", "--regid", "65534", "--clear-groups"]
            let client = try device.run("/usr/bin/setpriv", identity + [program, "trigger", device.path])
            #expect(try client.exitCode() == EACCES)
        }

        @Test func aLogThatNobodyReadsHoldsUpNobodyAndTheNextReaderLearnsWhatHeMissed() throws {
            let device = try TestDevice()
            defer { device.end() }
            let manager = try NotificationSocket(device.folder + "/notify")
            let pipe = try FullPipe(device.folder + "/log")
            defer { pipe.end() }
            let daemon = try serve(
                device, pipe.path, environment: ["NOTIFY_SOCKET": manager.path, "WATCHDOG_USEC": "1800000"])
            #expect(try manager.receiveReady().hasPrefix("READY=1"))

            let reader = try device.client("read", "2")
            for _ in 1...5 { try triggerInVain(device) }
            try device.trigger()
            let overseer = try device.client("expire", "100")
            #expect(try overseer.exitCode() == ETIME)
            #expect(try reader.exitCode() == 0)
            #expect(reader.lines == ["ready", "1", "2"])
            #expect(try device.client("scribble").exitCode() == 0)

            // Far more than is kept.
            let client = try SystemGenerationDevice(path: device.path)
            for _ in 1...12 {
                for _ in 1...1_000 { try client.trigger() }
                usleep(100_000)
            }
            try triggerInVain(device)
            // One that the scribbler has shown was passed over.
            #expect(try device.mapped() == 12_003)
            manager.forget()
            for _ in 1...3 {
                try manager.waitFor("the watchdog to be fed") { $0 == "WATCHDOG=1" }
            }

            let lines = try pipe.lines(until: "lines of the log were left out here")
            #expect(lines.allSatisfy { $0.hasPrefix("sysgenidd: ") })
            #expect(lines.contains { $0.contains("serving \(device.path)") })
            #expect(lines.contains { $0.contains("of user 65534 may not trigger") })
            let changes = lines.compactMap { $0.wholeMatch(of: /sysgenidd: generation (\d+): .*/)?.1 }.compactMap {
                Int($0)
            }
            #expect(changes.prefix(4) == [1, 2, 3, 4] && changes == changes.sorted())
            let remark = try #require(lines.last { $0.contains("were left out") })
            let count = remark.split(separator: " ").compactMap { Int($0) }.first ?? 0
            #expect(count > 0, "\(remark)")

            try device.trigger()
            #expect(try pipe.lines(until: "generation 12004").last?.contains("left out") == false)

            pipe.fill()
            daemon.signal(SIGTERM)
            // The end is told to the manager, who has no room for it where he has not listened for long.
            try waitUntil("the end of the daemon") {
                manager.forget()
                return !daemon.isRunning
            }
            #expect(try daemon.exitCode() == 0)
            #expect(!device.exists)
        }

        @Test func whatAFullDiskHasTakenFromTheLogIsToldWhenThereIsRoom() throws {
            let device = try TestDevice()
            defer { device.end() }
            let disk = device.folder + "/disk"
            try FileManager.default.createDirectory(atPath: disk, withIntermediateDirectories: true)
            try #require(mount("tmpfs", disk, "tmpfs", 0, "size=64k,mode=755") == 0)
            defer { umount2(disk, Int32(MNT_DETACH)) }
            let log = disk + "/log"
            let text = { (try? String(contentsOfFile: log, encoding: .utf8)) ?? "" }
            let daemon = try serve(device, log)
            try waitUntil("the start") { text().contains("serving \(device.path)") }
            // The page that the log has begun is filled as well.
            let filler = disk + "/filler"
            let file = open(filler, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
            while write(file, [UInt8](repeating: 0, count: 4_096), 4_096) > 0 {}
            close(file)
            let client = try SystemGenerationDevice(path: device.path)
            for _ in 1...300 { try client.trigger() }
            // Published before they are told of. The line that finds no room for its end is the first to be left out.
            try waitUntil("all of them") { device.attribute("generation") == "300" }
            try waitUntil("a full page") { text().utf8.count.isMultiple(of: 4_096) }
            try FileManager.default.removeItem(atPath: filler)
            var generation = 300
            try waitUntil("what was left out", details: text) {
                try client.trigger()
                generation += 1
                usleep(50_000)
                return text().contains("lines of the log were left out here")
            }
            #expect(text().split(separator: "\n").suffix(1).allSatisfy { $0.hasPrefix("sysgenidd: ") })
            daemon.signal(SIGTERM)
            #expect(try daemon.exitCode() == 0)
            #expect(text().contains("stopped at generation \(generation)"))
        }
    }
}
