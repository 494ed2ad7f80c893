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
        [UInt8](unsafeUninitializedCapacity: Self.size) { bytes, count in
            encode(into: UnsafeMutableRawBufferPointer(bytes))
            count = Self.size
        }
    }

    /// Fills the bytes, of which there are `size`, without memory of its own: a change waits for it.
    func encode(into bytes: UnsafeMutableRawBufferPointer) {
        bytes.initializeMemory(as: UInt8.self, repeating: 0)
        bytes.copyBytes(from: Self.magic)
        bytes.store(Self.version, at: 8)
        bytes.store(UInt32(record.identities.all.count), at: 12)
        bytes.store(sequence, at: 16)
        bytes.store(record.generation.rawValue, at: 24)
        UnsafeMutableRawBufferPointer(rebasing: bytes[32...]).copyBytes(from: bootID.bytes)
        for (index, identity) in record.identities.all.enumerated() {
            let offset = 48 + 24 * index
            bytes.store(identity.domain.rawValue, at: offset)
            // The bytes of an identity are its words in the order of memory.
            bytes.storeBytes(of: identity.high, toByteOffset: offset + 8, as: UInt64.self)
            bytes.storeBytes(of: identity.low, toByteOffset: offset + 16, as: UInt64.self)
        }
        bytes.store(Digest.fnv1a(bytes.dropLast(8)), at: Self.size - 8)
    }

    private static let magic = Array("SysGenID".utf8)
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

extension UnsafeMutableRawBufferPointer {
    fileprivate func store(_ integer: some FixedWidthInteger & BitwiseCopyable, at offset: Int) {
        storeBytes(of: integer.littleEndian, toByteOffset: offset, as: type(of: integer))
    }
}
