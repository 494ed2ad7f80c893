import Foundation

/// A virtual machine: what its QEMU is started with.
struct Machine: Sendable {
    var architecture: Architecture
    var emulator: Emulator
    var kernelImage: String
    var initramfs: String
    /// What the guest's first program is to do; see Guest/init.
    var task: String
    var properties: Set<Kernel.Property>
    /// Under emulation two processors are half as fast as one, since they wake each other.
    var processors = 1
    /// The generation ID that the hypervisor gives; nil where it gives none.
    var identity: String? = Self.firstIdentity
    /// What it has besides.
    var extras: Set<Extra> = []
    /// Nil where the hypervisor has none.
    var vmclock: VMClock?
    /// Which has the identity, where it is not QEMU that gives one.
    var deviceTree: DeviceTree?
    /// What the kernel is told besides, on its command line.
    var kernelWords: [String] = []
    /// As what it was resumed last; nil where it was switched on.
    private(set) var clone: GuestTest.Clone?
    /// How often it was resumed so far.
    private(set) var resumes = 0
    /// How often it was switched on, this time included.
    private(set) var boots = 1
    /// What it may write to; nil where all is in memory.
    var disk: Disk?
    /// The snapshot that it is resumed from.
    private(set) var snapshot: String?

    static let firstIdentity = "5ca1ab1e-0000-4000-8000-000000000001"

    /// What a machine has only where a test asks for it.
    enum Extra: String, Sendable {
        /// A virtio-rng device, by which the host gives random bytes.
        case entropy
    }

    /// This machine as it is switched on again.
    func rebooted(with disk: Disk?) -> Machine {
        var machine = self
        machine.disk = disk
        machine.boots += 1
        return machine
    }

    /// This machine as it is resumed from a snapshot of it.
    ///
    /// - Parameter disk: as it was when the snapshot was made.
    func resumed(from snapshot: String, with disk: Disk?, as clone: GuestTest.Clone) -> Machine {
        var machine = self
        machine.disk = disk
        machine.snapshot = snapshot
        machine.resumes += 1
        machine.clone = clone
        if clone.hasNewIdentity { machine.identity = identity.map { _ in UUID().uuidString } }
        return machine
    }

    /// What the machine is made of, but for what can be told from outside.
    var hardware: [String] {
        ["-nodefaults", "-no-user-config", "-no-reboot", "-display", "none"] + architecture.machine
            + ["-smp", "\(processors)", "-m", "512"]
    }

    /// Whether the hypervisor's part in it is played: something is to be in its memory before it runs.
    var isCompleted: Bool { vmclock != nil || deviceTree != nil && identity != nil }

    /// Makes the memory what the hypervisor would have made of it.
    func complete(_ memory: GuestMemory) throws {
        try vmclock?.complete(memory, in: clone)
        if let identity { try deviceTree?.complete(memory, identity: identity, in: clone) }
    }

    /// Everything but where the consoles go.
    var arguments: [String] {
        let words = ["panic=-1", "loglevel=5", "lab.task=\(task)", "lab.boot=\(boots)"]
        let known = properties.map { "lab.has=\($0.rawValue)" }.sorted()
        let all = architecture.kernelWords + words + kernelWords + known
        var arguments =
            hardware + [
                "-kernel", kernelImage, "-initrd", initramfs, "-append", all.joined(separator: " "),
                "-fw_cfg", "name=opt/lab/phase,string=\(phase)",
            ]
        if let disk { arguments += disk.arguments }
        if let identity {
            arguments += deviceTree.map { ["-dtb", $0.path] } ?? ["-device", "vmgenid,guid=\(identity)"]
        }
        if extras.contains(.entropy) {
            arguments += [
                "-object", "rng-random,id=entropy,filename=/dev/urandom", "-device", "virtio-rng-pci,rng=entropy",
            ]
        }
        if vmclock != nil { arguments += ["-device", "vmclock"] }
        if let snapshot { arguments += ["-incoming", "exec:cat \(Tool.quoted([snapshot]))"] }
        return arguments
    }

    /// How the machine came to run, as the guest is told: always as long, since one that is resumed knows the length.
    private var phase: String {
        (clone?.rawValue ?? "before").padded(to: 8) + String(resumes).padded(to: 4)
    }
}
