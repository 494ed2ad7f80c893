import Foundation
import Testing

extension EndToEnd {
    /// The pages of the client library. `make docs` makes them, and holds each link; see `Examples` for the programs.
    @Suite struct Articles {
        @Test(arguments: ["Probe", "Watcher", "OverseerPart", "Container"])
        func itsCodeStandsInTheExamplesThatItNames(_ name: String) throws {
            let page = try Self.page(name)
            let programs = try Set(page.matches(of: /`(Examples\/Swift\/[\w-]+)`/).map { String($0.output.1) })
                .flatMap(Self.sources)
            let samples = page.matches(of: /```swift\n((?:.|\n)*?)\n```/).map { String($0.output.1) }
            #expect(!samples.isEmpty && !programs.isEmpty)
            for sample in samples {
                #expect(programs.contains { Self.stands(sample, in: $0) }, "in no example:\n\(sample)")
            }
        }

        @Test func everyPublicTypeIsATopic() throws {
            let topics = try Self.page("SysGenID")
            for source in try Self.sources(in: "Sources/SysGenID") {
                let types = source.matches(of: /(?:^|\n)public (?:final class|struct|enum|protocol|typealias) (\w+)/)
                for type in types { #expect(topics.contains("\n- ``\(type.output.1)``\n")) }
            }
        }

        @Test(arguments: [
            ("a\n    b", true), ("b\n\nc", true), ("         b", false), ("a\nb", false), ("b\nc", false), ("a", true),
            ("d", false),
        ])
        func whatStandsInAProgram(_ sample: String, _ isThere: Bool) {
            #expect(Self.stands(sample, in: "x\n    a\n        b\n\n        c\ndd\n") == isThere)
        }

        private static func page(_ name: String) throws -> String {
            let path = "Sources/SysGenID/SysGenID.docc/\(name).md"
            return try String(contentsOf: Built.project.appending(path: path), encoding: .utf8)
        }

        private static func sources(in folder: String) throws -> [String] {
            let folder = Built.project.appending(path: folder)
            return try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".swift") }
                .map { try String(contentsOf: folder.appending(path: $0), encoding: .utf8) }
        }

        /// Whether the program has these lines, all of them further in by the same.
        private static func stands(_ sample: String, in program: String) -> Bool {
            let sought = sample.split(separator: "\n", omittingEmptySubsequences: false)
            let lines = program.split(separator: "\n", omittingEmptySubsequences: false)
            guard let first = sought.first else { return false }
            return lines.indices.contains { start in
                guard lines[start].hasSuffix(first), start + sought.count <= lines.count else { return false }
                let indentation = lines[start].dropLast(first.count)
                return indentation.allSatisfy { $0 == " " }
                    && zip(sought, lines[start...]).allSatisfy { $1 == ($0.isEmpty ? "" : indentation + $0) }
            }
        }
    }
}
