/// UUIDs as text. See RFC 9562, section 4.
public enum UUIDText {
    /// The 16 bytes of a UUID in the order in which they are written, which is the order of the RFC and not
    /// the one in which firmware keeps a GUID; nil where the text is something else.
    ///
    /// The digits may be of either case, with dashes at all four places or at none, and with white space
    /// around them.
    public static func parse(_ text: [UInt8]) -> [UInt8]? {
        let characters = text[...].trimming(isWhiteSpace)
        let dashes = characters.count == 36 ? dashes : []
        var digits: [UInt8] = []
        for (place, character) in characters.enumerated() {
            if dashes.contains(place) {
                guard character == UInt8(ascii: "-") else { return nil }
            } else {
                guard let digit = hexadecimalDigit(character) else { return nil }
                digits.append(digit)
            }
        }
        guard digits.count == 32 else { return nil }
        return stride(from: 0, to: 32, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
    }

    private static let dashes = [8, 13, 18, 23]

    private static func isWhiteSpace(_ character: UInt8) -> Bool {
        [UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\n"), UInt8(ascii: "\r")].contains(character)
    }
}

/// What a hexadecimal digit of either case stands for; nil where the character is none.
func hexadecimalDigit(_ character: UInt8) -> UInt8? {
    switch character {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): character - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): character - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): character - UInt8(ascii: "A") + 10
    default: nil
    }
}

extension BidirectionalCollection {
    /// The collection without the elements at its ends that the predicate holds for.
    fileprivate func trimming(_ isTrimmed: (Element) -> Bool) -> SubSequence {
        var rest = self[...]
        while let first = rest.first, isTrimmed(first) { rest.removeFirst() }
        while let last = rest.last, isTrimmed(last) { rest.removeLast() }
        return rest
    }
}
