/// What runs in a guest besides the kernel.
enum GuestSystem: String, Sendable {
    /// The programs as they were built, on a busybox in memory.
    case busybox
    /// Debian on a disk, with systemd as its first program. It brings nothing of the project but the package file.
    case debian

    /// The programs of the project that guests have from the start.
    var programs: [String] {
        switch self {
        case .busybox:
            ["sysgenidd", "sysgenidctl", "sysgenid-overseerd", "sysgenid-conformance", "TestClient", "adversary"]
        case .debian: ["TestClient"]
        }
    }

    /// The libraries of the project that guests have from the start.
    var ownLibraries: [String] {
        switch self {
        case .busybox: ["libsysgenid-preload.so"]
        case .debian: []
        }
    }

    /// Where a library, which a program was linked with by this path, lies in the guest; nil where the guest has it.
    func place(ofLibrary path: String) -> String? {
        switch self {
        // Where it lies here: the programs and the loader name them by path.
        case .busybox: path
        // Beside the program, where it is looked for next. SwiftPM links a program in C with Swift's library, too.
        case .debian: path.contains("/swift/") ? "lab/bin/\(path.split(separator: "/").last ?? "")" : nil
        }
    }

    /// The names that guests can load, where they are modules.
    var modules: Set<String> {
        let ofTests: Set = ["fuse", "cuse", "qemu_fw_cfg", "ptp_vmclock"]
        switch self {
        case .busybox: return ofTests.union(["virtio_pci", "virtio_rng", "vsock_loopback"])
        // ext4 asks for crc32c by a name that only the kernel can resolve. The last ones are for criu, which looks
        // for what kernels can do before it does anything. The one before them joins a client and a server of DHCP.
        case .debian:
            return ofTests.union([
                "virtio_pci", "virtio_blk", "ext4", "crc32c_generic", "autofs4", "veth",
                "nf_tables", "unix_diag", "inet_diag", "tcp_diag", "udp_diag", "netlink_diag", "af_packet_diag",
            ])
        }
    }

    /// The first program, below the folder of the tests' scripts.
    var firstProgram: String {
        switch self {
        case .busybox: "init"
        case .debian: "debian/init"
        }
    }
}
