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
