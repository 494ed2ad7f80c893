/// The names by which an ACPI device says that it is a vmclock: its `_HID`, and its `_CID` since Linux 7.0.
enum VMClockDeviceID {
    static func isKnown(_ id: [UInt8]) -> Bool { all.contains(id) }

    static let all = ["AMZNC10C", "VMCLOCK"].map { Array($0.utf8) }
}

extension AMLInterpreter {
    /// Where the first vmclock that is there has its page; nil where there is none, or its resources show no memory.
    mutating func vmclockAddress() throws(AMLDefect) -> UInt64? {
        for node in namespace.nodes.indices {
            try spend()
            guard case .device = namespace[node] else { continue }
            tablesUsed = []
            guard try isDevice(node, as: VMClockDeviceID.isKnown), try isPresent(node) ?? true else { continue }
            note(node)
            guard case .buffer(let template)? = try attempt(.resources, of: node) else { continue }
            return ACPIResources.memory(in: template, byteCount: UInt64(VMClockPage.byteCount))
        }
        return nil
    }
}
