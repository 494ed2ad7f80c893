/// The forms that published attributes have. Whoever may write there, what is taken is harmless to print.
enum AttributeText {
    /// The one line that the contents are, without its end; nil where there is more, or anything that does
    /// not print.
    static func line(_ contents: [UInt8], limit: Int) -> String? {
        guard contents.count <= limit else { return nil }
        let line = contents.last == UInt8(ascii: "\n") ? contents.dropLast() : contents[...]
        guard !line.isEmpty, let text = String(validating: line, as: UTF8.self) else { return nil }
        return text.unicodeScalars.allSatisfy(isPrintable) ? text : nil
    }

    /// Any number of lines; nil where one of them has anything that does not print, or where there is too much.
    static func lines(_ contents: [UInt8], limit: Int) -> [String]? {
        guard contents.count <= limit else { return nil }
        let parts = contents.split(separator: UInt8(ascii: "\n"))
        let lines = parts.compactMap { line(Array($0), limit: limit) }
        return lines.count == parts.count ? lines : nil
    }

    /// A number in decimal, as it is written by the book: no sign, no leading zeros.
    static func number<Value: FixedWidthInteger>(_ text: String) -> Value? {
        guard let value = Value(text), value >= 0, String(value) == text else { return nil }
        return value
    }

    /// A name: small letters, digits and dashes.
    static func word(_ text: String) -> String? {
        let isName = text.utf8.allSatisfy { byte in
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || byte == UInt8(ascii: "-")
        }
        return isName && !text.isEmpty ? text : nil
    }

    /// Names, with a space or a comma between them.
    static func words(_ text: String) -> [String]? {
        let parts = text.split { $0 == " " || $0 == "," }
        let names = parts.compactMap { word(String($0)) }
        return names.count == parts.count && !names.isEmpty ? names : nil
    }

    private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        // Format characters include those that turn the direction of writing.
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .unassigned, .privateUse: false
        default: true
        }
    }
}
