import Foundation
import TestSupport
import Testing

extension EndToEnd.ContainerDevices {
    /// The hook, which a container runtime calls. What stands for the container is a shell with namespaces of its own and a
    /// root directory in them, as a runtime has them just before it makes that `/`.
    @Suite struct Hooks {
        @Test(arguments: Kernel.allCases, [nil, 100_000])
        func aContainerGetsADeviceAndLosesIt(_ kernel: Kernel, _ user: Int?) throws {
            let device = try TestDevice()
            defer { device.end() }
            try device.serve(kernel: kernel)
            let runtime = try Runtime(device, rootUser: user)
            try #require(runtime.hook("creating") == (0, []))
            #expect(try runtime.container.answer("stat -c '%F %u:%g %a' $root/dev/sysgenid") == "regular file 0:0 644")
            #expect(try runtime.probe() == "0")
            #expect(access(runtime.root + "/dev/sysgenid", F_OK) != 0, "it is mounted in the container alone")
            let tree = try DeviceTree(device)
            #expect(try tree.containers() == [Runtime.id])
            #expect(try tree.ask("stat", "containers/\(Runtime.id)")?.hasSuffix(" \(user ?? 0) \(user ?? 0)") == true)

            #expect(try ContainerDevice(device, Runtime.id).trigger() == 0)
            #expect(try runtime.probe() == "1")
            #expect(try device.mapped() == 0)

            try #require(runtime.hook("stopped") == (0, []))
            #expect(try tree.containers() == [])
        }

        @Test func twoHooksOfAContainerAreAsOne() throws {
            let device = try TestDevice()
            defer { device.end() }
            try device.serve()
            let runtime = try Runtime(device)
            for _ in 1...2 { try #require(runtime.hook("creating") == (0, [])) }
            #expect(try ContainerDevice(device, Runtime.id).trigger() == 0)
            #expect(try runtime.probe() == "1")
            for _ in 1...2 { try #require(runtime.hook("stopped") == (0, [])) }
            #expect(try DeviceTree(device).containers() == [])
        }

        /// An image may have anything where the device goes: nothing of it is followed, opened or written.
        @Test(arguments: [
            "rmdir $root/dev; ln -s $root/elsewhere $root/dev", "rmdir $root/dev; ln -s /dev $root/dev",
            "rmdir $root/dev; touch $root/dev", "rmdir $root/dev", "mkdir $root/dev/sysgenid",
        ])
        func whatTheImageHasInItsPlaceLeadsNowhere(_ preparation: String) throws {
            let device = try TestDevice()
            defer { device.end() }
            try device.serve()
            let runtime = try Runtime(device, hasDevices: false)
            _ = try runtime.container.answer("mkdir $root/elsewhere; \(preparation); echo prepared")
            let (status, lines) = try runtime.hook("creating")
            #expect(status == 1)
            #expect(lines.count == 1 && lines[0].contains("cannot mount the device of the container"), "\(lines)")
            #expect(Scratch.names(in: runtime.root + "/elsewhere") == [])
            #expect(try DeviceTree(device).containers() == [])
        }

        @Test func aLinkThatIsTheDevicesNameIsNotFollowed() throws {
            let device = try TestDevice()
            defer { device.end() }
            try device.serve()
            let runtime = try Runtime(device)
            let target = device.folder + "/target"
            #expect(try runtime.container.answer("ln -s \(target) $root/dev/sysgenid; echo made") == "made")
            try #require(runtime.hook("creating").status == 0)
            #expect(access(target, F_OK) != 0)
            #expect(try runtime.probe() == "0")
        }

        @Test func withoutADaemonThereIsNoDevice() throws {
            let device = try TestDevice()
            defer { device.end() }
            let runtime = try Runtime(device)
            let (status, lines) = try runtime.hook("creating")
            #expect(status == 1)
            #expect(lines.first?.contains("no sysgenidd serves containers there") == true, "\(lines)")
            #expect(try runtime.container.answer("ls $root/dev; echo listed") == "listed")
        }

        @Test func whoIsNotRootGetsNone() throws {
            let device = try TestDevice()
            defer { device.end() }
            try device.serve()
            let runtime = try Runtime(device)
            let (status, lines) = try runtime.hook("creating", by: TestDevice.becoming(65_534))
            #expect(status == 4, "\(lines)")
            #expect(try DeviceTree(device).containers() == [])
        }
    }
}

/// What stands for a container runtime and its container.
private struct Runtime {
    static let id = String(repeating: "0123456789abcdef", count: 4)

    private let device: TestDevice
    let root: String
    /// A shell that does what it is told, in the container's namespaces.
    let container: RunningProgram

    /// - Parameters:
    ///   - rootUser: who is root in the container, by a user namespace; nil is root, without one.
    ///   - hasDevices: whether the container has a file system of its own for devices.
    init(_ device: TestDevice, rootUser: Int? = nil, hasDevices: Bool = true) throws {
        self.device = device
        root = device.folder + "/root"
        try FileManager.default.createDirectory(atPath: root + "/dev", withIntermediateDirectories: true)
        let namespaces = rootUser == nil ? ["--mount"] : ["--mount", "--user", "--map-root-user"]
        let become = rootUser.map(TestDevice.becoming) ?? []
        let script = """
            set -e
            mount --make-rprivate /
            [ "$2" = false ] || mount -t tmpfs devices "$1/dev"
            root=$1
            echo ready
            set +e
            while read -r line; do eval "$line"; done
            """
        container = try device.run(
            "/usr/bin/env", become + ["unshare"] + namespaces + ["sh", "-c", script, "sh", root, "\(hasDevices)"])
        try container.waitFor("ready")
        try Data(#"{"ociVersion":"1.0.2","root":{"path":"root"}}"#.utf8)
            .write(to: URL(filePath: device.folder + "/config.json"))
    }

    /// What the device in the container shows.
    func probe() throws -> String? {
        try container.answer("\(Built.path(of: "sysgenidctl")) --device $root/dev/sysgenid probe")
    }

    /// Calls the hook as a runtime does.
    func hook(_ status: String, by tool: [String] = []) throws -> (status: Int32, lines: [String]) {
        let state = device.folder + "/state.json"
        try Data(
            """
            {"ociVersion":"1.0.2","id":"\(Self.id)","status":"\(status)","pid":\(container.processID),
             "bundle":"\(device.folder)"}
            """.utf8
        ).write(to: URL(filePath: state))
        let hook = try device.run(
            "/usr/bin/env",
            tool + ["sh", "-c", #"exec "$1" container hook <"$2""#, "sh", Built.path(of: "sysgenidctl"), state],
            environment: ["SYSGENID_DEVICES_DIR": device.devicesDirectory])
        return (try hook.exitCode(), hook.lines)
    }
}
