extension DeviceTreeNode {
    /// Where the node's first region lies in physical memory. See sections 2.3.6 and 2.3.8 of the Devicetree
    /// Specification 0.4.
    ///
    /// - Parameter byteCount: how long the region has to be at least; so much of it is translated.
    func physicalAddress(byteCount: UInt64) throws(SourceFailure) -> UInt64 {
        guard let parent, let bytes = try property("reg") else {
            throw SourceFailure(.damaged, "\(path) has no reg")
        }
        guard let region = DeviceTreeRegion.parse(bytes, try parent.cellCounts())?.first else {
            throw SourceFailure(
                .damaged, "\(path)/reg has \(bytes.count) bytes, which are no regions of its parent's cells")
        }
        guard region.size >= byteCount else {
            throw SourceFailure(
                .damaged, "\(path)/reg names a region of \(region.size) bytes: \(byteCount) are needed")
        }
        var address = region.address
        var bus = parent
        while let outer = bus.parent {
            address = try bus.translate(address, byteCount: byteCount, to: outer)
            bus = outer
        }
        guard address <= UInt64.max - (byteCount - 1) else {
            throw SourceFailure(.addressRefused, "\(path) has a region that goes beyond the last address")
        }
        return address
    }

    /// Translates an address of the nodes right below this one to an address of the nodes beside it.
    private func translate(
        _ address: UInt64, byteCount: UInt64, to outer: DeviceTreeNode
    ) throws(SourceFailure) -> UInt64 {
        guard let bytes = try property("ranges") else {
            throw SourceFailure(
                .addressUnknown, "\(path) has no ranges: what is below it is not in physical memory")
        }
        // The two address spaces are one.
        if bytes.isEmpty { return address }
        guard let ranges = DeviceTreeRange.parse(bytes, child: try cellCounts(), parent: try outer.cellCounts()) else {
            throw SourceFailure(
                .damaged, "\(path)/ranges has \(bytes.count) bytes, which are no ranges of its cells")
        }
        for range in ranges {
            if let translated = range.translate(address, byteCount: byteCount) { return translated }
        }
        throw SourceFailure(
            .addressUnknown, "\(path)/ranges does not have the address 0x\(String(address, radix: 16))")
    }
}
