/// What a hook prints, as lines for the log: a hook that prints for ever, in one line or in many, hurts nobody.
struct HookOutput: Hashable, Sendable {
    /// How many bytes of a line are told.
    static let lineLimit = 1_024
    /// How many lines of a hook are told.
    static let countLimit = 256

    private var line: [UInt8] = []
    private var count = 0
    /// How many bytes were left out of the lines, and of what came after them.
    private var leftOut = 0

    /// Takes what was printed.
    ///
    /// - Returns: the lines that it has completed.
    mutating func take(_ bytes: some Sequence<UInt8>) -> [String] {
        var lines: [String] = []
        for byte in bytes {
            if byte == UInt8(ascii: "\n") {
                if let text = endLine() { lines.append(text) }
            } else if line.count < Self.lineLimit, count < Self.countLimit {
                line.append(byte)
            } else {
                leftOut += 1
            }
        }
        return lines
    }

    /// There will be no more.
    ///
    /// - Returns: the line that was not completed, and how much was left out.
    mutating func finish() -> [String] {
        let rest = [endLine()].compactMap(\.self)
        return leftOut == 0 ? rest : rest + ["(and \(leftOut) bytes more)"]
    }

    private mutating func endLine() -> String? {
        defer { line = [] }
        guard !line.isEmpty, count < Self.countLimit else { return nil }
        count += 1
        return Self.text(of: line)
    }

    /// What of it prints.
    private static func text(of line: [UInt8]) -> String {
        String(
            String.UnicodeScalarView(
                String(decoding: line, as: UTF8.self).unicodeScalars.map { scalar in
                    switch scalar.properties.generalCategory {
                    case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .unassigned, .privateUse:
                        scalar == "\t" ? " " : "?"
                    default: scalar
                    }
                }))
    }
}
