internal import Glibc

/// The parts of some bytes between separators, also the empty ones, in place: a text that is read at the start is taken
/// apart by it without an allocation for each line and each field. See memchr(3).
public struct ByteParts: Sequence, IteratorProtocol {
    /// What comes after the last separator that was found; nil when that was taken, too.
    public private(set) var rest: UnsafeRawBufferPointer?
    private let separator: UInt8

    fileprivate init(_ bytes: UnsafeRawBufferPointer, _ separator: UInt8) {
        rest = bytes
        self.separator = separator
    }

    /// The next part that has a separator behind it, or else the rest.
    public mutating func next() -> UnsafeRawBufferPointer? {
        if let ended = nextEnded() { return ended }
        defer { rest = nil }
        return rest
    }

    /// The next part that has a separator behind it.
    public mutating func nextEnded() -> UnsafeRawBufferPointer? {
        guard let bytes = rest, let start = bytes.baseAddress, !bytes.isEmpty,
            let end = memchr(start, CInt(separator), bytes.count)
        else { return nil }
        let count = UnsafeRawPointer(end) - start
        rest = UnsafeRawBufferPointer(rebasing: bytes[(count + 1)...])
        return UnsafeRawBufferPointer(rebasing: bytes[..<count])
    }
}

extension UnsafeRawBufferPointer {
    /// The parts between the separators. They are valid as long as the bytes are.
    public func parts(between separator: Unicode.Scalar) -> ByteParts {
        ByteParts(self, UInt8(ascii: separator))
    }

    /// Whether the last of these are the bytes of the text. See memcmp(3).
    public func ends(with text: StaticString) -> Bool {
        guard let baseAddress, count >= text.utf8CodeUnitCount else { return false }
        let start = baseAddress + (count - text.utf8CodeUnitCount)
        return memcmp(start, text.utf8Start, text.utf8CodeUnitCount) == 0
    }

    /// Whether these are the bytes of the text.
    public func isText(_ text: String) -> Bool { elementsEqual(text.utf8) }
}
