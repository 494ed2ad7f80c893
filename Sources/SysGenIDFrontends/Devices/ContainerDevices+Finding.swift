import SysGenIDCore

extension ContainerDevices {
    /// All that have a name, in the order of their places in the table.
    var named: [(id: DeviceID, device: ContainerDevice)] {
        places.devices.lazy.compactMap(\.self).compactMap { id in
            devices[id].flatMap { $0.entry.isNameless ? nil : (id, $0) }
        }
    }

    var generations: [DeviceID: Generation] { devices.mapValues(\.entry.generation) }

    func name(of id: DeviceID) -> String? { devices[id]?.entry.name }

    /// Some of those with a name, from a place of the table on: so many as one answer can hold. Anybody may ask, and others
    /// wait for it.
    func listed(from slot: Int) -> [(slot: Int, id: DeviceID, name: String)] {
        var found: [(slot: Int, id: DeviceID, name: String)] = []
        for place in max(slot, 0)..<max(slot, places.devices.count) where found.count < Self.listLimit {
            guard let id = places.devices[place], let entry = devices[id]?.entry, !entry.isNameless else { continue }
            found.append((place, id, entry.name))
        }
        return found
    }

    private static let listLimit = 256
}
