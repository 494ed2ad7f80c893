import Foundation
import TestSupport
import Testing

extension EndToEnd {
    /// The programs of docs/clients.md, as they stand there.
    @Suite struct Recipes {
        @Test(arguments: Kernel.allCases) func c(_ kernel: Kernel) throws {
            try Recipe("c").test(kernel, "cc", "-Wall", "-Wextra", "-Werror", "-o", Recipe.program, Recipe.source)
        }

        @Test(.needs("g++"), arguments: Kernel.allCases) func cPlusPlus(_ kernel: Kernel) throws {
            try Recipe("cpp").test(kernel, "g++", "-std=c++17", "-Wall", "-Wextra", "-o", Recipe.program, Recipe.source)
        }

        @Test(.needs("rustc"), arguments: Kernel.allCases) func rust(_ kernel: Kernel) throws {
            try Recipe("rust", suffix: "rs").test(
                kernel, "rustc", "--edition", "2021", "-D", "warnings", "-o", Recipe.program, Recipe.source)
        }

        @Test(.needs("go"), arguments: Kernel.allCases) func go(_ kernel: Kernel) throws {
            try Recipe("go").test(kernel, "go", "build", "-o", Recipe.program, Recipe.source)
        }

        @Test(.needs("python3"), arguments: Kernel.allCases) func python(_ kernel: Kernel) throws {
            try Recipe("python", suffix: "py", interpreter: "python3", kept: 1).test(kernel)
        }

        @Test(.needs("java"), arguments: Kernel.allCases) func java(_ kernel: Kernel) throws {
            try Recipe("java", interpreter: "java").test(kernel)
        }

        @Test(.needs("node"), arguments: Kernel.allCases) func node(_ kernel: Kernel) throws {
            try Recipe("js", interpreter: "node").test(kernel)
        }
    }
}

/// A program of the page in one language.
private struct Recipe {
    /// What stands for the files in a compiler's arguments.
    static let source = "SOURCE", program = "PROGRAM"

    let language: String
    let suffix: String
    let interpreter: String?
    /// How many open files it keeps for its mapping.
    let kept: Int

    init(_ language: String, suffix: String? = nil, interpreter: String? = nil, kept: Int = 0) {
        self.kept = kept
        self.language = language
        self.suffix = suffix ?? language
        self.interpreter = interpreter
    }

    /// Compiles it, where there is a compiler, and has it see changes.
    func test(_ kernel: Kernel, _ compiler: String...) throws {
        let device = try TestDevice()
        defer { device.end() }
        let source = "\(device.folder)/recipe.\(suffix)"
        let program = "\(device.folder)/recipe"
        try text(device).write(toFile: source, atomically: true, encoding: .utf8)
        if !compiler.isEmpty {
            let words = compiler.map { $0 == Self.source ? source : $0 == Self.program ? program : $0 }
            let compiling = try device.run(
                "/usr/bin/env", words, environment: ["GOCACHE": device.folder + "/cache", "GO111MODULE": "off"])
            #expect(try compiling.exitCode() == 0, "\(compiling.text)")
        }
        try device.serve(kernel: kernel)
        let running = try device.run("/usr/bin/env", interpreter.map { [$0, source] } ?? [program])
        try running.waitFor("generation 0")
        let other = try device.client("interact")
        for generation in 1...3 {
            try device.trigger()
            try running.waitFor("generation \(generation): ")
            // What it has mapped counts as an open file on kernels without passthrough.
            if kernel == .own { try expectAcknowledged(generation, other) }
        }
        let keys = running.lines.compactMap { $0.split(separator: " ").last }
        #expect(Set(keys).count == 4 && running.lines.count == 4, "\(running.text)")
    }

    /// Nobody else is outdated when the other client has acknowledged, too.
    private func expectAcknowledged(_ generation: Int, _ other: RunningProgram) throws {
        try other.send("write \(generation)")
        try waitUntil("an acknowledgement", details: { other.text }) {
            let count = other.lines.count
            try other.send("outdated")
            try waitUntil("the answer") { other.lines.count > count }
            return other.lines.last == "\(kept)"
        }
    }

    /// The program, with the test's own device.
    private func text(_ device: TestDevice) throws -> String {
        let page = try String(contentsOf: Built.project.appending(path: "docs/clients.md"), encoding: .utf8)
        let start = try #require(page.range(of: "```\(language)\n"))
        let end = try #require(page.range(of: "\n```", range: start.upperBound..<page.endIndex))
        let text = String(page[start.upperBound..<end.lowerBound])
        #expect(text.contains("\"/dev/sysgenid\""))
        return text.replacing("\"/dev/sysgenid\"", with: "\"\(device.path)\"") + "\n"
    }
}
