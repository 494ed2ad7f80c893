import Foundation
import TestSupport
import Testing

/// What somebody does to the table of containers' devices while no daemon lives.
struct TableDamage: Sendable, CustomTestStringConvertible {
    let testDescription: String
    /// What the daemon has to say of it.
    let reason: String
    let apply: @Sendable (FileHandle) throws -> Void

    private static let (first, size) = (4_096 + 2 * 256, 4_096 + 65_536 * 256)

    private static func words(
        _ description: String, _ reason: String, _ changes: [(offset: Int, word: UInt32)]
    ) -> TableDamage {
        TableDamage(testDescription: description, reason: reason) { file in
            for change in changes {
                try file.seek(toOffset: UInt64(change.offset))
                try file.write(contentsOf: withUnsafeBytes(of: change.word.littleEndian) { Data($0) })
            }
        }
    }

    private static func length(_ description: String, _ length: Int) -> TableDamage {
        TableDamage(testDescription: description, reason: "its length is not as it can be") {
            try $0.truncate(atOffset: UInt64(length))
        }
    }

    static let all = [
        length("cut off in an entry", first + 100), length("cut off behind the entries", size - 1),
        length("emptied", 0), length("too long", size + 1),
        words("without its magic", "it is none of sysgenidd's", [(0, 1)]),
        words("zeros", "it is none of sysgenidd's", [(0, 0), (4, 0)]),
        words("of another version", "its version is 9, and only version 1 can be read", [(8, 9)]),
        words("too far used", "the number of devices is not as it can be", [(12, .max)]),
        words("with a flag that there is not", "a device is not as it can be", [(first + 4, 17)]),
        words("with a name that leads elsewhere", "a device's name is not as it can be", [(first + 64, 0x2f2f_2f2f)]),
        words("with a name that is too long", "a device's name is not as it can be", [(first + 256 + 60, 65)]),
        words("with a backing file below zero", "a backing file is not as it can be", [(first + 28, .max)]),
    ]
}

extension EndToEnd.ContainerDevices {
    /// What a daemon does that finds the table damaged.
    @Suite struct Damage {
        private func damage(_ device: TestDevice, _ damage: TableDamage) throws {
            let file = try #require(FileHandle(forUpdatingAtPath: device.runtimeDirectory + "/device-table"))
            try damage.apply(file)
            try file.close()
        }

        private func line(_ device: TestDevice, _ damage: TableDamage) -> String {
            "\(device.runtimeDirectory)/device-table is damaged (\(damage.reason)): containers have lost their devices, "
                + "which have to be made again"
        }

        @Test(arguments: TableDamage.all)
        func itIsToldInOneLineAndBegunAnew(_ damage: TableDamage) throws {
            let device = try TestDevice()
            defer { device.end() }
            let first = try device.serve()
            var tree = try DeviceTree(device)
            let container = try tree.make("web")
            _ = try tree.make("db")
            #expect(try container.trigger() == 0)
            try device.trigger()
            first.signal(SIGKILL)
            _ = try first.exitCode()

            try self.damage(device, damage)
            let second = try device.serve()
            #expect(second.lines.count { $0.contains("device-table") } == 1)
            #expect(second.text.contains(line(device, damage)), "\(second.text)")
            #expect(try device.mapped() == 1)
            tree = try DeviceTree(device)
            #expect(try tree.containers() == [])
            #expect(try tree.make("web").generation() == "0")
            try device.trigger()
            #expect(try container.generation() == "1")
            #expect(try device.mapped() == 2)
            second.signal(SIGTERM)
            #expect(try second.exitCode() == 0)

            let third = try device.serve()
            #expect(!third.text.contains("damaged"))
            #expect(try DeviceTree(device).containers() == ["web"])
            #expect(try container.generation() == "1")
        }

        /// Clients that are told of a generation would take it for that of their device, which nobody knows any more.
        @Test(arguments: Kernel.allCases, TableDamage.all)
        func whoHasADeviceOpenIsFreedAndToldOfNoGeneration(_ kernel: Kernel, _ damage: TableDamage) throws {
            let device = try TestDevice()
            defer { device.end() }
            let daemon = try Supervisor(device, kernel: kernel)
            let tree = try DeviceTree(device)
            let (container, _) = try (tree.make("web"), tree.make("db"))
            for _ in 1...3 { #expect(try container.trigger() == 0) }
            let reader = try container.client("read")
            let (ofSystem, page) = try (device.client("read"), device.client("map"))
            try daemon.whileGone { try self.damage(device, damage) }
            #expect(daemon.text.components(separatedBy: line(device, damage)).count == 2, "\(daemon.text)")
            #expect(try reader.exitCode() == ECONNABORTED)
            #expect(reader.lines.count == 2 && reader.lines.last?.hasPrefix("read: ") == true, "\(reader.lines)")
            #expect(ofSystem.lines == ["ready"])
            #expect(try page.answer("look") == "0")
            // One that was kept would be outdated at any generation but its own.
            try waitUntil("the attributes", details: { device.attribute("outdated") ?? "nothing" }) {
                device.attribute("outdated") == "0" && device.attribute("containers") == "0"
            }
            #expect(try DeviceTree(device).make("web").generation() == "0")
            try daemon.replace()
            // The last change of the one that was lost is none of this one's.
            #expect(try container.generation() == "0")
            try device.trigger()
            #expect(try ofSystem.exitCode() == 0)
            #expect(ofSystem.lines == ["ready", "1"])
            #expect(try page.answer("look") == "1")
            #expect(try container.generation() == "1")
            #expect(try daemon.stop().exitCode == 0)
            #expect(device.mountPoints == [])
        }

        /// As whoever cleans up too much has it.
        @Test func aTableThatIsMissingEndsWhatIsOpen() throws {
            let device = try TestDevice()
            defer { device.end() }
            let daemon = try Supervisor(device)
            let container = try DeviceTree(device).make("web")
            #expect(try container.trigger() == 0)
            let reader = try container.client("read")
            let ofSystem = try device.client("read")
            try daemon.whileGone {
                try FileManager.default.removeItem(atPath: device.runtimeDirectory + "/device-table")
            }
            try daemon.waitFor("1 containers' devices that are open are not in their table")
            #expect(try reader.exitCode() == ECONNABORTED)
            #expect(reader.lines.count == 2 && reader.lines.last?.hasPrefix("read: ") == true, "\(reader.lines)")
            #expect(try DeviceTree(device).containers() == [])
            try device.trigger()
            #expect(try ofSystem.exitCode() == 0)
            #expect(ofSystem.lines == ["ready", "1"])
        }

        @Test(arguments: ["a link", "a folder", "a FIFO", "somebody else's"])
        func whatIsNoFileOfItsOwnIsLeftAloneAndContainersHaveNone(_ kind: String) throws {
            let device = try TestDevice()
            defer { device.end() }
            let first = try device.serve()
            #expect(try DeviceTree(device).make("web").trigger() == 0)
            try device.trigger()
            first.signal(SIGKILL)
            _ = try first.exitCode()

            let (table, kept) = (device.runtimeDirectory + "/device-table", device.runtimeDirectory + "/kept")
            try #require(rename(table, kept) == 0)
            let made =
                switch kind {
                case "a link": symlink(kept, table)
                case "a folder": mkdir(table, 0o755)
                case "a FIFO": mkfifo(table, 0o600)
                default: rename(kept, table) + chown(table, 1_000, 1_000)
                }
            try #require(made == 0)
            let second = try device.serve()
            #expect(
                second.text.contains(
                    "containers have no devices of their own: \(table) is not a plain file of the daemon's own user: "
                        + "remove it, and start sysgenidd again"), "\(second.text)")
            #expect(second.lines.count { $0.contains("device-table") } == 1)
            #expect(try device.mapped() == 1)
            try device.trigger()
            #expect(try device.mapped() == 2)
            second.signal(SIGTERM)
            #expect(try second.exitCode() == 0)

            // What was kept is taken up again where it is the daemon's own, with the change that it lacks.
            if kind == "somebody else's" {
                try #require(chown(table, 0, 0) == 0)
            } else {
                try #require(remove(table) == 0 && rename(kept, table) == 0)
            }
            try device.serve()
            #expect(try ContainerDevice(device, "web").generation() == "3")
        }
    }
}
