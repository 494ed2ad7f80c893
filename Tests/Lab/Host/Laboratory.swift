import Foundation

/// Where everything lies, and what is made of it.
struct Laboratory {
    let cache: String
    private let project: String
    private let products: String
    private let roots: String
    private let guest: String

    init() {
        project =
            URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().path
        cache = "\(project)/.build/lab"
        guest = "\(project)/Tests/Lab/Guest"
        roots = "\(project)/.build/roots"
        products = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent().path
    }

    func tests() throws -> [GuestTest] { try GuestTest.all(in: "\(guest)/tests") }

    /// A machine with the kernel, and with the programs or the package as they are built now.
    ///
    /// - Parameter release: what runs on its disk, with the package that was built for it; nil is this machine's.
    func machine(_ kernel: Kernel, _ platform: GuestTest.Platform, _ release: DebianRelease?) throws -> Machine {
        let (system, isAnnounced) = (platform.system, platform.vmclock?.isAnnounced ?? false)
        let package = try KernelPackage(kernel, below: cache)
        let image = try InitramfsImage(
            package, system, programs(for: kernel.architecture),
            debianPackages: system == .debian ? debianPackages(of: release) : nil, guest: guest,
            compiled: system == .debian ? try compiled() : nil,
            documents: ["clients.md", "containers.md"].map { "\(project)/docs/\($0)" },
            table: isAnnounced ? announcingTable() : nil,
            at: "\(cache)/initramfs-\(kernel.name)-\(system)\(isAnnounced ? "-announced" : "")")
        var machine = Machine(
            architecture: kernel.architecture, emulator: try .playing(kernel.architecture, below: cache),
            kernelImage: package.image, initramfs: image.path, task: "shell", properties: kernel.properties)
        machine.vmclock = platform.vmclock
        if system == .debian {
            let disk = try RootFileSystem(
                release ?? DebianRelease.own(), below: cache, python: "\(project)/.build/python")
            machine.disk = Disk(image: disk.path)
        }
        return machine
    }

    /// What `Makefile` compiles for the tests.
    private func compiled() throws -> String {
        let folder = "\(project)/.build/generators"
        guard FileManager.default.fileExists(atPath: folder) else {
            throw Failure("\(folder) is missing: 'make setup-lab' compiles what belongs there")
        }
        return folder
    }

    private var firmware: String { "\(project)/Tests/Lab/Firmware" }

    private func programs(for architecture: Architecture) -> Programs {
        architecture == .own
            ? Programs(builtIn: products)
            : Programs(
                builtIn: "\(project)/.build/\(architecture)/release", for: "\(roots)/\(architecture)")
    }

    /// A table by which the machine tells its guest that the vmclock has changed: QEMU's own does not.
    private func announcingTable() throws -> String {
        // QEMU's _HID, which the kernel looks for, is not of the form that the specification wants.
        let isAccepted = ["-vw", "6035"]
        let table = "\(cache)/vmgenid"
        try Tool.run("iasl", isAccepted + ["-p", table, "\(firmware)/vmgenid.asl"])
        return table + ".aml"
    }

    /// A folder of the project's own packages, with nothing in them compressed: unpacking is what takes longest under
    /// emulation.
    private func debianPackages(of release: DebianRelease?) throws -> String {
        let folder = "\(project)/.build/\(release.map { "debs/\($0.name)" } ?? "deb")"
        let packages = ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [])
            .filter { $0.hasSuffix(".deb") }
        let names = packages.map { $0.prefix { $0 != "_" } }
        guard names.contains("sysgenid"), Set(names).count == names.count else {
            let target = release == nil ? "deb" : "debs"
            throw Failure("\(folder) holds \(packages.joined(separator: " ")): 'make \(target)' makes one of each")
        }
        try Tool.shell(
            """
            rm -rf packages
            mkdir packages
            for file in "$1"/*.deb; do
                rm -rf package
                mkdir package
                cd package
                ar x "$file"
                unxz *.xz
                name=${file##*/}
                ar rc "../packages/${name%%_*}.deb" debian-binary control.tar data.tar
                cd ..
            done
            rm -rf package
            """, [folder], in: cache)
        return "\(cache)/packages"
    }

    /// What there is to run: each test on each kernel that it is for.
    func runs(_ options: Options) throws -> [TestRun] {
        let tests = try tests().filter { test in options.test.map { test.name.contains($0) } ?? true }
        let lines = try options.lines()
        let kernels = lines.map(\.kernel)
        let isEverywhere = options.isFull || options.command == .releases
        let own = try? DebianRelease.own().name
        for test in tests where options.command != .releases && !test.isOf(own) {
            print("left out: \(test.name) is of Debian \(test.release ?? ""), and this machine has another one")
        }
        return try lines.flatMap { kernel, release in
            let tests = tests.filter {
                $0.isOf(release?.name ?? own)
                    && kernel.canRun($0) && (options.isFull || kernel.scope.contains($0))
                    && (isEverywhere || !$0.needsOneKernel || kernel.name == kernels.forOne($0)?.name)
            }
            let machines = Dictionary(
                uniqueKeysWithValues: try Set(tests.map(\.platform)).map { ($0, try machine(kernel, $0, release)) })
            return try tests.map {
                TestRun(
                    test: $0, kernel: kernel, machine: try fitted(machines[$0.platform]!, to: $0),
                    logs: "\(cache)/logs")
            }
        }
        .sorted { ($0.test.seconds, $1.test.name) > ($1.test.seconds, $0.test.name) }
    }

    /// The machine as the test wants it.
    private func fitted(_ machine: Machine, to test: GuestTest) throws -> Machine {
        var machine = machine
        machine.task = test.name
        machine.processors = test.processors
        machine.kernelWords = test.kernelWords
        if test.lacks.contains(.vmgenid) { machine.identity = nil }
        machine.extras = test.extras
        if machine.properties.contains(.deviceTree), machine.identity != nil {
            machine.deviceTree = try DeviceTree(
                of: machine.hardware, emulator: machine.emulator, adding: "\(firmware)/vmgenid.dts",
                at: "\(cache)/vmgenid-\(machine.processors).dtb")
        }
        return machine
    }

    /// Becomes a guest with a shell on this terminal.
    func shell(_ kernel: Kernel) throws -> Never {
        var machine = try machine(kernel, GuestTest.Platform(system: .busybox), nil)
        // Without a device tree of the laboratory's.
        if kernel.properties.contains(.deviceTree) { machine.identity = nil }
        let arguments = machine.emulator.command + machine.arguments + ["-serial", "mon:stdio"]
        print("Ctrl-D or 'poweroff' ends the guest; Ctrl-A X does so at once")
        fflush(nil)
        var words = arguments.map { strdup($0) } + [nil]
        execvp(arguments[0], &words)
        throw Failure("cannot start \(arguments[0]): \(String(cString: strerror(errno)))")
    }
}
