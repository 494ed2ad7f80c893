/// What a test's header says of the values that the clones of one snapshot have reported.
struct Comparison: Sendable {
    /// The names of what no two clones may have in common.
    var differing: [String] = []
    /// The names of what all clones have in common.
    var same: [String] = []

    /// What a guest has reported, by name, in its order.
    typealias Values = [String: [String]]

    var isEmpty: Bool { differing.isEmpty && same.isEmpty }

    /// How many statements it makes.
    var count: Int { differing.count + same.count }

    /// The lines `value NAME WORD` of a guest's report.
    static func values(in report: [String]) -> Values {
        var values: Values = [:]
        for line in report {
            let words = line.split(separator: " ", maxSplits: 2).map(String.init)
            if words.count == 3, words[0] == "value" { values[words[1], default: []].append(words[2]) }
        }
        return values
    }

    /// What does not hold, a line each.
    func complaints(about clones: [Values]) -> [String] {
        differing.flatMap { complaints(about: $0, in: clones, areToDiffer: true) }
            + same.flatMap { complaints(about: $0, in: clones, areToDiffer: false) }
    }

    private func complaints(about name: String, in clones: [Values], areToDiffer: Bool) -> [String] {
        let all = clones.compactMap { $0[name] }
        guard all.count == clones.count, all.count > 1 else {
            return ["\(all.count) of \(clones.count) clones have reported the value \(name)"]
        }
        if areToDiffer {
            // Word by word: one that is the same in two clones is a duplicate already.
            let words = all.flatMap { $0 }
            let hasDuplicate = Set(words).count < words.count
            return hasDuplicate ? ["the clones have a value of \(name) in common: \(Self.text(all))"] : []
        }
        return Set(all).count == 1 ? [] : ["the clones differ in \(name): \(Self.text(all))"]
    }

    private static func text(_ values: [[String]]) -> String {
        values.map { $0.joined(separator: " ") }.joined(separator: " | ")
    }
}
