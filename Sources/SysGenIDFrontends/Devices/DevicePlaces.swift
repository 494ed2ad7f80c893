import SysGenIDCore

/// The places of the table of devices: what each holds, and which device comes next into one that is free.
struct DevicePlaces: Sendable {
    /// What each holds, as far as they were used.
    private(set) var devices: [DeviceID?] = []
    /// The devices that come next into places that were used.
    private var vacant: [DeviceID] = []
    private var used = DeviceID.firstSlot

    func isTaken(_ slot: Int) -> Bool { devices.indices.contains(slot) && devices[slot] != nil }

    /// The table has a place with this device, which is there or comes next.
    mutating func found(_ id: DeviceID) {
        used = max(used, id.slot + 1)
    }

    /// A place for a new device; nil where all are taken.
    mutating func take() -> DeviceID? {
        if let id = vacant.popLast() { return id }
        guard used < DeviceTable.capacity else { return nil }
        used += 1
        return DeviceID(slot: used - 1, uses: 0)
    }

    /// The device is in its place.
    mutating func hold(_ id: DeviceID) {
        while devices.count <= id.slot { devices.append(nil) }
        devices[id.slot] = id
    }

    /// The device, which nobody knows of, comes next into its place.
    mutating func free(_ id: DeviceID) {
        vacant.append(id)
    }

    /// The device is no more: another one comes next into its place.
    mutating func release(_ id: DeviceID) {
        if devices.indices.contains(id.slot) { devices[id.slot] = nil }
        vacant.append(DeviceID(slot: id.slot, uses: id.uses &+ 1))
    }

    /// The place, which is not taken, is to have another device than any so far, and those before it are free as well.
    mutating func skip(to id: DeviceID) {
        vacant.removeAll { $0.slot == id.slot }
        vacant += (used..<max(used, id.slot)).map { DeviceID(slot: $0, uses: 0) }
        found(id)
    }
}
