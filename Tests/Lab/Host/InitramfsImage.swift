import Foundation

/// What a guest has in memory: busybox, the programs with their libraries, the modules, the tests.
struct InitramfsImage {
    var path: String

    /// Puts one together.
    ///
    /// - Parameters:
    ///   - debianPackages: a folder of the project's own packages, where the guest is to install some.
    ///   - guest: the folder of the tests' scripts.
    ///   - compiled: a folder of programs for them that were compiled on this machine.
    ///   - documents: what is tried as it is written there.
    ///   - table: of ACPI, which the kernel is to take in the place of the machine's own.
    init(
        _ package: KernelPackage, _ system: GuestSystem, _ programs: Programs, debianPackages: String?, guest: String,
        compiled: String?, documents: [String], table: String?, at path: String
    ) throws {
        self.path = path
        var archive = Archive()
        if let table { archive.add("kernel/firmware/acpi/table.aml", try Self.contents(table)) }
        // The kernel opens it for the first program, before anything is mounted.
        archive.addCharacterDevice("dev/console", major: 5, minor: 1)
        for folder in ["proc", "sys", "run", "tmp", "root"] { archive.addFolder(folder) }
        try Self.addPrograms(system, programs, to: &archive)
        try Self.addModules(ModuleSelection(package, system.modules), package, to: &archive)
        if let debianPackages {
            for (name, package) in try Self.files(below: debianPackages) { archive.add("lab/\(name)", package) }
        }
        for (name, script) in try Self.files(below: guest) {
            archive.add("lab/\(name)", script, isExecutable: script.starts(with: Data("#!".utf8)))
        }
        if let compiled {
            for (name, program) in try Self.files(below: compiled) {
                archive.add("lab/compiled/\(name)", program, isExecutable: true)
            }
        }
        for document in documents {
            archive.add("lab/docs/\(document.split(separator: "/").last ?? "")", try Self.contents(document))
        }
        archive.addLink("init", to: "lab/\(system.firstProgram)")
        archive.finish()
        try archive.bytes.write(to: URL(filePath: path))
    }

    private static func addPrograms(_ system: GuestSystem, _ programs: Programs, to archive: inout Archive) throws {
        archive.add("bin/busybox", try contents(programs.busybox), isExecutable: true)
        for name in ["bin/sh", "sbin/modprobe"] { archive.addLink(name, to: "/bin/busybox") }
        var libraries: [String: String] = [:]
        for name in system.programs {
            archive.add("lab/bin/\(name)", try programs.contents(of: name), isExecutable: true)
            libraries.merge(try programs.libraries(of: name)) { $1 }
        }
        for name in system.ownLibraries {
            archive.add("lib/\(name)", try contents("\(programs.folder)/\(name)"), isExecutable: true)
        }
        for (path, file) in libraries.sorted(by: { $0.key < $1.key }) {
            if let place = system.place(ofLibrary: path) { archive.add(place, try contents(file), isExecutable: true) }
        }
    }

    private static func addModules(
        _ selection: ModuleSelection, _ package: KernelPackage, to archive: inout Archive
    ) throws {
        let release = package.modules.split(separator: "/").last.map(String.init) ?? ""
        for file in selection.files.sorted() {
            let source = "\(package.modules)/\(file)"
            if file.hasSuffix(".xz") { try Tool.run("xz", ["-dkf", source]) }
            let plain = ModuleSelection.uncompressed(file)
            archive.add("lib/modules/\(release)/\(plain)", try contents("\(package.modules)/\(plain)"))
        }
        archive.add("lib/modules/\(release)/modules.dep", Data(selection.dependencies.utf8))
        for name in ["modules.builtin", "modules.builtin.modinfo", "modules.order"] {
            archive.add("lib/modules/\(release)/\(name)", try contents("\(package.modules)/\(name)"))
        }
    }

    private static func files(below folder: String) throws -> [(name: String, contents: Data)] {
        try FileManager.default.subpathsOfDirectory(atPath: folder).sorted()
            .filter { name in
                var isFolder: ObjCBool = false
                return FileManager.default.fileExists(atPath: "\(folder)/\(name)", isDirectory: &isFolder)
                    && !isFolder.boolValue
            }
            .map { ($0, try contents("\(folder)/\($0)")) }
    }

    private static func contents(_ path: String) throws -> Data {
        guard let data = FileManager.default.contents(atPath: path) else { throw Failure("cannot read \(path)") }
        return data
    }
}
