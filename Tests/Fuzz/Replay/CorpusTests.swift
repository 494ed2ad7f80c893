import Foundation
import Testing

/// What fuzzing has found worth keeping, run again.
struct CorpusTests {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Corpus")

    @Test("all holds for each kept input", arguments: FuzzTarget.all)
    func replay(_ target: FuzzTarget) throws {
        let inputs = try FileManager.default.contentsOfDirectory(
            at: Self.folder.appending(path: target.name), includingPropertiesForKeys: nil)
        var foundCount = 0
        for input in inputs {
            let bytes = [UInt8](try Data(contentsOf: input))
            do {
                if try target.check(bytes) { foundCount += 1 }
            } catch {
                Issue.record("\(input.path): \(error)")
            }
        }
        // A corpus without the one or the other would pass by much of the parser.
        #expect(foundCount > 0)
        #expect(foundCount < inputs.count)
    }

    @Test func eachCorpusHasItsTarget() throws {
        let names = try FileManager.default.contentsOfDirectory(atPath: Self.folder.path)
        #expect(names.sorted() == FuzzTarget.all.map(\.name).sorted())
    }
}

extension FuzzTarget: CustomTestStringConvertible {
    var testDescription: String { name }
}
