import Foundation
import TestSupport
import Testing

extension TestDevice {
    /// What the environment of a program takes so that it finds no request of version 8 of the interface.
    func olderInterface() throws -> [String: String] {
        let library = folder + "/older.so"
        let (source, headers) = ("Tests/Header/older.c", "Sources/CSysGenID/include")
        let options = ["-shared", "-fPIC", "-I", Built.project.appending(path: headers).path, "-o", library]
        let compiler = try run("/usr/bin/env", ["cc"] + options + [Built.project.appending(path: source).path])
        #expect(try compiler.exitCode() == 0, "\(compiler.text)")
        return ["LD_PRELOAD": library]
    }
}
