/// The sources of an identity that a hypervisor may give a machine.
struct HardwareSources {
    /// Below which /sys, /proc, /dev and the firmware's files are read.
    let systemRoot: String

    /// The names of those that are read from the machine's memory.
    static let inMemory: Set = ["acpi", "devicetree"]

    /// The best first: by how soon and how surely they tell of a resume.
    var all: [SourceCandidate] { [vmclock, acpi, deviceTree, firmwareConfiguration, kernelLog] }

    private var vmclock: SourceCandidate {
        SourceCandidate(name: "vmclock", remark: "the generation counter of /dev/vmclock0") {
            [systemRoot] () throws(SourceFailure) in try VMClockSource(systemRoot: systemRoot)
        }
    }

    private var acpi: SourceCandidate {
        SourceCandidate(name: "acpi", remark: "the VM generation ID in memory") {
            [systemRoot] () throws(SourceFailure) in try MemorySource.acpi(systemRoot: systemRoot)
        }
    }

    private var deviceTree: SourceCandidate {
        SourceCandidate(name: "devicetree", remark: "the VM generation ID in memory") {
            [systemRoot] () throws(SourceFailure) in try MemorySource.deviceTree(systemRoot: systemRoot)
        }
    }

    /// Each look makes the hypervisor copy the file.
    private var firmwareConfiguration: SourceCandidate {
        SourceCandidate(name: "qemu-fw-cfg", remark: "the hypervisor's file", patience: 1_000_000_000) {
            [systemRoot] () throws(SourceFailure) in FirmwareConfigurationSource(systemRoot: systemRoot)
        }
    }

    var kernelLog: SourceCandidate {
        SourceCandidate(name: "kernel-log", remark: "the line that the kernel logs when it sees another GUID") {
            [systemRoot] () throws(SourceFailure) in try KernelLogSource(systemRoot: systemRoot)
        }
    }
}
