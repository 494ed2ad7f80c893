import Foundation

/// The options of a command: the name of each, with the name of its value where it has one, and what is said of it.
typealias Options = [String: (value: String?, text: String)]

/// What a program says of itself with --help.
struct HelpText {
    let options: Options
    let subcommands: [String]

    init(_ text: String) {
        var options: Options = [:]
        for entry in Self.entries(of: "OPTIONS:", in: text) {
            guard let match = entry.firstMatch(of: /--([a-z-]+)(?: <([^>]+)>)?/) else { continue }
            options[String(match.output.1)] = (match.output.2.map(String.init), entry)
        }
        self.options = options
        subcommands = Self.entries(of: "SUBCOMMANDS:", in: text).compactMap {
            $0.firstMatch(of: /^\s*([a-z-]+)/).map { String($0.output.1) }
        }
    }

    /// The entries below a heading, each on one line.
    private static func entries(of heading: String, in text: String) -> [String] {
        guard let start = text.range(of: "\n\(heading)\n")?.upperBound else { return [] }
        var entries: [String] = []
        for line in text[start...].split(separator: "\n", omittingEmptySubsequences: false) {
            guard line.hasPrefix("  ") else { break }
            if line.hasPrefix("   ") {
                entries[entries.endIndex - 1] += " " + line.drop { $0 == " " }
            } else {
                entries.append(String(line))
            }
        }
        return entries
    }
}

/// A page of docs/man, in the language of mdoc(7).
struct ManualPage {
    private let source: String

    init(_ name: String) throws {
        source = try String(contentsOf: Self.folder.appending(path: name), encoding: .utf8)
    }

    static let folder = Built.project.appending(path: "docs/man")

    /// The lines of a section or subsection, by its title.
    private func section(_ title: String) -> [Substring] {
        let lines = source.split(separator: "\n")
        guard let start = lines.firstIndex(where: { $0 == ".Sh \(title)" || $0 == ".Ss \(title)" }) else { return [] }
        return Array(lines[(start + 1)...].prefix { !$0.hasPrefix(".Sh ") && !$0.hasPrefix(".Ss ") })
    }

    /// The options that a section describes, as the help shows them.
    func options(in title: String) -> Options {
        var options: Options = [:]
        var name: String?
        for line in section(title) {
            if let match = line.wholeMatch(of: /\.It (?:Fl h , )?Fl -([a-z-]+)(?: Ar (\S+))?/) {
                name = String(match.output.1)
                options[String(match.output.1)] = (match.output.2.map(String.init), "")
            } else if line.hasPrefix(".El") {
                name = nil
            } else if let name {
                let words = line.replacing(#/^\.[A-Z][a-z] /#, with: "").replacing(" .", with: ".")
                options[name]?.text += words + " "
            }
        }
        return options
    }

    /// The options in the synopsis, as in [--name <value>], also those that must stand there.
    var synopsis: Set<String> {
        let options = section("SYNOPSIS").compactMap { $0.wholeMatch(of: /\.(?:Op )?Fl -([a-z-]+)(?: Ar (\S+))?/) }
        return Set(
            options.map { option in
                let value = option.output.2.map { " <" + $0 + ">" }
                return "[--" + option.output.1 + (value ?? "") + "]"
            })
    }

    /// The titles of the subsections of a section.
    func subsections(of title: String) -> [String] {
        let lines = source.split(separator: "\n").drop { $0 != ".Sh \(title)" }.dropFirst()
        return lines.prefix { !$0.hasPrefix(".Sh ") }.filter { $0.hasPrefix(".Ss ") }.map { String($0.dropFirst(4)) }
    }

    /// All paths that the page names.
    var paths: Set<String> { Set(source.matches(of: /(?m)^\.Pa (\S+)/).map { String($0.output.1) }) }

    /// What stands behind a macro, as the name of each constant behind `.It Dv`, in a section or in the whole page.
    func items(_ macro: String, in title: String? = nil) -> Set<String> {
        Set(
            (title.map(section) ?? source.split(separator: "\n")).filter { $0.hasPrefix(".It \(macro) ") }
                .compactMap { $0.split(separator: " ").dropFirst(2).first.map(String.init) })
    }
}
