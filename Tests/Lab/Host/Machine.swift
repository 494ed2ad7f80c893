import Foundation

/// A virtual machine: what its QEMU is started with.
struct Machine: Sendable {
    var emulator = Emulator.installed
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

    /// Everything but where the consoles go.
    var arguments: [String] {
        // The kernel counts ticks while it waits for so many instructions, and gives up where a busy host is slow
        // with them.
        let timing = "no_timer_check"
        let words = ["console=ttyS0", "panic=-1", "loglevel=5", timing, "lab.task=\(task)", "lab.boot=\(boots)"]
        let known = properties.map { "lab.has=\($0.rawValue)" }.sorted()
        var arguments = [
            "-nodefaults", "-no-user-config", "-no-reboot", "-display", "none",
            "-machine", "pc", "-accel", "tcg,thread=multi", "-cpu", "max", "-smp", "\(processors)", "-m", "512",
            "-kernel", kernelImage, "-initrd", initramfs, "-append", (words + known).joined(separator: " "),
            "-fw_cfg", "name=opt/lab/phase,string=\(phase)",
        ]
        if let disk { arguments += disk.arguments }
        if let identity { arguments += ["-device", "vmgenid,guid=\(identity)"] }
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
