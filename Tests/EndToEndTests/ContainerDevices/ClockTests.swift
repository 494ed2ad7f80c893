import Foundation
import TestSupport
import Testing

extension EndToEnd.ContainerDevices {
    /// The generation in the layout of a vmclock, to programs that were written for that.
    @Suite struct Clock {
        @Test(arguments: Kernel.allCases, ["", "containers/a/"])
        func everyRowOfTheKernelsDriverHolds(_ kernel: Kernel, _ folder: String) throws {
            let device = try TestDevice()
            defer { device.end() }
            let daemon = try device.serve(kernel: kernel)
            _ = try DeviceTree(device).make("a")
            let folder = "\(device.devicesDirectory)/\(folder)"
            try device.conform("--device", folder + "sysgenid", "--vmclock", folder + "vmclock0")
            daemon.signal(SIGTERM)
            #expect(try daemon.exitCode() == 0)
        }

        /// Those who have the page of the system's device open, and of a container's.
        private struct Readers {
            let (system, container): (RunningProgram, RunningProgram)

            init(_ device: TestDevice) throws {
                system = try device.client("clock", at: "\(device.devicesDirectory)/vmclock0")
                container = try device.client("clock", at: "\(device.devicesDirectory)/containers/a/vmclock0")
                for reader in [system, container] { try reader.waitFor("ready") }
            }

            func answers(_ line: String) throws -> [String?] {
                try [system.answer(line), container.answer(line)]
            }
        }

        @Test(arguments: [SIGKILL, SIGUSR1], Kernel.allCases)
        func whoHasThePageOpenGoesOnWithTheNextDaemon(_ signal: Int32, _ kernel: Kernel) throws {
            let device = try TestDevice()
            defer { device.end() }
            let daemon = try Supervisor(device, kernel: kernel)
            let container = try DeviceTree(device).make("a")
            let readers = try Readers(device)
            #expect(try readers.answers("poll") == ["1", "1"])
            try daemon.replace(by: signal)
            #expect(try readers.answers("poll") == ["1", "1"])
            #expect(try readers.answers("read") == ["0", "0"])
            #expect(try container.trigger() == 0)
            try daemon.replace(by: signal)
            #expect(try readers.answers("poll") == ["0", "1"])
            #expect(try readers.answers("look") == ["2 0", "4 1"])
            #expect(try readers.answers("read") == ["0", "1"])
            for reader in [readers.system, readers.container] { try reader.send("sleep") }
            for _ in 1...3 { try daemon.replace(by: signal) }
            #expect(readers.system.lines.count == 7 && readers.container.lines.count == 7)
            try device.trigger()
            for reader in [readers.system, readers.container] {
                try waitUntil("the end of the sleep") { reader.lines.count == 8 && reader.lines.last == "1" }
            }
            #expect(try readers.answers("look") == ["4 1", "6 2"])
            #expect(try readers.answers("read") == ["1", "2"])
            #expect(try device.mapped() == 1)
            #expect(daemon.served == 6)
            // Beside what was opened under earlier daemons.
            let later = try Readers(device)
            #expect(try later.answers("look") == ["4 1", "6 2"])
        }

        @Test(arguments: [SIGKILL, SIGTERM])
        func aMappedPageShowsTheChangesOfTheNextDaemonToo(_ signal: Int32) throws {
            let device = try TestDevice()
            defer { device.end() }
            let first = try device.serve()
            let reader = try device.client("clock", at: "\(device.devicesDirectory)/vmclock0")
            try reader.waitFor("ready")
            try device.trigger()
            #expect(try reader.answer("look") == "4 1")
            first.signal(signal)
            _ = try first.exitCode()
            let second = try device.serve()
            #expect(try reader.answer("look") == "4 1")
            try device.trigger()
            #expect(try reader.answer("look") == "6 2")
            second.signal(SIGTERM)
            #expect(try second.exitCode() == 0)
        }
    }
}
