import Foundation
import SysGenIDCore
import TestSupport
import Testing

extension EndToEnd.ContainerDevices {
    /// What the pages in the layout of a vmclock show of the hypervisor's clock.
    @Suite struct ClockFields {
        /// A machine whose hypervisor has a vmclock and tells of its changes. A daemon of its own plays the kernel's driver:
        /// the machine's device is the page that this one serves, with poll, and the fields are written to the file behind it.
        private struct Machine {
            let root: String
            let host: TestDevice
            private let page: FileHandle

            init() throws {
                host = try TestDevice()
                root = host.folder + "/machine"
                try host.serve()
                try FileManager.default.createDirectory(atPath: root + "/dev", withIntermediateDirectories: true)
                try FileManager.default.createSymbolicLink(
                    atPath: root + "/dev/vmclock0", withDestinationPath: host.devicesDirectory + "/vmclock0")
                let pages = host.runtimeDirectory + "/pages"
                let name = try #require(
                    try FileManager.default.contentsOfDirectory(atPath: pages).first { $0.hasSuffix(".vmclock") })
                page = try FileHandle(forUpdating: URL(filePath: "\(pages)/\(name)"))
            }

            /// The hypervisor resumes the machine, and its clock has this number everywhere.
            func resume(as number: UInt64) throws {
                try begin()
                try show(number)
                // The change of the counter is the end of that of the page.
                try host.trigger()
            }

            /// The clock alone is another one, and nobody says so.
            func change(to number: UInt64, flags: UInt64 = 0x3ff) throws {
                let sequence = try begin()
                try show(number, flags: flags)
                try store(sequence + 1, at: VMClockLayout.Offset.sequence)
            }

            /// The hypervisor does not come to the end of a change.
            @discardableResult
            func begin() throws -> UInt32 {
                try page.seek(toOffset: UInt64(VMClockLayout.Offset.sequence))
                let bytes = try #require(try page.read(upToCount: 4))
                let sequence = bytes.withUnsafeBytes { $0.loadUnaligned(as: UInt32.self) } | 1
                try store(sequence, at: VMClockLayout.Offset.sequence)
                return sequence
            }

            private func show(_ number: UInt64, flags: UInt64 = 0x3ff) throws {
                // Version 1, the time stamp counter, and the time of the world.
                try store(0x0001_0001 as UInt32, at: 0x08)
                try store(number, at: 0x10)
                try store(flags, at: 0x18)
                // Synchronized.
                try store(2 as UInt8, at: 0x22)
                for offset in stride(from: 0x28, to: 0x68, by: 8) { try store(number, at: offset) }
            }

            private func store(_ word: some FixedWidthInteger, at offset: Int) throws {
                try page.seek(toOffset: UInt64(offset))
                try page.write(contentsOf: withUnsafeBytes(of: word.littleEndian) { Data($0) })
            }
        }

        private static func options(_ machine: Machine) -> [String] {
            ["--backend", "vmclock", "--system-root", machine.root, "--poll-interval", "10"]
        }

        /// Waits until the pages show that: whether there is a clock, its status, the disruption marker and the seconds.
        private static func expect(_ readers: [RunningProgram], _ time: String) throws {
            try waitUntil("'\(time)'") { try readers.allSatisfy { try $0.answer("time") == time } }
        }

        private static func readers(_ device: TestDevice) throws -> [RunningProgram] {
            let readers = try ["vmclock0", "containers/a/vmclock0"].map { name in
                try device.client("clock", at: "\(device.devicesDirectory)/\(name)")
            }
            for reader in readers { try reader.waitFor("ready") }
            return readers
        }

        @Test(arguments: Kernel.allCases)
        func theClockOfAHypervisorThatTellsOfChangesIsShown(_ kernel: Kernel) throws {
            let machine = try Machine()
            defer { machine.host.end() }
            try machine.resume(as: 7)
            let device = try TestDevice()
            defer { device.end() }
            let daemon = try Supervisor(device, Self.options(machine), kernel: kernel)
            _ = try DeviceTree(device).make("a")
            let readers = try Self.readers(device)
            try Self.expect(readers, "valid 2 7 7")
            try waitUntil("the attribute") { device.attribute("vmclock_clock") == "valid" }
            #expect(device.attribute("vmclock_counter") == "0")
            let status = try device.control("--json", "status")
            #expect(try status.exitCode() == 0)
            #expect(status.text.contains(#""generation":0,"vmclock_counter":0,"vmclock_clock_valid":true,"#))

            // A change of the clock alone, which is told to those who have its page open and to nobody else.
            let watcher = try device.client("poll")
            for reader in readers { #expect(try reader.answer("read") == "0") }
            #expect(try readers.map { try $0.answer("poll") } == ["0", "0"])
            for reader in readers { try reader.send("sleep") }
            try machine.change(to: 8)
            for reader in readers { try waitUntil("the end of the sleep") { reader.lines.last == "1" } }
            try Self.expect(readers, "valid 2 8 8")
            #expect(try readers.map { try $0.answer("read") } == ["0", "0"])
            #expect(watcher.isRunning && device.attribute("generation") == "0")

            // The system's counter is above the hypervisor's from its first change on.
            func counters(_ readers: [RunningProgram]) throws -> [String?] {
                try readers.map { try $0.answer("read").flatMap(UInt64.init).map { "\($0 & 0xffff_ffff)" } }
            }
            // A resume and a trigger, which leaves the clock alone.
            try machine.resume(as: 9)
            try waitUntil("the end of the poll") { !watcher.isRunning }
            try Self.expect(readers, "valid 2 9 9")
            #expect(try counters(readers) == ["1", "1"])
            try device.trigger()
            #expect(try readers.map { try $0.answer("time") } == ["valid 2 9 9", "valid 2 9 9"])
            #expect(try counters(readers) == ["2", "2"])

            // The next daemon shows it when it has looked, to those who go on and to others.
            for signal in [SIGKILL, SIGUSR1] {
                try daemon.replace(by: signal)
                try Self.expect(readers, "valid 2 9 9")
                try Self.expect(Self.readers(device), "valid 2 9 9")
            }

            // The next host does not tell of changes: there is no clock any more, and disruptions are shown.
            try machine.change(to: 10, flags: 0x1ff)
            try Self.expect(readers, "invalid 4 10 0")
            try waitUntil("the attribute") { device.attribute("vmclock_clock") == "invalid" }
            try machine.change(to: 11)
            try Self.expect(readers, "valid 2 11 11")
            // One that does not come to the end of a change is left.
            try machine.begin()
            try Self.expect(readers, "invalid 4 11 0")
            try machine.change(to: 12)
            try Self.expect(readers, "valid 2 12 12")

            // What stays mapped when there is no daemon any more shows no clock.
            #expect(try daemon.stop().exitCode == 0)
            #expect(try readers.map { try $0.answer("time") } == ["invalid 4 12 0", "invalid 4 12 0"])
        }

        /// While the hypervisor resumes the machine again and again, readers under the sequence count see what was once there.
        @Test(arguments: Kernel.allCases)
        func noReaderSeesAMixture(_ kernel: Kernel) throws {
            let machine = try Machine()
            defer { machine.host.end() }
            try machine.resume(as: 1)
            let device = try TestDevice()
            defer { device.end() }
            _ = try device.serve(
                "--backend", "vmclock", "--system-root", machine.root, "--poll-interval", "10", kernel: kernel)
            _ = try DeviceTree(device).make("a")
            let readers = try Self.readers(device)
            try Self.expect(readers, "valid 2 1 1")
            let last: UInt64 = 60
            for reader in readers {
                try reader.send("follow \(last)")
                try reader.waitFor("following")
            }
            for number in 2...last { try machine.resume(as: number) }
            for reader in readers { try waitUntil("the last change") { reader.lines.last == "0" } }
        }

        /// Where the hypervisor's page has to be looked at, nobody knows how old a copy is.
        @Test func ofOneThatSaysNothingTheDisruptionsAreShown() throws {
            let device = try TestDevice()
            defer { device.end() }
            let root = device.folder + "/machine"
            try FileManager.default.createDirectory(atPath: root + "/dev", withIntermediateDirectories: true)
            var fields = VMClockFields()
            (fields.counterID, fields.status, fields.disruptionMarker, fields.flags) = (1, 2, 5, .ofClock)
            var page = VMClockLayout.page(size: 4_096, fields)
            let url = URL(filePath: root + "/dev/vmclock0")
            try Data(page).write(to: url)
            let daemon = try device.serve(
                "--backend", "vmclock", "--system-root", root, "--poll-interval", "10")
            _ = try DeviceTree(device).make("a")
            let readers = try Self.readers(device)
            try Self.expect(readers, "invalid 0 5 0")
            page[VMClockLayout.Offset.disruptionMarker] = 6
            let file = try FileHandle(forWritingTo: url)
            try file.write(contentsOf: Data(page))
            try Self.expect(readers, "invalid 0 6 0")
            #expect(device.attribute("generation") == "0" && device.attribute("vmclock_clock") == "invalid")
            daemon.signal(SIGTERM)
            #expect(try daemon.exitCode() == 0)
        }
    }
}
