import Foundation
import Testing

extension EndToEnd {
    /// What docs/tour.md names is where it says.
    @Suite struct Tours {
        @Test func everyNameIsDeclaredInTheFileThatItsStepNames() throws {
            let page = try String(contentsOf: Built.project.appending(path: "docs/tour.md"), encoding: .utf8)
            let tour = Tour(page, SourceTree(Built.project.appending(path: "Sources")))
            #expect(tour.steps.count > 50)
            #expect(tour.errors.isEmpty, "\n\(tour.errors.joined(separator: "\n"))")
        }

        @Test func tenPlacesForAChangeAreNamed() throws {
            let page = try String(contentsOf: Built.project.appending(path: "docs/tour.md"), encoding: .utf8)
            let section = try #require(page.components(separatedBy: "\n## Where a change goes\n").dropFirst().first)
            let tour = Tour(section, SourceTree(Built.project.appending(path: "Sources")))
            #expect(tour.steps.count == 10)
            #expect(tour.steps.allSatisfy { $0.text.contains("**") && $0.text.contains(".swift`") })
        }

        @Test(arguments: [
            ("- a step: `A/Loop.swift`, `Loop`, `run`, `isDone`, `init`", []),
            ("1. a step\n   of two lines: `A/Loop.swift`, `Loop.run`, `Ending.failed`, `asked`", []),
            ("- `A/Loop.swift`, `Other`; `B/Other.swift`, `other`, `Loop`", []),
            ("- read(2) of `/dev/sysgenid` with `--frontend cuse`: `A/Loop.swift`, `Loop`", []),
            ("Words about `anything` are no step.", []),
            ("- a step: `A/Gone.swift`, `Loop`", ["line 1: A/Gone.swift is not there"]),
            ("- a step: `A/Other.swift`", ["line 1: A/Other.swift is not there; there is B/Other.swift"]),
            (
                "\n- a step: `A/Loop.swift`, `Other`",
                ["line 2: Other is not declared in A/Loop.swift; it is in B/Other.swift"]
            ),
            ("- a step: `A/Loop.swift`, `walk`", ["line 1: walk is not declared in A/Loop.swift"]),
            ("- a step: `A/Loop.swift`, `Loop.walk`", ["line 1: walk is not declared in A/Loop.swift"]),
            ("- a step: `Loop`", ["line 1: Loop stands without a file"]),
        ])
        func whatIsNotThereIsNamed(_ page: String, _ errors: [String]) {
            let sources = SourceTree([
                "A/Loop.swift": """
                /// Calls walk() and Other.
                public final class Loop: Sendable {
                    private let isDone: Bool
                    init(_ other: Other) {}
                    mutating func run<Value>(until end: Value) { walk() }
                    enum Ending { case asked(Int), failed }
                }
                """,
                "B/Other.swift": "struct Other {}\nextension Loop { static var other = Other() }",
            ])
            #expect(Tour(page, sources).errors == errors)
        }
    }
}

/// The steps of a page, and what of them is not as they say.
private struct Tour {
    struct Step {
        var line: Int
        var text: String
    }

    private(set) var steps: [Step] = []
    private(set) var errors: [String] = []

    init(_ page: String, _ sources: SourceTree) {
        for (number, line) in page.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            if line.prefixMatch(of: /(-|[0-9]+\.)[ ]/) != nil {
                steps.append(Step(line: number + 1, text: String(line)))
            } else if line.hasPrefix("  "), !steps.isEmpty {
                steps[steps.count - 1].text += "\n" + line
            }
        }
        for step in steps {
            errors += Self.errors(of: step, sources).map { "line \(step.line): \($0)" }
        }
    }

    private static func errors(of step: Step, _ sources: SourceTree) -> [String] {
        let words = step.text.matches(of: /`([^`]+)`/).map { String($0.output.1) }
        let files = words.filter { $0.hasSuffix(".swift") }
        let names = words.filter { $0.wholeMatch(of: /[A-Za-z_][\w.]*/) != nil && !$0.hasSuffix(".swift") }
            .flatMap { $0.split(separator: ".").map(String.init) }
        guard !files.isEmpty else { return names.map { "\($0) stands without a file" } }
        let missing = files.filter { sources.files[$0] == nil }
        guard missing.isEmpty else {
            return missing.map { "\($0) is not there" + sources.note(sources.files(named: $0), "there is") }
        }
        return names.filter { name in !files.contains { sources.declares(name, in: $0) } }.map { name in
            "\(name) is not declared in \(files.joined(separator: ", "))"
                + sources.note(sources.files(declaring: name), "it is in")
        }
    }
}

/// Files by their paths, and what is declared in them.
private struct SourceTree {
    var files: [String: String]

    init(_ files: [String: String]) {
        self.files = files
    }

    init(_ folder: URL) {
        let paths = FileManager.default.enumerator(atPath: folder.path)?.compactMap { $0 as? String } ?? []
        let found = paths.filter { $0.hasSuffix(".swift") }.map { path in
            (path, (try? String(contentsOf: folder.appending(path: path), encoding: .utf8)) ?? "")
        }
        files = Dictionary(uniqueKeysWithValues: found)
    }

    func declares(_ name: String, in file: String) -> Bool {
        guard let text = files[file] else { return false }
        if name == "init" { return text.contains("init(") }
        let keyword = "(?:struct|class|enum|protocol|actor|extension|typealias|func|var|let|case)"
        let pattern = #"(?m)^[^/"\n]*\b(?:\#(keyword)|case [^:={\n]*,) +`?\#(name)\b"#
        return text.range(of: pattern, options: .regularExpression) != nil
    }

    func files(named path: String) -> [String] {
        files.keys.filter { $0.split(separator: "/").last == path.split(separator: "/").last }.sorted()
    }

    func files(declaring name: String) -> [String] { files.keys.filter { declares(name, in: $0) }.sorted() }

    /// Where to look instead, where that is known.
    func note(_ places: [String], _ before: String) -> String {
        places.isEmpty || places.count > 4 ? "" : "; \(before) \(places.joined(separator: ", "))"
    }
}
