internal import SysGenIDCore

/// One of the two records in the state file, as its 128 bytes.
///
/// | offset | size | content |
/// |-------:|-----:|---------|
/// |      0 |    8 | magic, "SysGenID" |
/// |      8 |    4 | version of this layout, 2 |
/// |     12 |    4 | number of identities, 0 to 3 |
/// |     16 |    8 | sequence number |
/// |     24 |    4 | generation |
/// |     28 |    4 | zeros |
/// |     32 |   16 | boot ID |
/// |     48 |   72 | identities, 24 bytes each: domain, then 16 bytes in the order of memory; zeros behind them |
/// |    120 |    8 | FNV-1a of the bytes before |
///
/// Numbers are little-endian.
struct StateSlot: Hashable {
    static let size = 128
    static let version: UInt32 = 2

    var sequence: UInt64
    var bootID: BootID
    var record: Record

    /// What bytes that hold no slot are instead.
    enum Defect: Error, Hashable {
        /// Never written: zeros, or beyond the end of the file.
        case blank
        case otherVersion(UInt32)
        case broken
    }

    init(sequence: UInt64, bootID: BootID, record: Record) {
        self.sequence = sequence
        self.bootID = bootID
        self.record = record
    }

    init(decoding bytes: ArraySlice<UInt8>) throws(Defect) {
        guard bytes.contains(where: { $0 != 0 }) else { throw .blank }
        guard bytes.count == Self.size, bytes.prefix(8).elementsEqual(Self.magic) else { throw .broken }
        var rest = bytes.dropFirst(8)
        let version: UInt32 = rest.takeInteger()
        guard version == Self.version else { throw .otherVersion(version) }
        guard Digest.fnv1a(bytes.dropLast(8)) == bytes.suffix(8).integer() else { throw .broken }

        let count: UInt32 = rest.takeInteger()
        guard count <= KnownIdentities.limit else { throw .broken }
        sequence = rest.takeInteger()
        let generation = Generation(rawValue: rest.takeInteger())
        rest = rest.dropFirst(4)
        bootID = BootID(bytes: rest.prefix(16))
        rest = rest.dropFirst(16)
        var identities = KnownIdentities()
        for _ in 0..<count {
            let domain = Identity.Domain(rawValue: rest.takeInteger())
            if let identity = Identity(domain: domain, bytes: rest.prefix(16)) { identities.remember(identity) }
            rest = rest.dropFirst(16)
        }
        record = Record(generation: generation, identities: identities)
    }

    var encoded: [UInt8] {
        var bytes = Self.magic
        bytes.reserveCapacity(Self.size)
        bytes.append(integer: Self.version)
        bytes.append(integer: UInt32(record.identities.all.count))
        bytes.append(integer: sequence)
        bytes.append(integer: record.generation.rawValue)
        bytes.append(integer: UInt32(0))
        bytes += bootID.bytes
        for identity in record.identities.all {
            bytes.append(integer: identity.domain.rawValue)
            bytes += identity.bytes
        }
        bytes += Self.zeros(Self.size - 8 - bytes.count)
        bytes.append(integer: Digest.fnv1a(bytes))
        return bytes
    }

    private static let magic = Array("SysGenID".utf8)

    private static func zeros(_ count: Int) -> [UInt8] { [UInt8](repeating: 0, count: count) }
}

extension ArraySlice<UInt8> {
    /// The number that the bytes are, the lowest first.
    fileprivate func integer<Integer: FixedWidthInteger>() -> Integer {
        reversed().reduce(0) { $0 << 8 | Integer($1) }
    }

    fileprivate mutating func takeInteger<Integer: FixedWidthInteger>() -> Integer {
        let size = MemoryLayout<Integer>.size
        defer { removeFirst(size) }
        return prefix(size).integer()
    }
}

extension [UInt8] {
    fileprivate mutating func append(integer: some FixedWidthInteger) {
        Swift.withUnsafeBytes(of: integer.littleEndian) { append(contentsOf: $0) }
    }
}
