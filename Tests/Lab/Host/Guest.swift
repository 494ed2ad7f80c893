import Foundation
import TestSupport

/// A running guest. It is ended with its owner, and by the kernel where this process dies before.
final class Guest {
    /// Where everything is kept that tells what happened.
    let folder: String
    /// Its own disk, where it has one.
    let disk: Disk?
    private let qemu: RunningProgram
    private var time: CountedTime

    /// - Parameter folder: is emptied first.
    init(_ machine: Machine, seconds: Double, folder: String) throws {
        self.folder = folder
        time = CountedTime(seconds: seconds)
        try? FileManager.default.removeItem(atPath: folder)
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        disk = try machine.disk?.copy(at: "\(folder)/disk")
        var machine = machine
        machine.disk = disk
        let memory = machine.isCompleted ? try GuestMemory(in: folder) : nil
        var arguments = machine.emulator.command + machine.arguments
        arguments += machine.architecture.serialPorts(
            console: "\(folder)/console.log", report: "\(folder)/report.log", log: "\(folder)/daemon.log")
        arguments += ["-monitor", "stdio"]
        if let memory { arguments += ["-S"] + memory.arguments }
        try (Tool.quoted(arguments) + "\n").write(toFile: "\(folder)/command", atomically: true, encoding: .utf8)
        qemu = try RunningProgram(
            "/usr/bin/setpriv", ["--pdeathsig", "KILL", "--"] + arguments, output: "\(folder)/qemu.log")
        if let memory {
            try waitUntilLoaded()
            try machine.complete(memory)
            try qemu.send("cont")
        }
    }

    /// Waits until it stands still before its first instruction: its memory is what it is to find then.
    private func waitUntilLoaded() throws {
        while !time.isOver, qemu.isRunning {
            try qemu.send("info status")
            time.pass(milliseconds: 50)
            let status = lines(of: "qemu.log").last { $0.hasPrefix("VM status: ") }
            if let status, !status.contains("inmigrate") { return }
        }
        throw Failure("QEMU did not come to load the machine, see \(folder)/qemu.log")
    }

    /// What the guest is waited for.
    enum Event {
        /// It wants to be snapshotted now.
        case wantsSnapshot
        /// It has shut down, and wants to be switched on again.
        case wantsBoot
        /// It is off.
        case ended
        /// It did neither within its time.
        case hung
    }

    func waitForEvent() -> Event {
        while !time.isOver {
            let isOver = !qemu.isRunning
            if isOver { return report.last == "reboot" ? .wantsBoot : .ended }
            if report.last == "snapshot" { return .wantsSnapshot }
            time.pass(milliseconds: 20)
        }
        return .hung
    }

    /// Writes the whole machine to a file, and ends it.
    func snapshot(to file: String) throws {
        // By itself it would take care not to fill a network.
        try qemu.send("migrate_set_parameter max-bandwidth 1T")
        try qemu.send("migrate \"exec:cat > \(Tool.quoted([file]))\"\nquit")
        guard try qemu.exitCode() == 0, FileManager.default.fileExists(atPath: file) else {
            throw Failure("the snapshot failed, see \(folder)/qemu.log")
        }
    }

    /// The whole lines that the guest has reported so far.
    var report: [String] {
        lines(of: "report.log")
    }

    /// The last of them, as part of a sentence.
    var latest: String { report.last.map { "the last it said was '\($0)'" } ?? "it said nothing" }

    /// What the kernel says that no test may cause, from its first such line on: where in the kernel it was comes after it.
    var kernelTrouble: [String] {
        let said = lines(of: "console.log")
        let first = said.firstIndex { line in
            ["BUG:", "WARNING:", "Oops", "general protection", "Kernel panic", "blocked for more than"]
                .contains { line.contains($0) }
        }
        return first.map { Array(said[$0...].prefix(Self.linesOfTrouble)) } ?? []
    }

    /// More than the kernel needs for one report, with its registers and two stacks.
    private static let linesOfTrouble = 80

    var lastConsoleLine: String { lines(of: "console.log").last ?? "nothing on its console" }

    /// The code that QEMU ended with, nil where it still runs.
    var exitCode: Int32? { qemu.isRunning ? nil : try? qemu.exitCode() }

    func kill() { qemu.end() }

    private func lines(of name: String) -> [String] {
        let data = FileManager.default.contents(atPath: "\(folder)/\(name)") ?? Data()
        let whole = data.lastIndex(of: 10).map { data[...$0] } ?? Data()
        return String(decoding: whole, as: UTF8.self).split(whereSeparator: \.isNewline).map(String.init)
    }
}
