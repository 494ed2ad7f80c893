import Foundation

/// Where everything lies, and what is made of it.
struct Laboratory {
    let cache: String
    private let products: String
    private let guest: String

    init() {
        let project = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().path
        cache = "\(project)/.build/lab"
        guest = "\(project)/Tests/Lab/Guest"
        products = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent().path
    }

    func tests() throws -> [GuestTest] { try GuestTest.all(in: "\(guest)/tests") }

    /// A machine with the kernel and with the programs as they are built now.
    func machine(_ kernel: Kernel) throws -> Machine {
        let package = try KernelPackage(kernel, below: cache)
        let image = try InitramfsImage(
            package, products: products, guest: guest, at: "\(cache)/initramfs-\(kernel.name)")
        return Machine(
            kernelImage: package.image, initramfs: image.path, task: "shell", properties: kernel.properties)
    }

    /// What there is to run: each test on each kernel that it is for.
    func runs(_ options: Options) throws -> [TestRun] {
        let logs = "\(cache)/logs"
        let tests = try tests().filter { test in options.test.map { test.name.contains($0) } ?? true }
        let kernels = try options.kernels()
        let machines = try kernels.map { ($0, try machine($0)) }
        return tests.flatMap { test in
            machines.filter { kernel, _ in test.needs.isSubset(of: kernel.properties) }
                .map { kernel, machine in TestRun(test: test, kernel: kernel, machine: machine, logs: logs) }
        }
    }

    /// Becomes a guest with a shell on this terminal.
    func shell(_ kernel: Kernel) throws -> Never {
        let arguments = [Machine.program] + (try machine(kernel)).arguments + ["-serial", "mon:stdio"]
        print("Ctrl-D or 'poweroff' ends the guest; Ctrl-A X does so at once")
        fflush(nil)
        var words = arguments.map { strdup($0) } + [nil]
        execvp(Machine.program, &words)
        throw Failure("cannot start \(Machine.program): \(String(cString: strerror(errno)))")
    }
}
