import Foundation
import SysGenIDSystem
import TestSupport
import Testing

extension EndToEnd {
    /// A daemon that does not do its duty makes a test fail, and keeps none from its end.
    @Suite struct Ending {
        private final class Outcome: Sendable {
            let isOver = Lock(false)
        }

        /// A client that is killed waits for its answer still, where the daemon has its request.
        @Test func aClientWithoutAnAnswerKeepsNoTestFromItsEnd() throws {
            let device = try TestDevice()
            let daemon = try device.serve()
            defer { daemon.signal(SIGCONT) }
            let reader = try device.client("read")
            daemon.signal(SIGSTOP)
            reader.signal(SIGKILL)
            // In the midst of its call it cannot be killed; before it, it could.
            try waitUntil("the signal") {
                let status = try String(contentsOfFile: "/proc/\(reader.processID)/stat", encoding: .utf8)
                return ["D", "Z"].contains(status.split(separator: " ").dropFirst(2).first)
            }
            try expectEnd(of: device)
            #expect(!reader.isRunning && !daemon.isRunning)
        }

        /// As where it runs under a debugger, which is what a test has started and ends.
        @Test func soIsItWhereTheDaemonGoesOn() throws {
            let device = try TestDevice()
            let shell = try device.run(
                "/bin/sh",
                ["-c", "\"$@\" & wait", "sh", Built.path(of: "sysgenidd"), "--device", device.path]
                    + ["--runtime-dir", device.runtimeDirectory, "--frontend", "fuse", "--backend", "manual"])
            try shell.waitFor("serving \(device.path)")
            let daemon = try #require(device.attribute("pid").flatMap(pid_t.init))
            let reader = try device.client("read")
            kill(daemon, SIGSTOP)
            try expectEnd(of: device)
            #expect(!reader.isRunning && !device.isMounted)
            kill(daemon, SIGCONT)
            try waitUntil("the end of the daemon") { kill(daemon, 0) != 0 }
        }

        private func expectEnd(of device: TestDevice) throws {
            let outcome = Outcome()
            let thread = try SysGenIDSystem.Thread(named: "end") {
                device.end()
                outcome.isOver.withLock { $0 = true }
            }
            try waitUntil("the end of the test") { outcome.isOver.withLock(\.self) }
            thread.join()
        }
    }
}
