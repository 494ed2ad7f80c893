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
            name = String(decoding: rest.dropFirst(Self.separator.count), as: UTF8.self)
        }

        private static let separator = Array(" : ".utf8)

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
        return innermost.name == "System RAM" || innermost.name.hasPrefix("Kernel ") ? .ordinaryMemory : .reserved
    }

    /// Why a VM generation ID cannot lie at the address; nil where it can. Above 4 GiB it has to be on the map:
    /// no hypervisor that is known puts it there.
    func objection(to address: UInt64) -> String? {
        switch place(of: address) {
        case .reserved: nil
        case .ordinaryMemory: "is in ordinary memory"
        case .nothing: "is where the kernel's map of the memory has nothing"
        case .unknown: address < 1 << 32 ? nil : "is above 4 GiB, and there is no map of the memory to confirm it"
        }
    }
}
