/// A kernel in which the programs are tested.
struct Kernel: Sendable {
    /// What it is called here and on the command line.
    var name: String
    var architecture = Architecture.amd64
    /// Where it comes from, as in a list of sources: the release of Debian first.
    var suites: [String]
    var image: Image
    var properties: Set<Property>
    var scope = Scope.all

    /// Which of the images that the suites offer.
    enum Image: Sendable {
        /// What this package depends on.
        case current(of: String)
        /// The last one whose version begins so.
        case newest(of: String)
    }

    /// Which tests it is for, where not all are asked for.
    enum Scope: Sendable {
        case all
        /// What shows that the kernel treats the device, and a resume, as the others do; and what these cannot show.
        case conformanceAndResume
        /// What installs the package.
        case package

        func contains(_ test: GuestTest) -> Bool {
            switch self {
            case .all: true
            case .conformanceAndResume:
                test.name.hasSuffix("-conformance") || test.name == "resume-auto" || test.vmclock != nil
                    || test.needs.contains(.deviceTree)
            case .package:
                ["debian-installed", "debian-service", "debian-resume", "debian-conformance"].contains(test.name)
            }
        }
    }

    /// What kernels differ in, as far as tests care.
    enum Property: String, CaseIterable, Sendable {
        /// FUSE passthrough, and so native mmap of the counter file.
        case passthrough
        /// No FUSE passthrough: the counter file is mapped from the page cache.
        case pageCache = "page-cache"
        /// FUSE is a module, and so may be absent.
        case fuseModule = "fuse-module"
        /// Old enough for the criu of Debian 12 to work on it.
        case checkpoints
        /// Has a driver of vmclock (6.13).
        case vmclock
        /// That one can be told by the hypervisor, and tells by poll(2) then (7.0).
        case vmclockPoll = "vmclock-poll"
        /// Its machines have a generation ID of QEMU's, in the tables of ACPI and in the firmware configuration.
        case acpi
        /// Its machines have one in the device tree.
        case deviceTree = "device-tree"
        /// Has a driver for that one (6.10), which reseeds the kernel.
        case deviceTreeDriver = "device-tree-driver"
    }

    /// It has what the test needs.
    func canRun(_ test: GuestTest) -> Bool {
        test.needs.isSubset(of: properties)
            // The package is made for this machine's processor only.
            && (test.system == .busybox || architecture == .own)
    }

    /// The matrix. A kernel more is a line more.
    static let all = [
        Kernel(
            name: "6.1", suites: ["bookworm", "bookworm-security"], image: .current(of: "linux-image-amd64"),
            properties: [.acpi, .pageCache, .fuseModule, .checkpoints]),
        Kernel(
            name: "6.12", suites: ["bookworm", "bookworm-security"], image: .current(of: "linux-image-6.12-amd64"),
            properties: [.acpi, .passthrough, .checkpoints]),
        Kernel(
            name: "6.12-debian13", suites: ["trixie", "trixie-security"], image: .current(of: "linux-image-amd64"),
            properties: [.acpi, .passthrough], scope: .conformanceAndResume),
        Kernel(
            name: "6.18", suites: ["trixie-backports"], image: .newest(of: "6.18"),
            properties: [.acpi, .passthrough, .vmclock], scope: .conformanceAndResume),
        Kernel(
            name: "7", suites: ["trixie-backports"], image: .current(of: "linux-image-amd64"),
            properties: [.acpi, .passthrough, .vmclock, .vmclockPoll], scope: .conformanceAndResume),
        Kernel(
            name: "6.1-arm64", architecture: .arm64, suites: ["bookworm", "bookworm-security"],
            image: .current(of: "linux-image-arm64"), properties: [.deviceTree, .pageCache, .fuseModule]),
        Kernel(
            name: "6.12-arm64", architecture: .arm64, suites: ["trixie", "trixie-security"],
            image: .current(of: "linux-image-arm64"), properties: [.deviceTree, .deviceTreeDriver, .passthrough]),
        // With pages of 16 KiB. None of Debian's has larger ones.
        Kernel(
            name: "6.12-arm64-16k", architecture: .arm64, suites: ["trixie", "trixie-security"],
            image: .current(of: "linux-image-arm64-16k"), properties: [.deviceTree, .deviceTreeDriver, .passthrough]),
        Kernel(
            name: "7-arm64", architecture: .arm64, suites: ["trixie-backports"],
            image: .current(of: "linux-image-arm64"), properties: [.deviceTree, .deviceTreeDriver, .passthrough],
            scope: .conformanceAndResume),
    ]
}

extension [Kernel] {
    /// Where a test is run for which one kernel is enough: on the newest one that has all tests.
    func forOne(_ test: GuestTest) -> Kernel? { last { $0.scope.contains(test) && $0.canRun(test) } }
}
