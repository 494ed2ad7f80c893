/// The resources that a device's `_CRS` gives: a buffer of descriptors (ACPI 6.5, 6.4).
enum ACPIResources {
    /// Where the first range of memory of at least so many bytes begins; nil where there is none.
    static func memory(in template: [UInt8], byteCount: UInt64) -> UInt64? {
        var rest = template[...]
        while let first = rest.popFirst(), first != endTag {
            // Bit 7 tells large descriptors, which have their length behind the first byte, from small ones.
            let isLarge = first & 0x80 != 0
            guard !isLarge || rest.count >= 2 else { return nil }
            let length = isLarge ? Int(number(rest.prefix(2))) : Int(first & 0x07)
            if isLarge { rest = rest.dropFirst(2) }
            guard rest.count >= length else { return nil }
            let body = Array(rest.prefix(length))
            rest = rest.dropFirst(length)
            if isLarge, let range = range(first, body), range.length >= byteCount { return range.base }
        }
        return nil
    }

    private static let endTag: UInt8 = 0x79

    /// The range of a descriptor; nil where it is none of memory, or is too short.
    private static func range(_ kind: UInt8, _ body: [UInt8]) -> (base: UInt64, length: UInt64)? {
        switch kind {
        // 32-bit memory range (6.4.3.3), and that of fixed location (6.4.3.4).
        case 0x85: fields(body, base: 1, length: 13, width: 4)
        case 0x86: fields(body, base: 1, length: 5, width: 4)
        // Address spaces of 32 and of 64 bits, and the extended one (6.4.3.5), whose type 0 is memory.
        case 0x87 where body.first == 0: fields(body, base: 7, length: 19, width: 4)
        case 0x8a where body.first == 0: fields(body, base: 11, length: 35, width: 8)
        case 0x8b where body.first == 0: fields(body, base: 13, length: 37, width: 8)
        default: nil
        }
    }

    private static func fields(
        _ body: [UInt8], base: Int, length: Int, width: Int
    ) -> (base: UInt64, length: UInt64)? {
        guard body.count >= length + width else { return nil }
        return (number(body[base..<base + width]), number(body[length..<length + width]))
    }

    private static func number(_ bytes: some BidirectionalCollection<UInt8>) -> UInt64 {
        bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }
}
