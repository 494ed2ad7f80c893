import Foundation

/// A machine whose resumes are played: what a daemon finds below `--system-root`, and how each of them begins.
final class PlayedMachine {
    let root: String

    init(in bench: Bench, named name: String) throws {
        root = "\(bench.folder)/\(name)-machine"
        for path in ["dev", "proc", "sys/bus/platform/drivers/vmgenid/VMGENCTR:00"] {
            try FileManager.default.createDirectory(atPath: "\(root)/\(path)", withIntermediateDirectories: true)
        }
    }

    /// The options of a daemon that looks at it.
    func options(_ backend: String) -> [String] {
        ["--backend", backend, "--system-root", root, "--log-level", "warning"]
    }

    /// Has the served clock as the hypervisor's. By a link: what is mounted there itself would be taken for a page of the
    /// daemon's own.
    func addClock(_ clock: ServedDevice) throws {
        try FileManager.default.createSymbolicLink(atPath: "\(root)/dev/vmclock0", withDestinationPath: clock.path)
    }
}

extension PlayedMachine {
    /// Makes what a backend finds its resumes by.
    ///
    /// - Parameter clock: is served where it is to be the hypervisor's.
    /// - Returns: what resumes the machine.
    func prepare(
        _ backend: String, _ clock: ServedDevice?, in bench: Bench, hasHostEntropy: Bool
    ) throws -> () throws -> Void {
        if hasHostEntropy {
            try FileManager.default.createSymbolicLink(
                atPath: "\(root)/dev/hwrng", withDestinationPath: "/dev/urandom")
        }
        if let clock {
            try addClock(clock)
            return { try bench.start(.one, ["trigger", clock.path]).finish() }
        }
        let log = try PlayedLog("\(root)/dev/kmsg")
        let identity: PlayedIdentity
        switch backend {
        case "devicetree": identity = try addMemory()
        case "qemu-fw-cfg": identity = try addFirmwareConfiguration()
        default: return log.tellOfResume
        }
        return {
            try identity.change()
            log.tellOfResume()
        }
    }
}

/// The kernel's log, played by a terminal: a character device that poll(2) tells of.
private final class PlayedLog {
    private let terminal: Int32
    private let device: Int32
    private var number = 0

    init(_ path: String) throws {
        var settings = termios()
        // What is written comes as it is, and is not echoed.
        cfmakeraw(&settings)
        var (terminal, device): (Int32, Int32) = (-1, -1)
        var name = [CChar](repeating: 0, count: 64)
        guard openpty(&terminal, &device, nil, &settings, nil) == 0, ttyname_r(device, &name, name.count) == 0,
            symlink(name, path) == 0
        else { throw Failure("openpty: \(String(cString: strerror(errno)))") }
        (self.terminal, self.device) = (terminal, device)
        for descriptor in [terminal, device] { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
    }

    deinit {
        close(terminal)
        close(device)
    }

    func tellOfResume() {
        number += 1
        let line = "6,\(number),99887766,-;random: crng reseeded due to virtual machine fork\n"
        _ = line.withCString { write(terminal, $0, strlen($0)) }
    }
}

/// A file with a VM generation ID in it: the machine's memory, or what the firmware is given.
private final class PlayedIdentity {
    private let file: FileHandle
    private let place: UInt64
    private var number: UInt8 = 0

    init(_ path: String, at place: UInt64) throws {
        try Data(count: Int(place) + 8_192).write(to: URL(filePath: path))
        file = try FileHandle(forWritingTo: URL(filePath: path))
        self.place = place
        try change()
    }

    func change() throws {
        number += 1
        try file.seek(toOffset: place)
        try file.write(contentsOf: Data(repeating: number, count: 16))
    }
}

extension PlayedMachine {
    /// Has a device tree that shows where in the memory the VM generation ID is.
    private func addMemory() throws -> PlayedIdentity {
        let address: UInt64 = 0x1000
        let node = "\(root)/sys/firmware/devicetree/base/vmgenid"
        try FileManager.default.createDirectory(atPath: node, withIntermediateDirectories: true)
        try Data("microsoft,vmgenid\0".utf8).write(to: URL(filePath: node + "/compatible"))
        let cells = [UInt32(0), UInt32(address), 16]
        try Data(cells.flatMap { withUnsafeBytes(of: $0.bigEndian, Array.init) }).write(
            to: URL(filePath: node + "/reg"))
        return try PlayedIdentity("\(root)/dev/mem", at: address)
    }

    /// Has the file in which QEMU hands the VM generation ID to the firmware.
    private func addFirmwareConfiguration() throws -> PlayedIdentity {
        let folder = "\(root)/sys/firmware/qemu_fw_cfg/by_name/etc/vmgenid_guid"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        return try PlayedIdentity(folder + "/raw", at: 40)
    }
}
