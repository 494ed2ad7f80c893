import Foundation
import TestSupport
import Testing

extension Machine {
    /// The setting of the longest time that a request may be without an answer (6.15).
    fileprivate static let longestRequestTimeout = "/proc/sys/fs/fuse/max_request_timeout"
}

extension Trait where Self == ConditionTrait {
    fileprivate static var needsRequestTimeouts: Self {
        .enabled(
            if: Machine.requiresAll || access(Machine.longestRequestTimeout, W_OK) == 0,
            "needs fs.fuse.max_request_timeout (Linux 6.15)")
    }
}

extension EndToEnd {
    /// A kernel that ends connections over requests that have no answer for long (6.15).
    @Suite(.needsRequestTimeouts)
    struct RequestTimeouts {
        /// Half a minute, for the kernel looks at every 15 seconds only.
        private static let seconds = 20

        /// Blocked calls end as by a signal, which programs survive, and the connection does not end.
        @Test(arguments: Kernel.allCases)
        func whatSleepsForLongEndsBeforeTheKernelEndsTheConnection(_ kernel: Kernel) throws {
            let device = try TestDevice()
            defer { device.end() }
            let supervisor = try limited { try Supervisor(device, kernel: kernel) }
            // The kernel measures the time, and the daemon has to be in time.
            try supervisor.prefer()
            #expect(supervisor.text.contains("blocked calls end after 15 s with EINTR"))
            let overseer = try device.run("TestClient", ["expire", device.path, "3600000"])
            try overseer.waitFor("ready")
            let reader = try device.client("read")
            // They go on with the time that they had.
            try supervisor.replace()
            #expect(try overseer.exitCode() == EINTR)
            // The kernel looks every 15 seconds: by then it would have ended the connection of one that still waits.
            sleep(UInt32(Self.seconds + 2 * 15))
            #expect(reader.lines == ["ready"])
            #expect(supervisor.served == 2)
            try device.trigger()
            #expect(try reader.exitCode() == 0)
        }

        @Test func checkSaysSo() throws {
            let device = try TestDevice()
            defer { device.end() }
            let check = try limited {
                let check = try device.start(["--check"])
                #expect(try check.exitCode() == 0)
                return check
            }
            #expect(check.text.contains("requests    the kernel ends a connection over a request of 20 s"))
            let unlimited = try device.start(["--check"])
            #expect(try unlimited.exitCode() == 0)
            #expect(!unlimited.text.contains("requests  "))
        }

        /// Does something while the administrator allows so many seconds. The setting is the kernel's, so it holds for
        /// every connection that is made meanwhile.
        private func limited<Value>(_ body: () throws -> Value) throws -> Value {
            let setting = URL(filePath: Machine.longestRequestTimeout)
            let before = try Data(contentsOf: setting)
            try Data("\(Self.seconds)".utf8).write(to: setting)
            defer { try? before.write(to: setting) }
            return try body()
        }
    }
}
