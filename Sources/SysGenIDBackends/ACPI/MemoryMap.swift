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
        init?(line: UnsafeRawBufferPointer) {
            var rest = line.drop { $0 == UInt8(ascii: " ") }
            depth = line.count - rest.count
            guard let first = Self.takeAddress(&rest), rest.popFirst() == UInt8(ascii: "-"),
                let last = Self.takeAddress(&rest), first <= last, rest.starts(with: Self.separator)
            else { return nil }
            addresses = first...last
            // Maps that were recorded may have the line ends of other systems.
            let end = rest.lastIndex { !Self.blanks.contains($0) } ?? rest.startIndex
            name = String(decoding: rest[...end].dropFirst(Self.separator.count), as: UTF8.self)
        }

        private static let separator = Array(" : ".utf8)
        private static let blanks: Set<UInt8> = [0, UInt8(ascii: "\t"), UInt8(ascii: "\r"), UInt8(ascii: " ")]

        /// Takes the hexadecimal digits at the beginning; nil where there are none, or more than an address has.
        private static func takeAddress(_ text: inout Slice<UnsafeRawBufferPointer>) -> UInt64? {
            let digits = text.prefix { hexadecimalDigit($0) != nil }
            guard (1...16).contains(digits.count) else { return nil }
            text = text[digits.endIndex...]
            return digits.reduce(0) { $0 << 4 | UInt64(hexadecimalDigit($1) ?? 0) }
        }
    }

    var regions: [Region]

    init(contents: [UInt8]) {
        regions = contents.withUnsafeBytes { bytes in bytes.parts(between: "\n").compactMap { Region(line: $0) } }
    }

    /// The map of the machine below the directory; empty where there is none. The kernel shows all addresses
    /// as 0 to those who may not know them.
    init(systemRoot: String) {
        self.init(contents: (try? Files.read("\(systemRoot)/proc/iomem", limit: 1 << 20)) ?? [])
    }

    /// What lies at an address, as far as the map tells.
    enum Place: Hashable {
        /// Something that firmware has reserved, or a device: a region of its own, or a named part of another.
        case reserved
        /// Memory that the kernel uses as it likes.
        case ordinaryMemory
        case nothing
        /// There is no map, or it does not show its addresses.
        case unknown
    }

    func place(of address: UInt64) -> Place {
        guard regions.contains(where: { $0.addresses.upperBound > 0 }) else { return .unknown }
        guard let innermost = regions.filter({ $0.addresses.contains(address) }).max(by: { $0.depth < $1.depth })
        else { return .nothing }
        return Self.isOrdinaryMemory(innermost.name) ? .ordinaryMemory : .reserved
    }

    /// The names of memory that the kernel uses: its own parts, what it keeps for a crash, and what was added later, as
    /// "System RAM (virtio_mem)". What is reserved in it has a name of its own.
    private static func isOrdinaryMemory(_ name: String) -> Bool {
        ["System RAM", "Kernel ", "Crash kernel"].contains { name.hasPrefix($0) }
    }

    /// Why a VM generation ID of so many bytes cannot lie at the address; nil where it can: in what is reserved, and, as
    /// Microsoft's specification has it, in ROM or a device that no map shows. Above 4 GiB there has to be a map.
    func objection(to address: UInt64, size: UInt64) -> String? {
        let places = [place(of: address), place(of: address &+ size &- 1)]
        if places.contains(.ordinaryMemory) { return "is in ordinary memory" }
        guard places.contains(.unknown), address >= 1 << 32 else { return nil }
        return "is above 4 GiB, and there is no map of the memory to confirm it"
    }
}
