/// A JSON value. The members of an object keep their order, so that the output reads as the text does.
public indirect enum JSON: Sendable {
    case null
    case boolean(Bool)
    case number(Int)
    /// A number that may be larger.
    case unsigned(UInt64)
    case string(String)
    case array([JSON])
    case object(KeyValuePairs<String, JSON>)

    /// The value on one line. See RFC 8259.
    public var text: String {
        switch self {
        case .null: "null"
        case .boolean(let value): String(value)
        case .number(let value): String(value)
        case .unsigned(let value): String(value)
        case .string(let value): Self.quoted(value)
        case .array(let values): "[" + values.map(\.text).joined(separator: ",") + "]"
        case .object(let members):
            "{" + members.map { "\(Self.quoted($0)):\($1.text)" }.joined(separator: ",") + "}"
        }
    }

    /// What is made of a value; null where there is none.
    public static func orNull<Value>(_ value: Value?, _ known: (Value) -> JSON) -> JSON {
        value.map(known) ?? .null
    }

    private static func quoted(_ string: String) -> String {
        let escaped = string.unicodeScalars.map { scalar in
            switch scalar {
            case "\"", "\\": "\\\(scalar)"
            case "\u{0}"..<"\u{20}", "\u{7F}"..<"\u{A0}", "\u{2028}", "\u{2029}":
                "\\u" + String(repeating: "0", count: 4 - hexadecimal(scalar).count) + hexadecimal(scalar)
            default: String(scalar)
            }
        }
        return "\"" + escaped.joined() + "\""
    }

    private static func hexadecimal(_ scalar: Unicode.Scalar) -> String { String(scalar.value, radix: 16) }
}
