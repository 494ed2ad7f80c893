import SysGenIDCore
import SysGenIDSystem
import TestSupport
import Testing

@testable import SysGenIDFrontends

/// What a daemon finds of the devices of containers that another one had.
struct DeviceTableTests {
    private let scratch: Scratch

    init() throws {
        scratch = try Scratch(in: "/dev/shm")
    }

    private func devices(
        limit: Int = 9, system: UInt32 = 5, last: DeviceChange? = nil, isContinued: Bool = true
    ) throws -> ContainerDevices {
        try ContainerDevices(
            in: scratch.path, limit: limit, system: Generation(rawValue: system), last: last, isContinued: isContinued)
    }

    private func entry(_ name: String, system: UInt32 = 5) -> DeviceEntry {
        var entry = DeviceEntry(name: name, userID: 1_000, groupID: 1_002, permissions: 0o751, time: 1_700_000_000)
        entry.systemGeneration = Generation(rawValue: system)
        entry.making = 12
        return entry
    }

    /// Pages that show something else than what is kept of their devices.
    private func wrongPages(of devices: ContainerDevices) -> [String] {
        devices.devices.values.filter { !$0.page.holdsOnly($0.entry.generation.rawValue) }.map(\.entry.name)
    }

    @Test(arguments: [true, false])
    func allThatIsKeptOfADeviceIsThereAgain(_ isContinued: Bool) throws {
        var devices = try devices()
        #expect(devices.defect == nil && devices.count == 0)
        var made = entry(String(repeating: "n", count: 64))
        made.minimum = 41
        made.flags.insert(.hasMinimum)
        made.lookups.change(by: 1, in: 12)
        let id = try devices.add(made) { _ in 7 }
        _ = try devices.add(entry("b")) { _ in nil }
        devices.store(Generation(rawValue: 41), nil, sequence: 4, of: id, with: Generation(rawValue: 5))
        devices.countLookups(of: id) { $0.change(by: 2, in: 14) }
        devices.opened(id, isForWriting: true)
        devices.update(id) { ($0.userID, $0.groupID, $0.permissions) = (0, 3, 0o2700) }
        let before = devices.devices.mapValues(\.entry)
        #expect(before[id]?.backing == 7)

        let next = try self.devices(isContinued: isContinued)
        #expect(next.defect == nil)
        let expected = before.mapValues { entry in
            var entry = entry
            if !isContinued { (entry.backing, entry.lookups, entry.making) = (nil, LookupCount(), 0) }
            return entry
        }
        #expect(next.devices.mapValues(\.entry) == expected)
        #expect(next.device(named: made.name) == id)
        #expect(next.listed(from: id.slot).map(\.name) == [made.name, "b"])
        #expect(next.listed(from: id.slot + 1).map(\.name) == ["b"])
        #expect(next.devices[id]?.mayBeWritten == true)
        #expect(wrongPages(of: devices).isEmpty && wrongPages(of: next).isEmpty)
    }

    @Test func whatADeviceLacksOfTheSystemsChangesIsOneChange() throws {
        var devices = try devices()
        let (first, second) = try (devices.add(entry("a")) { _ in nil }, devices.add(entry("b")) { _ in nil })
        // Killed in the midst of a change of the system.
        devices.store(Generation(rawValue: 7), nil, sequence: 4, of: first, with: Generation(rawValue: 6))
        let next = try self.devices(system: 6)
        #expect(next.generations == [first: Generation(rawValue: 7), second: Generation(rawValue: 1)])
        #expect(wrongPages(of: next).isEmpty)
        #expect(try self.devices(system: 6).generations == next.generations)
    }

    @Test func theLastChangeOfAPredecessorIsMade() throws {
        var devices = try devices()
        let (first, second) = try (devices.add(entry("a")) { _ in nil }, devices.add(entry("b")) { _ in nil })
        let last = DeviceChange(device: second, generation: Generation(rawValue: 30))
        let next = try self.devices(last: last)
        #expect(next.generations == [first: .fresh, second: Generation(rawValue: 30)])
        #expect(wrongPages(of: next).isEmpty)
        #expect(next.devices[second]?.page.load() == 30)
    }

    /// As where the table was begun anew.
    @Test(arguments: [2, 3, 9])
    func aChangeOfADeviceThatIsNotThereIsNoneOfAnother(_ slot: Int) throws {
        let last = DeviceChange(device: DeviceID(slot: slot, uses: 0), generation: Generation(rawValue: 30))
        var devices = try devices(last: last)
        let made = try (0..<9).map { number in try devices.add(entry("c\(number)")) { _ in nil } }
        #expect(!made.contains(last.device) && Set(made).count == 9)
        let next = try self.devices(last: last)
        #expect(Set(next.generations.keys) == Set(made))
        #expect(next.generations.values.allSatisfy { $0 == .fresh })
        // What was removed in the ordinary way has no such number left, and its place is used once more only.
        devices.unname(made[0], by: 2)
        _ = devices.release(made[0])
        var third = try self.devices(last: DeviceChange(device: made[0], generation: Generation(rawValue: 30)))
        let again = try third.add(entry("again")) { _ in nil }
        #expect(again.slot == made[0].slot && again.uses == made[0].uses + 1)
    }

    @Test func whatHasNoNameIsThereAsLongAsSomebodyGoesOn() throws {
        var devices = try devices()
        let id = try devices.add(entry("a")) { _ in nil }
        devices.unname(id, by: 20)
        #expect(devices.device(named: "a") == nil && devices.count == 0)
        #expect(devices.table.removal == 20)
        let new = try devices.add(entry("a")) { _ in nil }
        #expect(new != id)
        let continued = try self.devices()
        #expect(Set(continued.devices.keys) == [id, new])
        #expect(continued.device(named: "a") == new)
        #expect(continued.table.removal == 20)

        var restarted = try self.devices(isContinued: false)
        #expect(Array(restarted.devices.keys) == [new])
        #expect(restarted.table.removal == 0)
        #expect(Scratch.names(in: scratch.path("pages")).count == 2)
        // Its number is given to no other.
        let third = try restarted.add(entry("c")) { _ in nil }
        #expect(third.slot == id.slot && third.uses == id.uses + 1)
    }

    @Test func aNumberIsGivenOnce() throws {
        var (devices, seen) = (try devices(), Set<DeviceID>())
        for round in 0..<20 {
            let id = try devices.add(entry("a")) { _ in 7 }
            #expect(seen.insert(id).inserted)
            devices.unname(id, by: 2)
            #expect(devices.release(id) == [7])
            #expect(devices.release(id) == [])
            if round.isMultiple(of: 3) { devices = try self.devices() }
        }
        #expect(Scratch.names(in: scratch.path("pages")) == ["0-0.vmclock"])
    }

    @Test func namesAreLimitedAndTaken() throws {
        var devices = try devices(limit: 2)
        let id = try devices.add(entry("a")) { _ in nil }
        #expect(throws: Refusal.nameTaken) { try devices.add(entry("a")) { _ in nil } }
        _ = try devices.add(entry("b")) { _ in nil }
        #expect(throws: Refusal.tooManyDevices) { try devices.add(entry("c")) { _ in nil } }
        devices.unname(id, by: 2)
        _ = try devices.add(entry("c")) { _ in nil }
        #expect(throws: Refusal.tooManyDevices) { try devices.add(entry("a")) { _ in nil } }
    }

    /// As a daemon leaves it that is killed before the table has the device, or somebody who has damaged it.
    @Test func aPageOfNoDeviceAndADeviceOfNoPageAreNoHarm() throws {
        var devices = try devices()
        let id = try devices.add(entry("a")) { _ in nil }
        let page = scratch.path("pages/\(id.slot)-\(id.uses)")
        try NamedFile(page, .readWrite).setLength(5)
        #expect(try wrongPages(of: self.devices()).isEmpty)
        try Files.remove(page)
        #expect(try wrongPages(of: self.devices()).isEmpty)
        _ = try NamedFile(scratch.path("pages/\(id.slot + 1)-0"), [.readWrite, .create])
        #expect(try devices.add(entry("b")) { _ in nil }.slot == id.slot + 1)
    }
}
