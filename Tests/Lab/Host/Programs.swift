import Foundation

/// The programs of the project as they were built, with what they need where they run.
struct Programs {
    /// Where they were built.
    let folder: String
    let busybox: String
    /// A system of another architecture, unpacked, with whose libraries they were linked; nil is this machine.
    private let sysroot: String?

    /// Those for this machine.
    init(builtIn folder: String) {
        (self.folder, busybox, sysroot) = (folder, "/bin/busybox", nil)
    }

    /// Those that were built for another architecture.
    init(builtIn folder: String, for sysroot: String) {
        (self.folder, busybox, self.sysroot) = (folder, "\(sysroot)/usr/bin/busybox", sysroot)
    }

    /// A program as guests get it: without the names of its functions, which would have to be unpacked at each boot.
    func contents(of program: String) throws -> Data {
        let file = "\(folder)/\(program)"
        // This machine's strip knows no other processor's programs.
        guard sysroot == nil else { return try Data(contentsOf: URL(filePath: file)) }
        let stripped = FileManager.default.temporaryDirectory.appending(path: "\(program)-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: stripped) }
        try Tool.run("strip", ["-o", stripped.path, file])
        return try Data(contentsOf: stripped)
    }

    /// The libraries that a program was linked with and the loader, by where they have to lie.
    func libraries(of program: String) throws -> [String: String] {
        let file = "\(folder)/\(program)"
        guard let sysroot else {
            let list = try Tool.run("ldd", [file])
            guard !list.contains("not found") else { throw Failure("a library is missing: \(list)") }
            let paths = list.matches(of: #/(/\S+) \(0x/#).map { String($0.output.1) }
            return Dictionary(paths.map { ($0, $0) }, uniquingKeysWith: { $1 })
        }
        // The loader of another processor does not run here.
        var found: [String: String] = [:]
        var files = [file]
        while let next = files.popLast() {
            let text = try Tool.run("readelf", ["--dynamic", "--program-headers", "--wide", next])
            let loader = text.firstMatch(of: #/program interpreter: (/\S+)\]/#).map { String($0.output.1) }
            let names = text.matches(of: #/\(NEEDED\) .*\[(\S+)\]/#).map { String($0.output.1) }
            for path in [loader].compactMap(\.self) + (try names.map { try Self.path(ofLibrary: $0, in: sysroot) })
            where found[path] == nil {
                found[path] = "\(sysroot)/\(path.hasPrefix("/lib/") ? "usr" : "")\(path)"
                files.append(found[path]!)
            }
        }
        return found
    }

    private static func path(ofLibrary name: String, in sysroot: String) throws -> String {
        for folder in ["/usr/lib/aarch64-linux-gnu", "/usr/lib"] {
            let path = "\(folder)/\(name)"
            // The loader is a library, too, and programs name it where it was before Debian moved all to /usr.
            if FileManager.default.fileExists(atPath: sysroot + path) {
                return name.hasPrefix("ld-") ? "/lib/\(name)" : path
            }
        }
        throw Failure("\(sysroot) has no \(name)")
    }
}
