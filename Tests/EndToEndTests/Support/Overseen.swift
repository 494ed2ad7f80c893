import Foundation
import TestSupport
import Testing

/// A device with an overseer. Its hooks are scripts in folders of the test, which say in a file that they have run.
final class Overseen {
    let device: TestDevice
    /// The directories of hooks: the administrator's, and that of packages.
    let hooks: String
    let shipped: String
    /// Where the overseer keeps its record.
    let directory: String
    private let log: String

    /// Its daemon serves when this returns.
    ///
    /// - Parameter followsFile: whether the daemon follows the identity file.
    init(followsFile: Bool = false) throws {
        device = try TestDevice()
        (hooks, shipped) = (device.folder + "/hooks", device.folder + "/shipped")
        directory = device.runtimeDirectory + "/overseer"
        log = device.folder + "/ran"
        for folder in [hooks, shipped] {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        }
        if followsFile {
            try device.setIdentity(1)
            try device.serve("--backend", "file", "--backend-file", device.identityFile)
        } else {
            try device.serve()
        }
    }

    func end() {
        device.end()
    }

    /// Makes a hook, or something that has the place of one.
    ///
    /// - Parameter script: what it does before it says that it has run.
    func hook(_ phase: String, _ name: String, in folder: String? = nil, _ script: String = "") throws {
        let directory = "\(folder ?? hooks)/\(phase)"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        let said = "echo \"$SYSGENID_PHASE ${0##*/} $SYSGENID_GENERATION $SYSGENID_CAUSE\" >>\(log)"
        let path = "\(directory)/\(name)"
        try Data("#!/bin/sh\n\(script)\n\(said)\n".utf8).write(to: URL(filePath: path))
        #expect(chmod(path, 0o755) == 0)
    }

    /// A hook that says that it has begun, and ends when the test lets it.
    func waitingHook(_ phase: String, _ name: String) throws {
        try hook(phase, name, "echo $$ >>\(file("began")); until [ -e \(file("go")) ]; do sleep 0.02; done")
    }

    /// The numbers of the processes that waiting hooks were.
    var began: [pid_t] { lines("began").compactMap(pid_t.init) }

    func letGo() throws {
        try Data().write(to: URL(filePath: file("go")))
    }

    /// What hooks have said: phase, name, generation and cause of each.
    var ran: [String] { lines("ran") }

    /// A file of the test's.
    func file(_ name: String) -> String { "\(device.folder)/\(name)" }

    func lines(_ name: String) -> [String] {
        ((try? String(contentsOfFile: file(name), encoding: .utf8)) ?? "").split(separator: "\n").map(String.init)
    }

    /// Starts an overseer.
    func start(_ options: String..., environment: [String: String] = [:]) throws -> RunningProgram {
        try start(options, environment)
    }

    private func start(_ options: [String], _ environment: [String: String] = [:]) throws -> RunningProgram {
        let paths = ["--hooks-dir", hooks, "--hooks-dir", shipped, "--overseer-dir", directory]
        var arguments = ["--device", device.path] + paths + options
        if !options.contains("--runtime-dir") { arguments += ["--runtime-dir", device.runtimeDirectory] }
        return try device.run("sysgenid-overseerd", arguments, environment: environment)
    }

    /// Starts one, and waits until it has adopted the generation.
    func oversee(_ options: String...) throws -> RunningProgram {
        let overseer = try start(options)
        try overseer.waitFor("ready with generation 0, which was found")
        return overseer
    }
}

/// Whether a process is there that has not ended.
func isAlive(_ process: pid_t) -> Bool {
    guard let stat = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8) else { return false }
    return stat.split(separator: ") ").last.map { !$0.hasPrefix("Z") && !$0.hasPrefix("X") } ?? false
}
