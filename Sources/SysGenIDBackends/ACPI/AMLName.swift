/// A NameSeg: the four characters of a name in the ACPI namespace (ACPI 6.5, 20.2.2).
struct AMLNameSegment: Hashable, CustomStringConvertible {
    private var first, second, third, fourth: UInt8

    /// The segment of four characters; nil where they are others than those of a name.
    init?(_ characters: some Collection<UInt8>) {
        var rest = characters.makeIterator()
        guard let first = rest.next(), let second = rest.next(), let third = rest.next(), let fourth = rest.next(),
            rest.next() == nil, Self.isLeadCharacter(first), Self.isCharacter(second), Self.isCharacter(third),
            Self.isCharacter(fourth)
        else { return nil }
        (self.first, self.second, self.third, self.fourth) = (first, second, third, fourth)
    }

    static let address = AMLNameSegment("ADDR".utf8)!
    static let hardwareID = AMLNameSegment("_HID".utf8)!
    static let compatibleID = AMLNameSegment("_CID".utf8)!
    static let status = AMLNameSegment("_STA".utf8)!
    static let resources = AMLNameSegment("_CRS".utf8)!
    static let initialization = AMLNameSegment("_INI".utf8)!

    var bytes: [UInt8] { [first, second, third, fourth] }

    var description: String { String(decoding: bytes, as: UTF8.self) }

    static func isLeadCharacter(_ character: UInt8) -> Bool {
        UInt8(ascii: "A")...UInt8(ascii: "Z") ~= character || character == UInt8(ascii: "_")
    }

    static func isCharacter(_ character: UInt8) -> Bool {
        isLeadCharacter(character) || UInt8(ascii: "0")...UInt8(ascii: "9") ~= character
    }
}

/// A NameString: a path in the ACPI namespace (ACPI 6.5, 20.2.2).
struct AMLName: Hashable, CustomStringConvertible {
    /// Where a path starts.
    enum Origin: Hashable {
        case root
        /// So many levels above the object that names it.
        case scope(levelsAbove: Int)
    }

    var origin: Origin
    /// None for the NullName.
    var segments: [AMLNameSegment]

    var description: String {
        let prefix: String
        switch origin {
        case .root: prefix = "\\"
        case .scope(let levels): prefix = String(repeating: "^", count: levels)
        }
        return prefix + segments.map(\.description).joined(separator: ".")
    }

    /// The segment of a name that consists of nothing else; nil for any longer path.
    var onlySegment: AMLNameSegment? {
        segments.count == 1 && origin == .scope(levelsAbove: 0) ? segments[0] : nil
    }

    /// Whether a NameString may begin with the byte.
    static func canBegin(with byte: UInt8) -> Bool {
        AMLNameSegment.isLeadCharacter(byte)
            || [rootCharacter, parentCharacter, dualPrefix, multiplePrefix].contains(byte)
    }

    fileprivate static let nullName: UInt8 = 0x00
    fileprivate static let rootCharacter = UInt8(ascii: "\\")
    fileprivate static let parentCharacter = UInt8(ascii: "^")
    fileprivate static let dualPrefix: UInt8 = 0x2e
    fileprivate static let multiplePrefix: UInt8 = 0x2f
}

extension AMLReader {
    mutating func nameSegment() throws(AMLDefect) -> AMLNameSegment {
        let start = position
        for _ in 0..<4 { _ = try byte() }
        guard let segment = AMLNameSegment(block[start..<position]) else { throw .malformed }
        return segment
    }

    mutating func name() throws(AMLDefect) -> AMLName {
        var origin = AMLName.Origin.scope(levelsAbove: 0)
        if next == AMLName.rootCharacter {
            _ = try byte()
            origin = .root
        } else {
            var levels = 0
            while next == AMLName.parentCharacter {
                _ = try byte()
                levels += 1
            }
            origin = .scope(levelsAbove: levels)
        }
        var segments: [AMLNameSegment] = []
        for _ in 0..<(try segmentCount()) { segments.append(try nameSegment()) }
        return AMLName(origin: origin, segments: segments)
    }

    /// Takes the prefix that says how many segments follow, where there is one.
    private mutating func segmentCount() throws(AMLDefect) -> Int {
        switch next {
        case AMLName.nullName?:
            _ = try byte()
            return 0
        case AMLName.dualPrefix:
            _ = try byte()
            return 2
        case AMLName.multiplePrefix:
            _ = try byte()
            return Int(try byte())
        default:
            return 1
        }
    }
}
