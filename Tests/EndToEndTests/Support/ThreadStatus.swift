import Foundation
import TestSupport

/// What the kernel says of one thread of a program. See proc(5), /proc/PID/task/TID/status.
struct ThreadStatus {
    private let fields: [String: String]

    var name: String { fields["Name"] ?? "" }

    /// The value of a field, without white space around it.
    subscript(_ field: String) -> String? { fields[field] }

    /// All threads of a program, sorted by their names.
    static func all(of program: RunningProgram) throws -> [ThreadStatus] {
        let folder = "/proc/\(program.processID)/task"
        return try FileManager.default.contentsOfDirectory(atPath: folder)
            .map { ThreadStatus(try String(contentsOfFile: "\(folder)/\($0)/status", encoding: .utf8)) }
            .sorted { $0.name < $1.name }
    }

    private init(_ text: String) {
        let pairs = text.split(separator: "\n").compactMap { line in
            line.firstIndex(of: ":").map { colon in
                ("\(line[..<colon])", line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces))
            }
        }
        fields = Dictionary(uniqueKeysWithValues: pairs)
    }
}
