import Foundation
import Testing

/// The table of docs/runtimes.md is what the laboratory compares, all of it, and no more.
@Suite struct Runtimes {
    @Test func eachRowIsAsTheLaboratoryShowsIt() throws {
        let rows = try RuntimeRow.all()
        #expect(rows.count > 30)
        for row in rows {
            switch row.answer {
            case "yes": #expect(try row.shownBy.map { try Compared($0).areSame } == [true], "\(row)")
            case "no", "no, by chance": #expect(try row.shownBy.map { try Compared($0).areSame } == [false], "\(row)")
            default: #expect(row.answer == "not tried" && row.shownBy.isEmpty, "\(row)")
            }
            for name in row.stopShownBy { #expect(try !Compared(name).areSame, "\(row)") }
            // Whatever repeats stops by something, and what does not needs nothing.
            #expect((row.answer == "no") == (row.stop == "–"), "\(row)")
            #expect(row.stop == "–" || row.isStopNotTried != !row.stopShownBy.isEmpty, "\(row)")
        }
    }

    @Test func whatTheLaboratoryComparesHasItsRow() throws {
        let rows = try RuntimeRow.all()
        let named = rows.flatMap(\.shownBy)
        #expect(Set(named).count == named.count)
        let all = Set(named + rows.flatMap(\.stopShownBy)).filter { !$0.contains("/") }
        let compared = try Compared.ownTests.flatMap { try Compared.header(of: $0) }.map(\.name)
        #expect(Set(compared).count == compared.count)
        #expect(all.symmetricDifference(compared) == [])
    }
}

/// A row of the table.
private struct RuntimeRow: CustomStringConvertible {
    let description: String
    /// Whether a clone repeats it.
    let answer: String
    /// The names of what is compared.
    let shownBy: [String]
    let stop: String
    let stopShownBy: [String]
    let isStopNotTried: Bool

    static func all() throws -> [Self] {
        let page = try String(contentsOf: Built.project.appending(path: "docs/runtimes.md"), encoding: .utf8)
        let rows = page.split(separator: "\n").filter { $0.hasPrefix("|") }.dropFirst(2)
        return try rows.map { try Self(String($0)) }
    }

    private init(_ line: String) throws {
        description = line
        let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
        try #require(cells.count == 5, "\(line)")
        answer = cells[1]
        shownBy = Self.names(in: cells[2])
        stop = cells[3]
        stopShownBy = Self.names(in: cells[4])
        isStopNotTried = cells[4] == "not tried"
    }

    private static func names(in cell: String) -> [String] {
        cell.matches(of: /`([^`]+)`/).map { String($0.output.1) }
    }
}

/// What the header of a test of the laboratory has compared between two clones.
private struct Compared {
    let name: String
    let areSame: Bool

    static let ownTests = ["languages", "libraries", "restarted"].map { "debian-runtimes-\($0)" }

    /// - Parameter name: `TEST/NAME`, or a name alone of those tests that the page is about.
    init(_ name: String) throws {
        let words = name.split(separator: "/").map(String.init)
        let tests = words.count == 1 ? Self.ownTests : [words[0]]
        let found = try tests.flatMap { try Self.header(of: $0) }.filter { $0.name == words.last }
        try #require(found.count == 1, "\(name)")
        self = found[0]
    }

    private init(name: String, areSame: Bool) { (self.name, self.areSame) = (name, areSame) }

    static func header(of test: String) throws -> [Self] {
        let file = Built.project.appending(path: "Tests/Lab/Guest/tests/\(test).sh")
        return try String(contentsOf: file, encoding: .utf8).matches(of: #/(?m)^# (same|differ): (.+)$/#).flatMap {
            match in
            match.output.2.split(separator: " ").map { Self(name: String($0), areSame: match.output.1 == "same") }
        }
    }
}
