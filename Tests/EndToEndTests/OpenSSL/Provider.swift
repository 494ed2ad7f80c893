import Foundation
import TestSupport
import Testing

/// The provider for OpenSSL, built for a device of a test, with the configuration that is installed.
struct Provider {
    enum Buffers {
        /// Zero in a child, as they are installed.
        case wiped
        /// Copied to a child, as the clone of a machine does: the generation alone keeps copies apart then.
        case copied
    }

    let device: TestDevice
    /// What OPENSSL_CONF names.
    let configuration: String

    init(for device: TestDevice, buffers: Buffers = .wiped, flags: [String] = []) throws {
        self.device = device
        configuration = device.folder + "/sysgenid.cnf"
        let library = device.folder + "/sysgenid.so"
        if buffers == .wiped, flags.isEmpty {
            try device.succeed("make", "-C", Built.project.path, library)
        } else {
            let source = buffers == .wiped ? "Sources/SysGenIDOpenSSL/provider.c" : "Tests/OpenSSL/unwiped.c"
            try device.compileC(source, to: library, ["-shared", "-fPIC", "-fvisibility=hidden"] + flags)
        }
        let installed = try String(
            contentsOf: Built.project.appending(path: "packaging/sysgenid.cnf.in"), encoding: .utf8)
        try installed.replacing("@MODULESDIR@", with: device.folder).replacing("@SYSCONFDIR@", with: "/etc")
            .replacing("# device = /dev/sysgenid", with: "device = \(device.path)")
            .replacing("# runtime_dir = /run/sysgenid", with: "runtime_dir = \(device.runtimeDirectory)")
            .write(toFile: configuration, atomically: true, encoding: .utf8)
    }

    var environment: [String: String] { ["OPENSSL_CONF": configuration] }

    /// Starts a program of the path that uses it.
    func run(_ words: String...) throws -> RunningProgram {
        try device.run("/usr/bin/env", words, environment: environment)
    }

    /// For a server on this machine.
    func makeCertificate() throws -> (key: String, certificate: String) {
        let (key, certificate) = (device.folder + "/key", device.folder + "/certificate")
        // The provider's configuration has nothing about requests.
        let request = try run(
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj",
            "/CN=localhost", "-config", "/etc/ssl/openssl.cnf", "-keyout", key, "-out", certificate)
        #expect(try request.exitCode() == 0, "\(request.text)")
        return (key, certificate)
    }

    /// Where OpenSSL has its three generators from.
    func generators() throws -> [String] { try device.generators(environment: environment) }
}

extension TestDevice {
    /// What two copies of a process draw that are made after it has drawn once.
    struct Copies: Equatable {
        let first: String
        let second: String

        var areSame: Bool { first == second }
    }

    /// How much is drawn at once: what the provider gives of its buffer, or what it expands a key for.
    enum Requests: String, CaseIterable {
        case short
        case long
    }

    /// Makes them, and has them draw after something has happened.
    func copies(
        environment: [String: String], requests: Requests = .short, after event: () throws -> Void = {}
    ) throws -> Copies {
        let client = try compileClient()
        return try copies(of: run(client, ["copies", requests.rawValue], environment: environment), after: event)
    }

    /// The same of a program that has been started.
    func copies(of program: RunningProgram, after event: () throws -> Void = {}) throws -> Copies {
        try program.waitFor("\n")
        try event()
        for _ in 1...2 { try program.send("draw") }
        #expect(try program.exitCode() == 0, "\(program.text)")
        return try Self.copies(in: program)
    }

    static func copies(in program: RunningProgram) throws -> Copies {
        let draws = program.lines.map { $0.split(separator: " ").map(String.init) }
        try #require(draws.count == 3 && draws.allSatisfy { $0.count == 2 }, "\(program.text)")
        // Process 1 of a namespace, each of them.
        #expect(draws.allSatisfy { $0[0] == "1" })
        #expect(draws[1][1] != draws[0][1])
        return Copies(first: draws[1][1], second: draws[2][1])
    }

    func compileClient(_ flags: [String] = [], libraries: [String] = ["-lcrypto"]) throws -> String {
        let client = folder + "/client"
        try compileC("Tests/OpenSSL/client.c", to: client, ["-pthread"] + flags, libraries: libraries)
        return client
    }

    /// With OpenSSL in the program itself.
    func compileWholeClient(_ flags: [String]) throws -> String {
        let libraries = try run("/usr/bin/env", ["pkg-config", "--static", "--libs", "libcrypto"])
        #expect(try libraries.exitCode() == 0, "\(libraries.text)")
        let words = libraries.text.split(whereSeparator: \.isWhitespace).map(String.init)
        return try compileClient(flags, libraries: words.map { $0 == "-lcrypto" ? "-l:libcrypto.a" : $0 })
    }

    func compileC(_ source: String, to path: String, _ flags: [String], libraries: [String] = []) throws {
        try succeed(
            ["cc", "-std=gnu11", "-O1", "-g", "-Wall", "-Wextra", "-Werror", "-DSYSGENID_VERSION=\"test\""] + flags
                + ["-I", Built.project.appending(path: "Sources/CSysGenID/include").path, "-o", path]
                + [Built.project.appending(path: source).path] + libraries)
    }

    func generators(environment: [String: String]) throws -> [String] {
        let list = try run("/usr/bin/env", ["openssl", "list", "-random-instances"], environment: environment)
        #expect(try list.exitCode() == 0, "\(list.text)")
        return list.lines.compactMap { $0.split(separator: "@").dropFirst().first.map { String($0.dropFirst()) } }
    }

    func succeed(_ words: String...) throws { try succeed(words) }

    private func succeed(_ words: [String]) throws {
        let program = try run("/usr/bin/env", words)
        guard try program.exitCode() == 0 else { throw NotCompiled(text: program.text) }
    }
}
