@testable import SysGenIDBackends

/// The same rules as the reader's, from the Devicetree Specification 0.4, on a tree in memory and with numbers
/// that cannot overflow.
extension ModelNode {
    /// The address of the one device that is not disabled; nil where there is none, or the tree is beyond the
    /// limits.
    func generationAddress(_ limits: DeviceTree.Limits) -> UInt64? {
        let nodes = all
        let isWithin = nodes.allSatisfy { node in
            node.children.count + node.properties.count <= limits.namesInNode
                && (node.children.isEmpty || node.depth < limits.depth)
        }
        let devices = nodes.filter { $0.strings("compatible").contains("microsoft,vmgenid") && $0.isAvailable }
        guard isWithin, nodes.count <= limits.nodes, devices.count == 1, let address = devices[0].address,
            address > 0, address + 16 <= 1 << 64
        else { return nil }
        return UInt64(address)
    }

    private var all: [ModelNode] { [self] + children.flatMap(\.node.all) }

    private var ancestors: [ModelNode] { parent.map { [$0] + $0.ancestors } ?? [] }

    private var isAvailable: Bool {
        ([self] + ancestors).allSatisfy { ["okay", "ok", nil].contains($0.strings("status").first) }
    }

    /// Where the first region lies; nil where it is shorter than 16 bytes, or not in physical memory.
    private var address: UInt128? {
        guard let parent, let cells = parent.cells, let reg = properties["reg"],
            let region = Self.entries(reg, of: [cells.address, cells.size])?.first, region[1] >= 16
        else { return nil }
        var address: UInt128? = region[0]
        for bus in ancestors { address = address.flatMap(bus.translate) }
        return address
    }

    /// What an address below this bus is beside it; the root is no bus.
    private func translate(_ address: UInt128) -> UInt128? {
        guard let parent else { return address }
        guard let ranges = properties["ranges"] else { return nil }
        if ranges.isEmpty { return address }
        guard let inner = cells, let outer = parent.cells,
            let entries = Self.entries(ranges, of: [inner.address, outer.address, inner.size])
        else { return nil }
        return entries.lazy
            .filter { address >= $0[0] && address + 16 <= $0[0] + $0[2] }
            .map { address - $0[0] + $0[1] }
            .first { $0 < 1 << 64 }
    }

    /// The cells of an address and of a size below this node; nil where they are not what is supported.
    private var cells: (address: Int, size: Int)? {
        guard let address = cellCount("#address-cells", usual: 2), let size = cellCount("#size-cells", usual: 1) else {
            return nil
        }
        return (address, size)
    }

    private func cellCount(_ name: String, usual: Int) -> Int? {
        guard let property = properties[name] else { return usual }
        guard let entries = Self.entries(property, of: [1]), entries.count == 1 else { return nil }
        return 1...2 ~= entries[0][0] ? Int(entries[0][0]) : nil
    }

    /// A property as entries of numbers with so many cells; nil where it is no whole number of them, or none.
    private static func entries(_ bytes: [UInt8], of cellCounts: [Int]) -> [[UInt128]]? {
        let size = cellCounts.reduce(0, +) * 4
        guard !bytes.isEmpty, bytes.count.isMultiple(of: size) else { return nil }
        return stride(from: 0, to: bytes.count, by: size).map { start in
            var place = start
            return cellCounts.map { count in
                defer { place += count * 4 }
                return bytes[place..<place + count * 4].reduce(0) { $0 * 256 + UInt128($1) }
            }
        }
    }

    /// The strings that end with a zero, where they are ASCII.
    private func strings(_ name: String) -> [String?] {
        let parts = (properties[name] ?? []).split(separator: 0, omittingEmptySubsequences: false)
        return parts.dropLast().map { String(validating: $0, as: UTF8.self) ?? "not text" }
    }
}
