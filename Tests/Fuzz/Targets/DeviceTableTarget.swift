import StateModel
import SysGenIDCore
import SysGenIDSystem
import TestSupport

@testable import SysGenIDFrontends

extension FuzzTarget {
    /// The table of containers' devices that a successor reads. The bytes choose what a daemon has made, and what somebody
    /// else has written over that. What is accepted has to be within its bounds, and a daemon has to go on with it, whose
    /// own successor finds what it has left; what is not is begun anew.
    ///
    /// Two bytes can make all places of the table used ones, and each is read then: 16 MiB.
    static let deviceTable = FuzzTarget(name: "device-table", timeBase: 20 * usualTimeBase) { bytes in
        var choices = ByteChoices(bytes)
        let scratch = try Scratch(in: "/dev/shm")
        var made = try devices(in: scratch)
        for number in 0..<choices.number(below: 4) { try made.make(number, by: &choices) }
        let (isContinued, system) = (choices.number(below: 2) == 1, Generation(rawValue: 6))
        try scratch.damageTable(by: &choices)
        let left = ContainerDevices.left(in: scratch.path)
        var found = try devices(in: scratch, system: system, isContinued: isContinued)
        try demand((left == nil) == (found.defect != nil), "read once, and once not")
        try demand(found.defect == nil || found.devices.isEmpty, "something of what cannot be read")
        try demand(found.devices.keys.allSatisfy { left?.contains($0) == true }, "one that was not there")
        for (id, device) in found.devices {
            let entry = device.entry
            try demand((DeviceID.firstSlot..<DeviceTable.capacity).contains(id.slot), "the place \(id.slot)")
            try demand(DeviceName.isValid(entry.name.utf8), "the name \(entry.name)")
            try demand(entry.isNameless || found.device(named: entry.name) == id, "\(entry.name) is another one")
            try demand(isContinued || !entry.isNameless, "one without a name")
            try demand(device.page.holdsOnly(entry.generation.rawValue), "the page of \(entry.name)")
            found.store(entry.generation.next(), nil, sequence: 4, of: id, with: system.next())
        }
        if let id = try? found.add(entry("new"), { _ in nil }) {
            found.store(.fresh, nil, sequence: 6, of: id, with: system.next())
            found.unname(id, by: 8)
        }
        let next = try devices(in: scratch, system: system.next())
        try demand(next.defect == nil, "\(next.defect.map(\.description) ?? "")")
        try demand(next.generations == found.generations, "\(next.generations) and not \(found.generations)")
        return found.defect == nil
    }

    private static func devices(
        in scratch: Scratch, system: Generation = Generation(rawValue: 5), isContinued: Bool = true
    ) throws -> ContainerDevices {
        try ContainerDevices(in: scratch.path, limit: 9, system: system, last: nil, isContinued: isContinued)
    }
}

private func entry(_ name: String) -> DeviceEntry {
    var entry = DeviceEntry(name: name, userID: 1, groupID: 2, permissions: 0o755, time: 3)
    entry.systemGeneration = Generation(rawValue: 5)
    return entry
}

extension ContainerDevices {
    fileprivate mutating func make(_ number: Int, by choices: inout ByteChoices) throws {
        let id = try add(entry("c\(number)")) { _ in choices.number(below: 2) == 0 ? nil : 7 }
        switch choices.number(below: 4) {
        case 0: unname(id, by: 2)
        case 1: opened(id, isForWriting: true)
        case 2:
            unname(id, by: 4)
            _ = release(id)
        default: break
        }
    }
}

extension Scratch {
    /// Writes over a few bytes of the table, mostly where something lies, or cuts it off.
    fileprivate func damageTable(by choices: inout ByteChoices) throws {
        let places = [0, 4_096 + 2 * 256, 4_096 + 3 * 256, 4_096 + 4 * 256]
        let file = try NamedFile(path("device-table"), .readWrite)
        while !choices.isExhausted {
            let offset = places[choices.number(below: places.count)] + choices.number(below: 130)
            guard choices.number(below: 32) > 0 else { return try file.setLength(Int64(offset)) }
            let bytes = (0..<1 + choices.number(below: 8)).map { _ in UInt8(choices.number(below: 256)) }
            try file.write(bytes, at: Int64(offset))
        }
    }
}
