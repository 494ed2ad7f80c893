/// What the description of an interface says, as far as it can be compared with what is served. See
/// https://varlink.org/Interface-Definition.
public struct InterfaceDescription: Hashable, Sendable {
    public struct Method: Hashable, Sendable {
        public var name: String
        /// The names of its parameters and of the values that it returns, in their order.
        public var parameters: [String]
        public var results: [String]
    }

    public struct Named: Hashable, Sendable {
        public var name: String
        /// The names of its fields, or those that it enumerates, in their order.
        public var fields: [String]
    }

    public private(set) var name = ""
    public private(set) var methods: [Method] = []
    public private(set) var types: [Named] = []
    public private(set) var errors: [Named] = []

    public init(_ text: String) throws(DescriptionFailure) {
        var reader = DescriptionReader(text)
        try reader.take("interface")
        name = try reader.take("a name of an interface") { $0.isInterfaceName }
        while let keyword = reader.next {
            try reader.take(keyword)
            let name = try reader.take("a name that begins with a capital") { $0.isTypeName }
            switch keyword {
            case "method":
                let parameters = try reader.takeFields()
                try reader.take("->")
                methods.append(Method(name: name, parameters: parameters, results: try reader.takeFields()))
            case "type": types.append(Named(name: name, fields: try reader.takeFieldsOrValues()))
            case "error": errors.append(Named(name: name, fields: try reader.takeFields()))
            default: throw reader.failure("method, type or error", keyword)
            }
        }
        let names = methods.map(\.name) + types.map(\.name) + errors.map(\.name)
        guard Set(names).count == names.count else { throw DescriptionFailure(expected: "each name once", found: name) }
        let unknown = reader.mentioned.subtracting(types.map(\.name)).sorted()
        if let type = unknown.first { throw DescriptionFailure(expected: "a type that is defined", found: type) }
    }
}

/// A description that is none.
public struct DescriptionFailure: Error, Hashable, Sendable, CustomStringConvertible {
    public var expected: String
    public var found: String

    public var description: String { "an interface's description has '\(found)' where it needs \(expected)" }
}

/// Takes a description apart, word by word.
private struct DescriptionReader {
    private var words: ArraySlice<Substring>
    /// The names of types that were used.
    private(set) var mentioned: Set<String> = []
    private var depth = 0

    private static let depthLimit = 16
    private static let plainTypes = ["bool", "int", "float", "string", "object"]

    init(_ text: String) {
        var words: [Substring] = []
        for line in text.split(separator: "\n") {
            var rest = line.prefix { $0 != "#" }
            while let first = rest.first {
                let length: Int
                if let sign = ["->", "[string]", "[]"].first(where: rest.hasPrefix) {
                    length = sign.count
                } else {
                    length = max(1, rest.prefix { $0.isLetter || $0.isNumber || "_.-".contains($0) }.count)
                }
                if !first.isWhitespace { words.append(rest.prefix(length)) }
                rest = rest.dropFirst(length)
            }
        }
        self.words = words[...]
    }

    var next: String? { words.first.map(String.init) }

    func failure(_ expected: String, _ found: String?) -> DescriptionFailure {
        DescriptionFailure(expected: expected, found: found ?? "its end")
    }

    mutating func take(_ word: String) throws(DescriptionFailure) {
        _ = try take(word) { $0 == word }
    }

    mutating func take(
        _ expected: String, where isOne: (String) -> Bool
    ) throws(DescriptionFailure) -> String {
        guard let word = next, isOne(word) else { throw failure(expected, next) }
        words.removeFirst()
        return word
    }

    /// Fields with their types, in parentheses; their names.
    mutating func takeFields() throws(DescriptionFailure) -> [String] {
        let (names, areFields) = try takeList()
        guard areFields || names.isEmpty else { throw failure("a field with its type", names.first) }
        return names
    }

    mutating func takeFieldsOrValues() throws(DescriptionFailure) -> [String] { try takeList().names }

    private mutating func takeList() throws(DescriptionFailure) -> (names: [String], areFields: Bool) {
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.depthLimit else { throw failure("fewer parentheses", next) }
        try take("(")
        var names: [String] = []
        var areFields: Bool?
        while next != ")" {
            if !names.isEmpty { try take(",") }
            let name = try take("a name of a field") { $0.isFieldName }
            guard !names.contains(name) else { throw failure("each name once", name) }
            names.append(name)
            let isField = next == ":"
            guard areFields ?? isField == isField else { throw failure("fields or values, not both", name) }
            areFields = isField
            if isField { try takeType() }
        }
        try take(")")
        return (names, areFields ?? true)
    }

    private mutating func takeType() throws(DescriptionFailure) {
        try take(":")
        if next == "?" { try take("?") }
        while let sign = next, ["[]", "[string]"].contains(sign) {
            try take(sign)
            if next == "?" { try take("?") }
        }
        guard next != "(" else {
            _ = try takeList()
            return
        }
        let type = try take("a type") { Self.plainTypes.contains($0) || $0.isTypeName }
        if !Self.plainTypes.contains(type) { mentioned.insert(type) }
    }
}

extension String {
    fileprivate var isTypeName: Bool {
        guard let first = utf8.first, first.isCapital else { return false }
        return utf8.allSatisfy(\.isLetterOrDigit)
    }

    fileprivate var isFieldName: Bool {
        guard let first = utf8.first, first.isLetterOrDigit, !first.isDigit, utf8.last != UInt8(ascii: "_") else {
            return false
        }
        return utf8.allSatisfy { $0.isLetterOrDigit || $0 == UInt8(ascii: "_") } && !contains("__")
    }

    fileprivate var isInterfaceName: Bool {
        let parts = split(separator: ".", omittingEmptySubsequences: false)
        return parts.count > 1 && utf8.first?.isDigit == false
            && parts.allSatisfy { part in
                part.utf8.allSatisfy { $0.isLetterOrDigit || $0 == UInt8(ascii: "-") }
                    && part.first.map { $0 != "-" } ?? false && part.last != "-"
            }
    }
}

extension UInt8 {
    fileprivate var isDigit: Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) }
    fileprivate var isCapital: Bool { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(self) }
    fileprivate var isLetterOrDigit: Bool {
        isDigit || isCapital || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(self)
    }
}
