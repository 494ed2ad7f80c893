import Foundation
import Testing

extension EndToEnd {
    /// What the README shows is what happens.
    @Suite struct Readme {
        @Test func theExampleForUnchangedProgramsWorks() throws {
            let device = try TestDevice()
            defer { device.end() }
            try device.serve()
            let readme = try String(contentsOf: Built.project.appending(path: "README.md"), encoding: .utf8)
            let example = try #require(readme.firstMatch(of: /```c\n((?:.|\n)*?)```/)?.output.1)
            #expect(example.contains("\"/dev/sysgenid\""))
            let source = device.folder + "/example.c"
            try example.replacing("\"/dev/sysgenid\"", with: "\"\(device.path)\"")
                .write(toFile: source, atomically: true, encoding: .utf8)
            let program = device.folder + "/example"
            let compiler = try device.run(
                "/usr/bin/env", ["cc", "-Wall", "-Wextra", "-Werror", "-o", program, source])
            #expect(try compiler.exitCode() == 0, "\(compiler.text)")

            let running = try device.run(program, [])
            try running.waitFor("generation 0")
            try device.trigger()
            try running.waitFor("generation 1")
            try device.trigger()
            try running.waitFor("generation 2")
        }
    }
}
