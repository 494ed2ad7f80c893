internal import SysGenIDSystem

/// The sources of an identity that a hypervisor may give a machine.
struct HardwareSources {
    private let systemRoot: String
    /// Opened with the privilege of the start, for what is found later, too.
    private let memory: PhysicalMemory

    /// - Parameter systemRoot: below which /sys, /proc, /dev and the firmware's files are read.
    init(systemRoot: String) {
        self.systemRoot = Files.prefix(ofRoot: systemRoot)
        memory = PhysicalMemory("\(self.systemRoot)/dev/mem")
    }

    /// The names of those that are read from the machine's memory.
    static let inMemory: Set = ["acpi", "devicetree"]

    /// The best first: by how soon and how surely they tell of a resume.
    var all: [SourceCandidate] { [vmclock, acpi, deviceTree, firmwareConfiguration, kernelLog] }

    private var vmclock: SourceCandidate {
        SourceCandidate(name: "vmclock", remark: "the generation counter of the vmclock") {
            [systemRoot, memory] look throws(SourceFailure) in
            try VMClockSource.open(systemRoot: systemRoot, memory: memory, by: look)
        }
    }

    private var acpi: SourceCandidate {
        SourceCandidate(name: "acpi", remark: "the VM generation ID in memory") {
            [systemRoot, memory] look throws(SourceFailure) in
            try MemorySource.acpi(systemRoot: systemRoot, memory: memory, by: look)
        }
    }

    private var deviceTree: SourceCandidate {
        SourceCandidate(name: "devicetree", remark: "the VM generation ID in memory") {
            [systemRoot, memory] _ throws(SourceFailure) in
            try MemorySource.deviceTree(systemRoot: systemRoot, memory: memory)
        }
    }

    /// Each look makes the hypervisor copy the file.
    private var firmwareConfiguration: SourceCandidate {
        SourceCandidate(name: "qemu-fw-cfg", remark: "the hypervisor's file", patience: 1_000_000_000) {
            [systemRoot] _ throws(SourceFailure) in FirmwareConfigurationSource(systemRoot: systemRoot)
        }
    }

    var kernelLog: SourceCandidate {
        let kept = KeptLog()
        let remark = "the line that the kernel logs when it sees another GUID"
        return SourceCandidate(name: "kernel-log", remark: remark) { [systemRoot] _ throws(SourceFailure) in
            try KernelLogSource(systemRoot: systemRoot, kept.log.withLock(\.self))
        } prepare: { [systemRoot] in
            kept.log.withLock { $0 = try? KernelLogSource.log(systemRoot: systemRoot) }
        }
    }

    /// The log, where it was opened with the privilege of the start to be read later.
    private final class KeptLog: Sendable {
        let log = Lock<KernelLog?>(nil)
    }
}
