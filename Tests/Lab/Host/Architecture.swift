/// The processor of a guest, by Debian's name of it.
enum Architecture: String, Sendable, CaseIterable {
    case amd64, arm64

    /// The one of this machine.
    static var own: Architecture {
        #if arch(arm64)
            .arm64
        #else
            .amd64
        #endif
    }

    /// Which machine QEMU plays.
    var machine: [String] {
        switch self {
        case .amd64: ["-machine", "pc", "-accel", "tcg,thread=multi", "-cpu", "max"]
        // Graviton's processor; an interrupt of this GIC can be raised by writing to memory.
        case .arm64: ["-machine", "virt,gic-version=2", "-accel", "tcg,thread=multi", "-cpu", "neoverse-n1"]
        }
    }

    /// What the kernel is told on its command line: how to count time, where its console is, and where that is which the
    /// host reads.
    var kernelWords: [String] {
        switch self {
        // The kernel counts ticks while it waits for so many instructions, and gives up where a busy host is slow
        // with them.
        case .amd64: ["no_timer_check", "console=ttyS0", "lab.report=ttyS1", "lab.log=ttyS2"]
        case .arm64: ["console=ttyAMA0", "lab.report=ttyS0", "lab.log=ttyS1"]
        }
    }

    /// The serial ports of that machine, each of which writes to a file.
    func serialPorts(console: String, report: String, log: String) -> [String] {
        switch self {
        case .amd64: [console, report, log].flatMap { ["-serial", "file:\($0)"] }
        // It has one of its own only.
        case .arm64:
            ["-serial", "file:\(console)"]
                + [("report", report), ("log", log)].flatMap { name, file in
                    ["-chardev", "file,id=\(name),path=\(file)", "-device", "pci-serial,chardev=\(name)"]
                }
        }
    }
}
