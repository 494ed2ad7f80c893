import Foundation

/// Where the programs of this build are: beside the tests.
enum Built {
    static let folder = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()

    /// A program that was built with the tests, or the one at a path.
    static func path(of program: String) -> String {
        program.hasPrefix("/") ? program : folder.appending(path: program).path
    }

    /// The top folder of the project.
    static let project = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()
}
