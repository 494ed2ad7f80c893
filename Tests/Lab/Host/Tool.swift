import Foundation
import TestSupport

/// A program of this machine that the laboratory needs, run to its end.
enum Tool {
    /// Runs a program and returns what it wrote.
    @discardableResult
    static func run(_ name: String, _ arguments: [String]) throws -> String {
        let program = try RunningProgram("/usr/bin/env", [name] + arguments)
        guard try program.exitCode(patience: .untilTheCap) == 0 else {
            throw Failure("\(([name] + arguments).joined(separator: " ")): \(program.text)")
        }
        return program.text
    }

    /// Runs a shell's command line in a folder. Arguments are `$1`, `$2` and so on there.
    static func shell(_ line: String, _ arguments: [String], in folder: String) throws {
        try run("sh", ["-euc", "cd \"$0\"\n" + line, folder] + arguments)
    }

    /// Words as a shell would have to be given them.
    static func quoted(_ words: [String]) -> String {
        words.map { word in
            let isPlain = word.allSatisfy { $0.isLetter || $0.isNumber || "-_./=,:+".contains($0) }
            return isPlain && !word.isEmpty ? word : "'" + word.replacing("'", with: "'\\''") + "'"
        }.joined(separator: " ")
    }
}

/// Why the laboratory cannot go on, in one line.
struct Failure: Error, CustomStringConvertible {
    var description: String

    init(_ description: String) {
        self.description = description
    }
}
