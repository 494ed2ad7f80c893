internal import SysGenIDSystem

/// Where the hypervisor's vmclock lies in memory, for a kernel that has no driver of it.
struct VMClockPlace {
    private let systemRoot: String
    private let memory: PhysicalMemory

    init(systemRoot: String, memory: PhysicalMemory) {
        self.systemRoot = systemRoot
        self.memory = memory
    }

    /// The physical address of the page, by the first that shows it: the kernel's map, which names what the ACPI device has
    /// been given; the device tree; the ACPI tables. Nil where nothing shows a vmclock.
    ///
    /// - Parameter look: by a glance, tables are not evaluated that name no vmclock, or whose one could not be read.
    /// - Throws: why one that is shown cannot be found.
    func address(by look: SourceCandidate.Look = .whole) throws(SourceFailure) -> UInt64? {
        let map = MemoryMap(systemRoot: systemRoot)
        if let region = map.regions.first(where: isVMClock), region.addresses.lowerBound > 0 {
            return region.addresses.lowerBound
        }
        if let address = try DeviceTree(systemRoot: systemRoot).vmclockAddress() { return address }
        let fields = ACPITables.fields(in: memory, systemRoot: systemRoot)
        let tables = ACPITables(systemRoot: systemRoot, memory: fields)
        guard look == .whole || memory.refusal == nil && tables.mayName(VMClockDeviceID.all) else { return nil }
        return try tables.vmclockAddress()
    }

    /// As "AMZNC10C:00", the name of the ACPI device.
    private func isVMClock(_ region: MemoryMap.Region) -> Bool {
        VMClockDeviceID.isKnown(Array(region.name.utf8.prefix { $0 != UInt8(ascii: ":") }))
            && region.addresses.count >= VMClockPage.byteCount
    }
}
