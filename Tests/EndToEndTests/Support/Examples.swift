import Foundation
import TestSupport
import Testing

/// The language of an example.
enum ExampleLanguage: String, CaseIterable, CustomTestStringConvertible {
    case c = "C"
    case swift = "Swift"

    var testDescription: String { rawValue }
}

extension TestDevice {
    /// Builds an example as its user would, and starts it with the device and the runtime directory, or other arguments
    /// behind the device.
    func example(
        _ name: String, in language: ExampleLanguage, options: [String] = [], _ arguments: [String]? = nil
    ) throws -> RunningProgram {
        let program =
            switch language {
            case .c: try compile("Examples/C/\(name).c", as: .c)
            case .swift: try ExamplePackage.built.get().path + "/\(name)"
            }
        return try run(program, options + [path] + (arguments ?? [runtimeDirectory]))
    }

    /// Starts the example that manages the device of a container.
    func containerManager(of name: String) throws -> RunningProgram {
        try run(
            ExamplePackage.built.get().path + "/container-device", [name, Self.untilTheCap],
            environment: ["SYSGENID_DEVICES_DIR": devicesDirectory])
    }
}

/// The package of the examples in Swift, which depends on the library as a user's package does.
struct ExamplePackage {
    /// Where its programs are.
    let path: String

    /// Built once for all tests, in a folder of its own, so that what has not changed is not built again.
    static let built = Result { try ExamplePackage() }

    private init() throws {
        let options = [
            "--package-path", Built.project.appending(path: "Examples/Swift").path,
            "--scratch-path", Built.project.appending(path: ".build/examples").path,
        ]
        // As a user builds it, also where the tests run under a sanitizer.
        let swift = ["-u", "SYSGENID_SANITIZE", "swift", "build"]
        let build = try RunningProgram("/usr/bin/env", swift + options)
        guard try build.exitCode(patience: .untilTheCap) == 0 else { throw NotCompiled(text: build.text) }
        let query = try RunningProgram("/usr/bin/env", swift + ["--show-bin-path"] + options)
        guard try query.exitCode() == 0, let line = query.lines.last else {
            throw NotCompiled(text: query.text)
        }
        path = line
    }
}
