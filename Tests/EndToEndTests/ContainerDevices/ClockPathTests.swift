import Foundation
import SysGenIDCore
import TestSupport
import Testing

extension EndToEnd.ContainerDevices {
    /// The page in the layout of a vmclock where programs look for the hypervisor's.
    @Suite struct ClockPath {
        /// A machine whose hypervisor has a vmclock.
        private struct Machine {
            let root: String
            var path: String { root + "/dev/vmclock0" }
            private let page: FileHandle

            init(of device: TestDevice, counter: UInt64) throws {
                root = device.folder + "/machine"
                try FileManager.default.createDirectory(atPath: root + "/dev", withIntermediateDirectories: true)
                var bytes = VMClockLayout.page(size: 4_096)
                // Nobody tells of a change.
                bytes[VMClockLayout.Offset.flags + 1] = 1
                try Data(bytes).write(to: URL(filePath: root + "/dev/vmclock0"))
                page = try FileHandle(forWritingTo: URL(filePath: root + "/dev/vmclock0"))
                try resume(as: counter)
            }

            /// What the hypervisor does at a resume.
            func resume(as counter: UInt64) throws {
                try store(UInt32(truncatingIfNeeded: 2 * counter + 1), at: VMClockLayout.Offset.sequence)
                try store(counter, at: VMClockLayout.Offset.generationCounter)
                try store(UInt32(truncatingIfNeeded: 2 * counter + 2), at: VMClockLayout.Offset.sequence)
            }

            private func store(_ word: some FixedWidthInteger, at offset: Int) throws {
                try page.seek(toOffset: UInt64(offset))
                try page.write(contentsOf: withUnsafeBytes(of: word.littleEndian) { Data($0) })
            }

            /// What a hypervisor without a counter has.
            func hideCounter() throws { try store(UInt64(0), at: VMClockLayout.Offset.flags) }

            /// What a program finds at the path that opens it now.
            func counter(to device: TestDevice) throws -> String? {
                let reader = try device.client("clock", at: path)
                defer { reader.end() }
                try reader.waitFor("ready")
                return try reader.answer("read")
            }
        }

        private func options(_ machine: Machine) -> [String] {
            ["--backend", "vmclock", "--system-root", machine.root, "--vmclock", machine.path]
        }

        @Test func theHypervisorsIsCoveredAndReadByTheDaemonAlone() throws {
            let device = try TestDevice()
            defer { device.end() }
            let machine = try Machine(of: device, counter: 500)
            let daemon = try Supervisor(device, options(machine) + ["--vmclock-cover"])
            let first = 1 << 32
            #expect(try machine.counter(to: device) == "\(first)")
            let reader = try device.client("clock", at: machine.path)
            try reader.waitFor("ready")
            try machine.resume(as: 501)
            try waitUntil("a change") { try reader.answer("read") == "\(first + 1)" }
            for number in 2...3 {
                // What is mounted there is found again, and what it covers.
                try daemon.replace()
                #expect(try reader.answer("poll") == "0")
                try machine.resume(as: 500 + UInt64(number))
                try waitUntil("a change") { try reader.answer("read") == "\(first + number)" }
                #expect(try machine.counter(to: device) == "\(first + number)")
            }
            #expect(device.mountPoints.count { $0 == machine.path } == 1)
            #expect(daemon.served == 3)
            _ = try daemon.stop()
            #expect(device.mountPoints == [])
            #expect(try machine.counter(to: device) == "503")
        }

        @Test func itIsNotCoveredWithoutLeave() throws {
            let device = try TestDevice()
            defer { device.end() }
            let machine = try Machine(of: device, counter: 500)
            let daemon = try device.serve(
                "--backend", "vmclock", "--system-root", machine.root, "--vmclock", machine.path)
            try daemon.waitFor("another one is there, which takes --vmclock-cover to be covered")
            #expect(try machine.counter(to: device) == "500")
            #expect(device.attribute("backend") == "vmclock")
        }

        // MARK: A library that prefers a vmclock, as AWS-LC would do by what is proposed for it

        private func library(_ device: TestDevice, clock: String, by tool: [String] = []) throws -> RunningProgram {
            try device.client("prefer", [clock], at: device.path, by: tool)
        }

        @Test(arguments: Kernel.allCases)
        func aLibraryThatPrefersAVMClockTakesOursAndSeesEachChange(_ kernel: Kernel) throws {
            let device = try TestDevice()
            defer { device.end() }
            let path = device.folder + "/vmclock0"
            try device.serve("--vmclock", path, kernel: kernel)
            let outsider = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"]
            let libraries = [try library(device, clock: path), try library(device, clock: path, by: outsider)]
            for library in libraries { try library.waitFor("vmclock\n") }
            for change in 0...3 {
                if change > 0 { try device.trigger() }
                for library in libraries {
                    try waitUntil("change \(change)") { try library.answer("") == "\(change)" }
                }
            }
        }

        /// It would look there first: so a change that the hypervisor does not make, as a trigger, would not reach it, unless
        /// the hypervisor's page is covered.
        @Test func theHypervisorsHidesATriggerFromALibraryThatPrefersIt() throws {
            let device = try TestDevice()
            defer { device.end() }
            let machine = try Machine(of: device, counter: 500)
            try device.serve("--backend", "vmclock", "--system-root", machine.root)
            let bare = try library(device, clock: machine.path)
            try bare.waitFor("vmclock\n")
            try device.trigger()
            #expect(try bare.answer("") == "500")
            try machine.resume(as: 501)
            #expect(try bare.answer("") == "501")

            let other = try TestDevice()
            defer { other.end() }
            try other.start(options(machine) + ["--vmclock-cover"]).waitFor("serving \(other.path)")
            let covered = try library(other, clock: machine.path)
            try covered.waitFor("vmclock\n")
            let first = try #require(try covered.answer("").flatMap(UInt64.init))
            try other.trigger()
            #expect(try covered.answer("") == "\(first + 1)")
        }

        /// As one of QEMU (11.1), which has no counter, and the kernel's own, which is for root alone.
        @Test func withoutAUsableVMClockSuchALibraryTakesTheDevice() throws {
            let device = try TestDevice()
            defer { device.end() }
            let machine = try Machine(of: device, counter: 500)
            try device.serve()
            try device.trigger()
            func expectTheDevice(_ clock: String, by tool: [String] = []) throws {
                let library = try library(device, clock: clock, by: tool)
                try library.waitFor("sysgenid\n")
                #expect(try library.answer("") == "1")
            }
            try expectTheDevice(device.folder + "/none")
            try #require(chmod(device.folder, 0o755) == 0 && chmod(machine.path, 0o600) == 0)
            try expectTheDevice(
                machine.path, by: ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"])
            try machine.hideCounter()
            try expectTheDevice(machine.path)
        }

        /// One that took its own page for the hypervisor's would change for ever.
        @Test(arguments: Kernel.allCases)
        func itsOwnPageIsNoSource(_ kernel: Kernel) throws {
            let device = try TestDevice()
            defer { device.end() }
            let machine = try Machine(of: device, counter: 500)
            try FileManager.default.removeItem(atPath: machine.path)
            let daemon = try device.serve(
                "--backend", "auto", "--system-root", machine.root, "--vmclock", machine.path, "--poll-interval", "10",
                kernel: kernel)
            #expect(device.attribute("backend") == "manual")
            try device.trigger()
            daemon.signal(SIGHUP)
            usleep(500_000)
            #expect(try machine.counter(to: device) == "1")
            #expect(device.attribute("backend") == "manual")
            daemon.signal(SIGTERM)
            #expect(try daemon.exitCode() == 0)
            #expect(!FileManager.default.fileExists(atPath: machine.path))
        }

        @Test func oneThatAKilledDaemonHasLeftIsTakenAway() throws {
            let device = try TestDevice()
            defer { device.end() }
            let path = device.folder + "/vmclock0"
            for _ in 0..<2 {
                let daemon = try device.serve("--vmclock", path)
                daemon.signal(SIGKILL)
                _ = try daemon.exitCode()
            }
            let last = try device.serve("--vmclock", path)
            let reader = try device.client("clock", at: path)
            try reader.waitFor("ready")
            #expect(try reader.answer("look") == "2 0")
            #expect(device.mountPoints.count { $0 == path } == 1)
            last.signal(SIGTERM)
            #expect(try last.exitCode() == 0)
            #expect(!FileManager.default.fileExists(atPath: path))
        }
    }
}
