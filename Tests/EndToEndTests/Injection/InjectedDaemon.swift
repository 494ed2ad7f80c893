import Foundation
import TestSupport
import Testing

/// What is told to the program that lets a system call of the daemon fail. See `Tests/TestClient/inject.c`.
final class Injector {
    private let scratch: Scratch
    private let device: TestDevice

    /// It is outside of the device's folder, where a file that is written is something to look at for the daemon.
    init(_ device: TestDevice) throws {
        scratch = try Scratch(in: "/dev/shm")
        self.device = device
        try clear()
    }

    /// The program that runs the daemon, and what it is given before the daemon's own path.
    var command: [String] { ["inject", scratch.path("orders")] }

    /// Nothing fails.
    func clear() throws {
        try Data().write(to: URL(filePath: scratch.path("orders")))
        try Data().write(to: URL(filePath: scratch.path("orders.log")))
    }

    func record() throws {
        try Data("record\n".utf8).write(to: URL(filePath: scratch.path("orders")))
    }

    /// The calls so far, since they are recorded.
    var recorded: [String] {
        let text = (try? String(contentsOfFile: scratch.path("orders.log"), encoding: .utf8)) ?? ""
        return text.split(separator: "\n").map {
            String($0).replacing(device.runtimeDirectory, with: "RUNTIME").replacing(device.folder, with: "FOLDER")
        }
    }

    func fail(_ injection: Injection) throws {
        let site = injection.site.replacing("RUNTIME", with: device.runtimeDirectory)
            .replacing("FOLDER", with: device.folder)
        let order = "fail \(injection.result) \(injection.ordinal) \(site)\n"
        try Data(order.utf8).write(to: URL(filePath: scratch.path("orders")))
    }

    /// Whether the call was made that was to fail.
    var isMade: Bool { recorded.contains { $0.hasPrefix("made ") } }
}

/// A device on which one daemon after the other is tried: each begins with the state that a predecessor has left, at
/// generation 7, and with an identity that it knows.
final class TriedDevice {
    let device: TestDevice
    let injector: Injector
    private let template: String
    private(set) var identity: UInt8 = 1

    static let generation: UInt32 = 7

    init() throws {
        device = try TestDevice()
        injector = try Injector(device)
        template = device.runtimeDirectory + "-template"
        try device.setIdentity(identity)
        let daemon = try start()
        try daemon.waitFor("serving")
        for _ in 0..<Self.generation { try device.trigger() }
        try waitUntil("the generation") { device.attribute("generation") == "\(Self.generation)" }
        daemon.signal(SIGTERM)
        try #require(try daemon.exitCode() == 0)
        try FileManager.default.moveItem(atPath: device.runtimeDirectory, toPath: template)
    }

    func end() {
        device.end()
        try? FileManager.default.removeItem(atPath: template)
    }

    /// Puts everything back to how the predecessor has left it.
    func reset() throws {
        try? FileManager.default.removeItem(atPath: device.runtimeDirectory)
        try FileManager.default.copyItem(atPath: template, toPath: device.runtimeDirectory)
        try resume(as: 1)
        try injector.clear()
    }

    /// Makes the identity another one.
    func resume(as identity: UInt8? = nil) throws {
        self.identity = identity ?? (self.identity % 250) + 1
        try device.setIdentity(self.identity)
    }

    var options: [String] {
        [
            "--device", device.path, "--runtime-dir", device.runtimeDirectory, "--frontend", "fuse",
            // Beside what is put back: a mount that a daemon leaves is taken away by the next one.
            "--devices-dir", device.folder + "/devices",
            "--poll-interval", "10", "--backend", "file", "--backend-file", device.identityFile,
        ]
    }

    /// Starts a daemon whose calls can fail.
    func start() throws -> RunningProgram {
        try device.run("TestClient", injector.command + [Built.path(of: "sysgenidd")] + options)
    }

    /// What the page shows, which is a file in memory.
    var shown: UInt32? {
        FileManager.default.contents(atPath: device.runtimeDirectory + "/page")
            .flatMap { $0.count >= 4 ? $0.withUnsafeBytes { $0.loadUnaligned(as: UInt32.self) } : nil }
    }
}
