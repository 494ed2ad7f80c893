import Foundation
import TestSupport
import Testing

extension TestDevice {
    /// Compiles a program of the project as a user does, with all warnings as errors: against the headers that
    /// `make install` installs, which pkg-config finds.
    ///
    /// - Parameter source: its path in the project.
    /// - Returns: the path of the program.
    func compile(_ source: String, as language: Language) throws -> String {
        let installed = folder + "/installed"
        if !FileManager.default.fileExists(atPath: installed) {
            try succeed(
                "make", "-C", Built.project.path, "install", "PREFIX=/usr", "DESTDIR=\(installed)",
                "PACKAGE_PROGRAMS=\(Built.folder.path)")
        }
        let flags = try succeed(
            "pkg-config", "--cflags", "sysgenid",
            environment: [
                "PKG_CONFIG_PATH": installed + "/usr/share/pkgconfig", "PKG_CONFIG_SYSROOT_DIR": installed,
                // Flags for folders of the system are left out, and /usr/include is one.
                "PKG_CONFIG_ALLOW_SYSTEM_CFLAGS": "1",
            ])
        let program = folder + "/program-" + UUID().uuidString.prefix(8)
        let words =
            language.command + ["-Wall", "-Wextra", "-Wpedantic", "-Werror", "-pthread"]
            + flags.split(whereSeparator: \.isWhitespace).map(String.init)
            + ["-o", program, Built.project.appending(path: source).path]
        try succeed(words)
        return program
    }

    @discardableResult
    private func succeed(_ words: String..., environment: [String: String] = [:]) throws -> String {
        try succeed(words, environment: environment)
    }

    @discardableResult
    private func succeed(_ words: [String], environment: [String: String] = [:]) throws -> String {
        let program = try run("/usr/bin/env", words, environment: environment)
        guard try program.exitCode() == 0 else { throw NotCompiled(text: program.text) }
        return program.text
    }
}

/// What a program is compiled as.
enum Language: CaseIterable, CustomTestStringConvertible {
    case c, cxx

    var command: [String] {
        switch self {
        case .c: ["cc", "-std=c11"]
        case .cxx: ["c++", "-std=c++17", "-x", "c++"]
        }
    }

    var testDescription: String { self == .c ? "C11" : "C++17" }
}

/// A program could not be compiled, and what was said of it.
struct NotCompiled: Error, CustomStringConvertible {
    var text: String

    var description: String { text }
}
