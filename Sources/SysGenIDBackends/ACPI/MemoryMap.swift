internal import SysGenIDSystem

/// The kernel's map of physical addresses. See proc(5), /proc/iomem.
struct MemoryMap: Hashable {
    /// A line of the map: what lies at these addresses. Lines that are indented describe a part of the one
    /// above them.
    struct Region: Hashable {
        var addresses: ClosedRange<UInt64>
        var depth: Int
        var name: String

        /// Parses a line, as "  00100000-bfffffff : System RAM"; nil where it has another form.
        init?(line: some StringProtocol) {
            let text = line.drop { $0 == " " }
            guard let dash = text.firstIndex(of: "-"), let colon = text.firstRange(of: " : "),
                let first = UInt64(text[..<dash], radix: 16),
                dash < colon.lowerBound, let last = UInt64(text[text.index(after: dash)..<colon.lowerBound], radix: 16),
                first <= last
            else { return nil }
            addresses = first...last
            depth = line.utf8.count - text.utf8.count
            name = String(text[colon.upperBound...])
        }
    }

    var regions: [Region]

    init(text: String) {
        regions = text.split(separator: "\n").compactMap { Region(line: $0) }
    }

    /// The map of the machine below the directory; empty where there is none. The kernel shows all addresses
    /// as 0 to those who may not know them.
    init(systemRoot: String) {
        let contents = (try? Files.read("\(systemRoot)/proc/iomem", limit: 1 << 20)) ?? []
        self.init(text: String(decoding: contents, as: UTF8.self))
    }

    /// Whether the address belongs to the memory that the kernel uses as it likes, as far as the map tells.
    /// What firmware has reserved for itself is another region, or a part of that memory with a name of its
    /// own.
    func isOrdinaryMemory(_ address: UInt64) -> Bool {
        let innermost = regions.filter { $0.addresses.contains(address) }.max { $0.depth < $1.depth }
        return innermost.map { $0.name == "System RAM" || $0.name.hasPrefix("Kernel ") } ?? false
    }
}
