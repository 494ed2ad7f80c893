import SysGenIDCore
import SysGenIDFuse
import SysGenIDSystem

// The pages in the layout of a vmclock: the system's is there from the start, a container's from when it is opened first.

extension ContainerDevices {
    /// The sequence numbers of all that there are.
    var clockSequences: [DeviceID: UInt32] {
        var sequences = devices.compactMapValues(\.clock?.sequence)
        sequences[.system] = systemClock.sequence
        return sequences
    }

    func clock(of device: DeviceID) -> ClockPage? { device == .system ? systemClock : devices[device]?.clock }

    /// What the kernel knows a device's page by.
    func clockBacking(of device: DeviceID) -> BackingID? {
        device == .system ? systemBackings.clock : devices[device]?.entry.clockBacking
    }

    /// Goes on with the page that a predecessor has left, or makes it.
    static func systemClock(at path: String, _ generation: Generation) throws(SystemCallFailure) -> ClockPage {
        if let left = leftClock(at: path, generation) { return left }
        return try newClock(at: path, generation, VMClockFields(), sequence: ClockSequence.first)
    }

    /// The page that a predecessor has left; nil where there is none to go on with.
    static func leftClock(at path: String, _ generation: Generation, _ fields: VMClockFields? = nil) -> ClockPage? {
        try? ClockPage(left: path, generation: generation, fields)
    }

    private static func newClock(
        at path: String, _ generation: Generation, _ fields: VMClockFields, sequence: UInt32
    ) throws(SystemCallFailure) -> ClockPage {
        try? Files.remove(path)
        return try ClockPage(new: path, generation: generation, fields, sequence: sequence)
    }

    /// A program opens the page of a device: it is there from now on, and the kernel has it.
    mutating func openClock(
        of id: DeviceID, at generation: Generation, sequence: UInt32,
        _ register: (borrowing OwnedDescriptor) -> BackingID?
    ) throws(SystemCallFailure) -> ClockPage {
        let page: ClockPage
        if let known = clock(of: id) {
            page = known
        } else {
            page = try Self.newClock(at: clockPath(of: id), generation, systemClock.fields, sequence: sequence)
            keep(page, of: id)
        }
        guard clockBacking(of: id) == nil, let backing = register(try page.open()) else { return page }
        if id == .system { systemBackings.clock = backing } else { update(id) { $0.clockBacking = backing } }
        return page
    }

    /// Gives the kernel the page of the system's device, where it has not got it from a predecessor.
    mutating func registerSystem(
        _ page: borrowing OwnedDescriptor, _ register: (borrowing OwnedDescriptor) -> BackingID?
    ) {
        if systemBackings.device == nil { systemBackings.device = register(page) }
    }
}
