import FoundationEssentials

/// A call as it comes over a connection. Whoever has sent it is nobody's friend.
struct CallMessage: Hashable, Sendable {
    /// The greatest length of a method's name with that of its interface, in bytes.
    private static let nameLimit = 255

    let interface: String
    /// Without the interface's name.
    let method: String
    let wantsMore: Bool
    let isOneway: Bool
    let wantsUpgrade: Bool
    /// The whole of it, without the zero at its end.
    let bytes: [UInt8]

    init(_ bytes: [UInt8]) throws(BrokenMessage) {
        guard bytes.isShallowObject else { throw .malformed }
        let envelope: Envelope
        do {
            envelope = try JSONDecoder().decode(Envelope.self, from: Data(bytes))
        } catch {
            throw .malformed
        }
        let name = envelope.method
        guard name.utf8.count <= Self.nameLimit, let dot = name.lastIndex(of: "."), dot != name.startIndex else {
            throw .withoutMethod
        }
        interface = String(name[..<dot])
        method = String(name[name.index(after: dot)...])
        guard !method.isEmpty else { throw .withoutMethod }
        (wantsMore, isOneway) = (envelope.more ?? false, envelope.oneway ?? false)
        wantsUpgrade = envelope.upgrade ?? false
        self.bytes = bytes
    }

    private struct Envelope: Decodable {
        var method: String
        var more: Bool?
        var oneway: Bool?
        var upgrade: Bool?
    }
}

extension [UInt8] {
    /// The depth that objects and arrays within others may have. Nothing that is served here has half of it.
    private static let depthLimit = 32

    /// Whether it can be an object in UTF-8 that is not too deep for whoever reads it. Only a parser says whether it is JSON.
    var isShallowObject: Bool {
        guard first(where: { !$0.isJSONSpace }) == UInt8(ascii: "{") else { return false }
        var (depth, isInString, isEscaped) = (0, false, false)
        for byte in self {
            guard !isInString else {
                if byte == UInt8(ascii: "\""), !isEscaped { isInString = false }
                isEscaped = byte == UInt8(ascii: "\\") && !isEscaped
                continue
            }
            switch byte {
            case UInt8(ascii: "\""): isInString = true
            case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
            default: break
            }
            guard depth <= Self.depthLimit else { return false }
        }
        return String(validating: self, as: UTF8.self) != nil
    }
}

extension UInt8 {
    fileprivate var isJSONSpace: Bool { [0x20, 0x09, 0x0A, 0x0D].contains(self) }
}
