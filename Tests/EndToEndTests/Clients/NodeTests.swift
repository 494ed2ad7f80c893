import Foundation
import TestSupport
import Testing

extension EndToEnd {
    /// Unchanged programs in Node, with `Clients/node/auto.js`.
    @Suite(.needs("node")) struct NodeClient {
        private static let folder = Built.project.appending(path: "Clients/node").path
        private static let required = "--require=\(folder)/auto.js"

        private func run(_ device: TestDevice, options: String, _ words: String...) throws -> RunningProgram {
            try device.run(
                "/usr/bin/env", ["node", "\(Self.folder)/\(words[0])"] + words.dropFirst(),
                environment: ["NODE_OPTIONS": options])
        }

        private func copies(
            _ device: TestDevice, of kind: String, options: String, after event: () throws -> Void = {}
        ) throws -> TestDevice.Copies {
            let library = try device.compileCopy()
            return try device.copies(of: run(device, options: options, "copies.js", library, kind), after: event)
        }

        @Test func aProgramNoticesNothingOfIt() throws {
            let device = try TestDevice()
            defer { device.end() }
            let program = try run(device, options: Self.required, "checks.js", device.folder + "/file")
            #expect(try program.exitCode() == 0, "\(program.text)")
            #expect(program.lines == ["9 checks"])
        }

        /// With the device or without it: nothing is kept that would have to be compared.
        @Test(arguments: ["random", "integer", "uuid"])
        func twoCopiesDrawTheSameWithoutItAndOthersWithIt(_ kind: String) throws {
            let device = try TestDevice()
            defer { device.end() }
            #expect(try !copies(device, of: kind, options: Self.required).areSame)
            try device.serve()
            #expect(try copies(device, of: kind, options: "", after: device.trigger).areSame)
            #expect(try !copies(device, of: kind, options: Self.required, after: device.trigger).areSame)
        }

        /// As docs/clients.md has it: both in one variable.
        @Test func theProviderIsForTheBytesOfOpenSSL() throws {
            let device = try TestDevice()
            defer { device.end() }
            try device.serve()
            let provider = try Provider(for: device, buffers: .copied)
            let options = "\(Self.required) --openssl-config=\(provider.configuration)"
            #expect(try copies(device, of: "bytes", options: Self.required, after: device.trigger).areSame)
            #expect(try copies(device, of: "bytes", options: options).areSame)
            #expect(try !copies(device, of: "bytes", options: options, after: device.trigger).areSame)
            // What OpenSSL gives is in the cache of Node all the same.
            let alone = "--openssl-config=\(provider.configuration)"
            #expect(try copies(device, of: "uuid", options: alone, after: device.trigger).areSame)
        }

        @Test func aProgramThatMayNotReadTheKernelsBytesStartsAndIsTold() throws {
            let device = try TestDevice()
            defer { device.end() }
            let script = "console.log(Math.random() < 1)"
            // Hidden in a view of the files of its own.
            let program = try device.run(
                "/usr/bin/unshare",
                ["--mount", "sh", "-c", "mount --bind \(device.folder) /dev && exec node -e '\(script)'"],
                environment: ["NODE_OPTIONS": Self.required])
            #expect(try program.exitCode() == 0, "\(program.text)")
            #expect(program.lines.contains("true"))
            #expect(program.text.contains("SysGenID: random numbers are as without it: ENOENT"), "\(program.text)")
        }
    }
}

extension TestDevice {
    /// What a program in another language makes copies of itself with.
    func compileCopy() throws -> String {
        let library = folder + "/copy.node"
        try compileC("Tests/Clients/copy.c", to: library, ["-shared", "-fPIC"])
        return library
    }
}
