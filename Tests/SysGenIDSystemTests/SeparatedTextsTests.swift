import SystemPackage
import Testing

@testable import SysGenIDSystem

/// What is written down for the start says the same as the library.
struct SeparatedTextsTests {
    @Test(arguments: [[], [""], ["a"], ["a", "b"], ["", "", "c"], ["é", "\u{301}", "b; "]] as [[String]])
    func textsAreJoined(_ texts: [String]) {
        for separator in ["", " ", "; "] {
            #expect(texts.text(separatedBy: separator) == texts.joined(separator: separator))
        }
    }

    @Test(
        arguments: [
            "", "/", "//", "a", "a/", "a/b", "/a", "/a/", "/a//b", "//a", "/a/b/..", ".", "..", "./a", "/a/b/", "é/é",
            "/é",
        ] as [FilePath])
    func aPathHasItsParent(_ path: FilePath) {
        #expect(path.parent == path.removingLastComponent())
    }
}
