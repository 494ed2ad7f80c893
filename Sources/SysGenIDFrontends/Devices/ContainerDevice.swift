import SysGenIDCore
import SysGenIDSystem

/// The device of a container: what is handed over, and what clients map.
struct ContainerDevice: Sendable {
    var entry: DeviceEntry
    let page: NamedPage
    /// Its page in the layout of a vmclock; nil while nobody has opened that.
    var clock: ClockPage?
    /// A program may have mapped the page for writing.
    var mayBeWritten: Bool
    /// How often one had written to it.
    var pageOverwrites: UInt32 = 0
}

extension ContainerDevices {
    /// All that have a name, in the order of their places in the table.
    var named: [(id: DeviceID, device: ContainerDevice)] {
        places.lazy.compactMap(\.self).compactMap { id in
            devices[id].flatMap { $0.entry.isNameless ? nil : (id, $0) }
        }
    }
}
