/// A virtual machine: what its QEMU is started with.
struct Machine: Sendable {
    var kernelImage: String
    var initramfs: String
    /// What the guest's first program is to do; see Guest/init.
    var task: String
    var properties: Set<Kernel.Property>
    /// Under emulation two processors are half as fast as one, since they wake each other.
    var processors = 1
    /// The generation ID that the hypervisor gives.
    var identity = Self.firstIdentity
    var phase = Phase.before
    /// The snapshot that it is resumed from.
    var snapshot: String?

    static let firstIdentity = "5ca1ab1e-0000-4000-8000-000000000001"

    /// What the guest is told of where it is. Always as long, since a resumed guest knows the length already.
    enum Phase: String, Sendable {
        case before = "before "
        case changed = "changed"
        case same = "same   "
    }

    /// Everything but where the consoles go.
    var arguments: [String] {
        let words = ["console=ttyS0", "panic=-1", "loglevel=5", "lab.task=\(task)"]
        let known = properties.map { "lab.has=\($0.rawValue)" }.sorted()
        var arguments = [
            "-nodefaults", "-no-user-config", "-no-reboot", "-display", "none",
            "-machine", "pc", "-accel", "tcg,thread=multi", "-cpu", "max", "-smp", "\(processors)", "-m", "512",
            "-kernel", kernelImage, "-initrd", initramfs, "-append", (words + known).joined(separator: " "),
            "-device", "vmgenid,guid=\(identity)", "-fw_cfg", "name=opt/lab/phase,string=\(phase.rawValue)",
        ]
        if let snapshot { arguments += ["-incoming", "exec:cat \(Tool.quoted([snapshot]))"] }
        return arguments
    }

    static let program = "qemu-system-x86_64"
}
