import SysGenIDCore
import SysGenIDSystem
import TestSupport
import Testing

@testable import SysGenIDFrontends

/// A table of devices that no daemon has written like this.
struct DeviceTableDamageTests {
    private static let (first, slotSize, size) = (4_096 + 2 * 256, 256, 4_096 + 65_536 * 256)
    private let scratch: Scratch
    private let memory: SharedMemory

    init() throws {
        scratch = try Scratch(in: "/dev/shm")
        var devices = try Self.devices(in: scratch)
        for name in ["web", "database"] {
            var entry = DeviceEntry(name: name, userID: 1, groupID: 2, permissions: 0o755, time: 3)
            entry.systemGeneration = Generation(rawValue: 5)
            entry.lookups.change(by: 1, in: 2)
            _ = try devices.add(entry) { _ in 7 }
        }
        memory = try SharedMemory(file: scratch.path("device-table"), size: Self.size)
    }

    private static func devices(in scratch: Scratch) throws -> ContainerDevices {
        try ContainerDevices(
            in: scratch.path, limit: 9, system: Generation(rawValue: 5), last: nil, isContinued: true)
    }

    private func defect() throws -> HandoverDefect? {
        let table = try DeviceTable(scratch.path("device-table"), pages: scratch.path("pages"))
        do throws(HandoverDefect) {
            _ = try table.contents()
            return nil
        } catch {
            return error
        }
    }

    private func store(_ byte: UInt8, at offset: Int) {
        withUnsafeBytes(of: byte) { memory.store($0, at: offset) }
    }

    @Test func eachByteOfADeviceReadsAsSomethingOrIsADefect() throws {
        var intact = 0
        for offset in Self.first..<Self.first + Self.slotSize {
            let before = memory.load(1, at: offset)[0]
            for bit in 0..<8 as Range<UInt8> {
                store(before ^ 1 << bit, at: offset)
                if try defect() == nil { intact += 1 }
            }
            store(before, at: offset)
        }
        #expect(try defect() == nil)
        #expect((1..<8 * Self.slotSize).contains(intact))
    }

    @Test func aDaemonServesWithWhatIsLeft() throws {
        let before = memory.load(2 * Self.slotSize, at: Self.first)
        for offset in 0..<Self.slotSize where offset < 136 || offset.isMultiple(of: 16) {
            store(before[offset] ^ 0xff, at: Self.first + offset)
            var devices = try Self.devices(in: scratch)
            for name in ["new", "database"] where devices.device(named: name) == nil {
                let entry = DeviceEntry(name: name, userID: 1, groupID: 2, permissions: 0o755, time: 3)
                _ = try devices.add(entry) { _ in nil }
            }
            for id in devices.devices.keys {
                devices.countLookups(of: id) { $0.change(by: -Int64.max, in: 8) }
                devices.unname(id, by: 6)
                _ = devices.release(id)
            }
            #expect(devices.devices.isEmpty)
            memory.store(UInt32(DeviceID.firstSlot + 2), at: 12)
            before.withUnsafeBytes { memory.store($0, at: Self.first) }
        }
    }

    @Test(
        arguments: [
            (0, 1, .noMemoryOfOurs), (8, 9, .otherTableVersion(9, known: 1)), (12, 1, .broken("the number of devices")),
            (12, 65_537, .broken("the number of devices")), (12, .max, .broken("the number of devices")),
            (first, 1 << 31, .broken("a device")), (first + 4, 16, .broken("a device")),
            (first + 28, .max, .broken("a backing file")), (first + 60, 0, .broken("a device's name")),
            (first + 60, 65, .broken("a device's name")), (first + 64, 0x2e2e_2e2e, .broken("a device's name")),
        ] as [(Int, UInt32, HandoverDefect)])
    func aNumberOutOfItsRangeMakesAllOfItVoid(_ offset: Int, _ word: UInt32, _ expected: HandoverDefect) throws {
        memory.store(word, at: offset)
        #expect(try defect() == expected)
        var devices = try Self.devices(in: scratch)
        #expect(devices.defect == expected)
        #expect(devices.devices.isEmpty)
        // It begins anew, with the pages of those that were there.
        let entry = DeviceEntry(name: "web", userID: 0, groupID: 0, permissions: 0o755, time: 3)
        let id = try devices.add(entry) { _ in nil }
        #expect(devices.devices[id]?.page.holdsOnly(0) == true)
        #expect(try Self.devices(in: scratch).defect == nil)
    }

    @Test func oneNameIsThatOfOneDevice() throws {
        memory.load(Self.slotSize, at: Self.first).withUnsafeBytes { memory.store($0, at: Self.first + Self.slotSize) }
        #expect(try defect() == .broken("a device's name"))
        // Unless one of them has lost it.
        memory.store(UInt32(3), at: Self.first + Self.slotSize + 4)
        #expect(try defect() == nil)
    }
}
