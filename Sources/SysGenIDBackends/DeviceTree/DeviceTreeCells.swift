/// The cells of a property, words of 32 bits, the highest byte first. See section 2.2.4 of the Devicetree
/// Specification 0.4.
struct DeviceTreeCells {
    private var rest: ArraySlice<UInt8>

    init(_ bytes: [UInt8]) {
        rest = bytes[...]
    }

    var isEmpty: Bool { rest.isEmpty }

    /// Takes one number of one or two cells; nil where so many are not left.
    mutating func take(_ count: Int) -> UInt64? {
        guard rest.count >= count * 4 else { return nil }
        defer { rest = rest.dropFirst(count * 4) }
        return rest.prefix(count * 4).reduce(0) { $0 << 8 | UInt64($1) }
    }
}

/// How many cells an address and a size have, one or two each.
struct DeviceTreeCellCounts: Hashable {
    var address: Int
    var size: Int
}

/// An entry of `reg`: a region in the address space of the node's parent. See section 2.3.6.
struct DeviceTreeRegion: Hashable {
    var address: UInt64
    var size: UInt64

    /// The regions of a property; nil where it is empty or its last entry is not whole.
    static func parse(_ bytes: [UInt8], _ counts: DeviceTreeCellCounts) -> [DeviceTreeRegion]? {
        var cells = DeviceTreeCells(bytes)
        var regions: [DeviceTreeRegion] = []
        repeat {
            guard let address = cells.take(counts.address), let size = cells.take(counts.size) else { return nil }
            regions.append(DeviceTreeRegion(address: address, size: size))
        } while !cells.isEmpty
        return regions
    }
}

/// An entry of `ranges`: where a part of a bus's address space lies in that of its parent. See section 2.3.8.
struct DeviceTreeRange: Hashable {
    var childAddress: UInt64
    var parentAddress: UInt64
    var size: UInt64

    /// The ranges of a property that is not empty; nil where its last entry is not whole.
    static func parse(
        _ bytes: [UInt8], child: DeviceTreeCellCounts, parent: DeviceTreeCellCounts
    ) -> [DeviceTreeRange]? {
        var cells = DeviceTreeCells(bytes)
        var ranges: [DeviceTreeRange] = []
        repeat {
            guard let childAddress = cells.take(child.address),
                let parentAddress = cells.take(parent.address),
                let size = cells.take(child.size)
            else { return nil }
            ranges.append(DeviceTreeRange(childAddress: childAddress, parentAddress: parentAddress, size: size))
        } while !cells.isEmpty
        return ranges
    }

    /// Where so many bytes at the address lie in the parent's space; nil where the range does not have them
    /// all.
    func translate(_ address: UInt64, byteCount: UInt64) -> UInt64? {
        guard address >= childAddress, case let offset = address - childAddress, offset <= size,
            byteCount <= size - offset
        else { return nil }
        let (translated, overflow) = parentAddress.addingReportingOverflow(offset)
        return overflow ? nil : translated
    }
}
