import Foundation
import TestSupport
import Testing

extension EndToEnd {
    /// What docs/clients.md says of containers, as far as it is the kernel that decides: a view of the files with the
    /// device in another place, groups, and a user namespace.
    @Suite struct Containers {
        @Test(arguments: [[], Container.userNamespace])
        func theGroupOfTheDeviceAcknowledgesAndNobodyElse(_ namespace: [String]) throws {
            let container = try Container()
            defer { container.device.end() }
            let member = try container.run(group: true, namespace, "read")
            try member.waitFor("ready\n")
            let outsider = try container.run(group: false, namespace, "map")
            try outsider.waitFor("ready\n")
            #expect(try container.run(group: false, namespace, "read").exitCode() == EACCES)

            usleep(50_000)
            try container.device.trigger()
            #expect(try member.exitCode() == 0, "\(member.text)")
            try outsider.send("look")
            try outsider.waitFor("1\n")
        }

        @Test func aUserNamespaceDoesNotTrigger() throws {
            let container = try Container()
            defer { container.device.end() }
            for tool in [["--map-root-user"], ["--map-current-user", "--keep-caps"]] {
                let inside = try container.run(as: 0, group: true, ["unshare", "--user"] + tool, "trigger")
                #expect(try inside.exitCode() == EACCES, "\(inside.text)")
                let rootless = try container.run(group: true, ["unshare", "--user"] + tool, "trigger")
                #expect(try rootless.exitCode() == EACCES, "\(rootless.text)")
            }
            let unprivileged = try container.run(
                as: 0, group: true, ["setpriv", "--bounding-set", "-sys_admin,-checkpoint_restore"], "trigger")
            #expect(try unprivileged.exitCode() == EACCES)
            #expect(container.device.attribute("generation") == "0")
        }

        @Test func aReadOnlyMountIsForReadingAndMapping() throws {
            let container = try Container(options: "remount,bind,ro")
            defer { container.device.end() }
            #expect(try container.run(group: true, [], "read").exitCode() == EROFS)
            let poller = try container.run(group: true, [], "poll")
            try poller.waitFor("ready\n")
            try container.run(group: true, [], "map").waitFor("ready\n")
            usleep(50_000)
            try container.device.trigger()
            #expect(try poller.exitCode() == 0)
        }

        @Test func anEmptyFileInItsPlaceEndsWhoMapsIt() throws {
            let device = try TestDevice()
            defer { device.end() }
            try Data().write(to: URL(filePath: device.path))
            let client = try device.client("map")
            try client.send("look")
            #expect(try client.exitCode() == -SIGBUS)
        }
    }
}

/// A served device, and another place for it in a view of the files of its own.
private struct Container {
    static let userNamespace = ["unshare", "--user", "--map-current-user"]
    /// One that every Debian has.
    private static let group = "games"

    let device: TestDevice
    private let options: String

    init(options: String = "remount,bind") throws {
        self.options = options
        device = try TestDevice()
        try device.serve("--group", Self.group)
    }

    /// Runs a plain client there.
    ///
    /// - Parameters:
    ///   - user: what it becomes, in the group of the device or not.
    ///   - tool: what starts it besides.
    func run(as user: Int = 1000, group: Bool, _ tool: [String], _ command: String) throws -> RunningProgram {
        let place = device.folder + "/inside"
        let view = """
            set -e
            touch "$2"
            mount --bind "$1" "$2"
            mount -o "$3" "$2"
            shift 3
            exec "$@"
            """
        let groups = group ? ["--groups", Self.group] : ["--clear-groups"]
        return try device.run(
            "/usr/bin/unshare",
            ["--mount", "/bin/sh", "-c", view, "sh", device.path, place, options]
                + ["setpriv", "--reuid", "\(user)", "--regid", "\(user)"] + groups + tool
                + [Built.path(of: "TestClient"), command, place])
    }
}
