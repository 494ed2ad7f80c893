import Foundation

/// A test: a script for the guest, whose first lines of comment say what the host has to know.
///
///     # needs: passthrough        only on kernels with these properties
///     # seconds: 90               how long the guest may take, boot included
///     # processors: 2             how many the guest has
///     # clones: changed same      snapshot the guest when it asks, and resume once for each word
struct GuestTest: Sendable {
    var name: String
    var needs: Set<Kernel.Property> = []
    var seconds: Double = 60
    var processors = 1
    var clones: [Clone] = []

    /// What identity a clone of the snapshot is resumed with.
    enum Clone: String, Sendable {
        /// A new one, of its own.
        case changed
        /// The one that the machine had already: it was moved, not cloned.
        case same
    }

    /// All tests, those that may take longest first.
    static func all(in folder: String) throws -> [GuestTest] {
        try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(".sh") }.sorted()
            .map { file in
                let text = try String(contentsOfFile: "\(folder)/\(file)", encoding: .utf8)
                return try GuestTest(name: String(file.dropLast(3)), script: text)
            }
            .sorted { ($0.seconds, $1.name) > ($1.seconds, $0.name) }
    }

    init(name: String, script: String) throws {
        self.name = name
        for line in script.split(separator: "\n").prefix(while: { $0.hasPrefix("#") }) {
            let match = line.wholeMatch(of: #/# (needs|seconds|processors|clones): (.*)/#)
            guard let (_, key, value) = match?.output else { continue }
            let words = value.split(separator: " ").map(String.init)
            switch key {
            case "needs": needs = Set(try words.map { try Self.known($0, in: name) })
            case "clones": clones = try words.map { try Self.known($0, in: name) }
            default:
                guard let number = Int(value), number > 0 else { throw Failure("\(name).sh: \(value) is no number") }
                if key == "seconds" { seconds = Double(number) } else { processors = number }
            }
        }
    }

    private static func known<Word: RawRepresentable>(_ word: String, in name: String) throws -> Word
    where Word.RawValue == String {
        guard let known = Word(rawValue: word) else {
            throw Failure("\(name).sh: the word \(word) of its header is unknown")
        }
        return known
    }
}
