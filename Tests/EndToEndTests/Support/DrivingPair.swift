import Foundation
import TestSupport
import Testing

/// The device that is driven, and a daemon that drives it.
struct DrivingPair {
    let device: TestDevice
    let server: RunningProgram
    var runtimeDirectory: String { device.folder + "/driver" }

    init(_ device: TestDevice, _ kernel: Kernel = .own) throws {
        self.device = device
        server = try device.serve(kernel: kernel)
        try device.setIdentity(1)
    }

    /// Starts a daemon that may not come to drive the device.
    func start(
        _ options: [String] = [], under program: [String] = [], environment: [String: String] = [:]
    ) throws -> RunningProgram {
        let daemon = Built.folder.appending(path: "sysgenidd").path
        let arguments = [
            "--device", device.path, "--runtime-dir", runtimeDirectory, "--backend", "file", "--backend-file",
            device.identityFile,
        ]
        let frontend = options.contains("--frontend") ? [] : ["--frontend", "kernel"]
        let line = program + [daemon] + arguments + frontend + options
        return try device.run(line[0], Array(line.dropFirst()), environment: environment)
    }

    /// Starts a daemon and waits until it drives the device.
    func drive() throws -> RunningProgram {
        let daemon = try start()
        try daemon.waitFor("driving \(device.path)")
        return daemon
    }

    func end(_ daemon: RunningProgram, with signal: Int32 = SIGTERM) throws {
        daemon.signal(signal)
        #expect(try daemon.exitCode() == (signal == SIGTERM ? 0 : -signal))
    }

    func attribute(_ name: String) -> String? {
        (try? String(contentsOfFile: "\(runtimeDirectory)/\(name)", encoding: .utf8))
            .map { $0.trimmingCharacters(in: .newlines) }
    }

    func expectGeneration(_ generation: UInt32) throws {
        try waitUntil("generation \(generation)", details: { server.text }) {
            attribute("generation") == "\(generation)"
        }
        #expect(try device.mapped() == generation)
    }
}
