/// An openssl.cnf, and what makes programs that read it take their random bytes from the provider. See config(5).
///
/// What is added stands between two lines of its own at the end, so that it can be taken away again. A section may be
/// begun anew there, and a name that is given twice has its last value. All else stays byte by byte.
struct OpenSSLConfiguration {
    /// Why a configuration is left as it is.
    enum Obstacle: Error, Hashable, Sendable {
        /// Somebody has chosen a generator already.
        case otherGenerator(section: String)
        /// FIPS has a generator of its own, which has to be used.
        case fips
        /// A section is not in this file, as where it comes from one that this includes.
        case sectionElsewhere(String)
    }

    private typealias Section = [String: String]

    static let begin = "# sysgenid: begin ('sysgenidctl openssl disable' takes this away)"
    static let end = "# sysgenid: end"
    private static let usualSection = "default"

    private let lines: [ArraySlice<UInt8>]

    init(_ contents: [UInt8]) {
        lines = contents.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    }

    /// Whether the provider is asked for already.
    var isEnabled: Bool { ownLines != nil }

    /// The library of the provider that is named.
    var module: String? { read()["sysgenid_provider"]?["module"] }

    /// The contents without what was added.
    var disabled: [UInt8] {
        guard let own = ownLines else { return contents(lines[...]) }
        // The empty line before it is its own, too.
        let isApart = own.lowerBound > 0 && Self.text(lines[own.lowerBound - 1]).isEmpty
        return contents(lines[..<(own.lowerBound - (isApart ? 1 : 0))] + lines[own.upperBound...])
    }

    /// The contents with what is needed, and with what was there before in its place.
    func enabled(with provider: OpenSSLConfiguration) throws(Obstacle) -> [UInt8] {
        let former = disabled
        let added = try addition(of: provider)
        let ending = lines.first?.last == UInt8(ascii: "\r") ? "\r\n" : "\n"
        let separator = former.isEmpty || former.last == UInt8(ascii: "\n") ? "" : ending
        return former + Array((separator + ([""] + added + [""]).joined(separator: ending)).utf8)
    }

    /// The lines that have to be at the end, with the sections of the provider's own configuration. That is not included,
    /// since a program that does not find it would not start.
    func addition(of provider: OpenSSLConfiguration) throws(Obstacle) -> [String] {
        let rest = OpenSSLConfiguration(disabled)
        let own = provider.logicalLines.map { Self.trimmed($0) }.filter { !$0.isEmpty }.drop { !$0.hasPrefix("[") }
        return try [Self.begin] + rest.start() + own + [Self.end]
    }

    /// What names those sections, in a configuration that does not.
    private func start() throws(Obstacle) -> [String] {
        let sections = read()
        let isFIPS = sections.values.contains { section in
            section.contains { $0 == "default_properties" && $1.contains("fips") }
        }
        if isFIPS { throw .fips }
        var lines: [String] = []
        var usual = ["nodejs_conf = sysgenid_init"].filter { _ in sections[Self.usualSection]?["nodejs_conf"] == nil }
        if let name = sections[Self.usualSection]?["openssl_conf"] {
            guard let start = sections[name] else { throw .sectionElsewhere(name) }
            if let generator = start["random"] { throw .otherGenerator(section: generator) }
            lines += ["[\(name)]", "random = sysgenid_random"]
            if let providers = start["providers"] {
                lines += try Self.addition(toProviders: providers, of: sections)
            } else {
                lines.append("providers = sysgenid_providers")
            }
        } else {
            // One that is included may say it, and would have no effect any more.
            if includesOthers { throw .sectionElsewhere(Self.usualSection) }
            usual.append("openssl_conf = sysgenid_init")
        }
        return lines + (usual.isEmpty ? [] : ["[\(Self.usualSection)]"] + usual)
    }

    /// One provider that is activated keeps OpenSSL from activating its own by itself: so that is named where it was
    /// not needed before.
    private static func addition(
        toProviders name: String, of sections: [String: Section]
    ) throws(Obstacle) -> [String] {
        guard let providers = sections[name] else { throw .sectionElsewhere(name) }
        if providers["fips"] != nil { throw .fips }
        let lines = ["[\(name)]", "sysgenid = sysgenid_provider"]
        for section in providers.values where sections[section] == nil { throw .sectionElsewhere(section) }
        if providers.values.contains(where: { sections[$0]?["activate"] != nil }) { return lines }
        guard let section = providers["default"] else { return lines + ["default = sysgenid_default"] }
        return lines + ["[\(section)]", "activate = 1"]
    }

    // MARK: - Reading

    /// The lines of an earlier addition.
    private var ownLines: Range<Int>? {
        let texts = lines.map(Self.text)
        guard let first = texts.firstIndex(of: Self.begin),
            let last = texts[first...].firstIndex(of: Self.end)
        else { return nil }
        return first..<(last + 1)
    }

    private func contents(_ lines: ArraySlice<ArraySlice<UInt8>>) -> [UInt8] {
        Array(lines.joined(separator: [UInt8(ascii: "\n")]))
    }

    private static func text(_ line: ArraySlice<UInt8>) -> String {
        var text = Substring(decoding: line, as: UTF8.self)
        while text.last?.isWhitespace == true { text.removeLast() }
        return String(text.drop(while: \.isWhitespace))
    }

    private func read() -> [String: Section] {
        var sections: [String: Section] = [Self.usualSection: [:]]
        var current = Self.usualSection
        for line in logicalLines {
            if line.hasPrefix("["), let end = line.firstIndex(of: "]") {
                current = Self.trimmed(line[line.index(after: line.startIndex)..<end])
                sections[current, default: [:]] = sections[current] ?? [:]
            } else if !line.hasPrefix("."), let sign = line.firstIndex(of: "=") {
                var (section, name) = (current, Self.trimmed(line[..<sign]))
                if let colons = Self.colons(in: name) {
                    section = String(name[..<colons])
                    name = String(name[name.index(colons, offsetBy: 2)...])
                }
                let value = Self.trimmed(line[line.index(after: sign)...])
                sections[section, default: [:]][name] = value.filter { $0 != "\"" && $0 != "'" }
            }
        }
        return sections
    }

    private var includesOthers: Bool { logicalLines.contains { $0.hasPrefix(".include") } }

    /// Without comments, and with those joined that a backslash continues.
    private var logicalLines: [Substring] {
        var logical: [Substring] = []
        var begun = ""
        for line in lines {
            let text = begun + Self.text(line)
            if text.hasSuffix("\\") {
                begun = String(text.dropLast())
                continue
            }
            begun = ""
            logical.append(text.prefix { $0 != "#" })
        }
        return logical
    }

    private static func colons(in name: String) -> String.Index? {
        name.indices.first { name[$0...].hasPrefix("::") }
    }

    private static func trimmed(_ text: Substring) -> String {
        Self.text(ArraySlice(Array(text.utf8)))
    }
}
