import Foundation

/// The modules that a guest can load, with those that they need themselves.
struct ModuleSelection {
    /// Paths below the folder of the modules, as in the package.
    private(set) var files: Set<String> = []
    /// What `modprobe` reads in the guest, where no module is compressed.
    private(set) var dependencies = ""

    /// - Parameter wanted: names; those that the kernel has built in are left out.
    init(_ package: KernelPackage, _ wanted: Set<String>) throws {
        let table = try String(contentsOfFile: "\(package.modules)/modules.dep", encoding: .utf8)
        var needs: [String: [String]] = [:]
        for line in table.split(separator: "\n") {
            let parts = line.split(separator: ":", maxSplits: 1)
            guard let file = parts.first else { continue }
            needs[String(file)] = parts.dropFirst().first?.split(separator: " ").map(String.init) ?? []
        }
        for (file, others) in needs where wanted.contains(Self.name(of: file)) { files.formUnion([file] + others) }
        for file in files.sorted() {
            let others = (needs[file] ?? []).map(Self.uncompressed)
            dependencies += "\(Self.uncompressed(file)): \(others.joined(separator: " "))\n"
        }
    }

    static func uncompressed(_ file: String) -> String {
        file.hasSuffix(".xz") ? String(file.dropLast(3)) : file
    }

    private static func name(of file: String) -> String {
        let base = file.split(separator: "/").last ?? ""
        return String(base.prefix { $0 != "." }).replacing("-", with: "_")
    }
}
