import Foundation
import TestSupport
import Testing

extension EndToEnd {
    /// The devices of containers, below a directory.
    @Suite enum ContainerDevices {}
}

extension EndToEnd.ContainerDevices {
    /// What can be made and removed, and by whom.
    @Suite struct Names {
        @Test(arguments: Kernel.allCases)
        func goodNamesAreMadeListedAndRemoved(_ kernel: Kernel) throws {
            let device = try TestDevice()
            defer { device.end() }
            try device.serve(kernel: kernel)
            let tree = try DeviceTree(device)
            #expect(try tree.names(in: "") == ["containers", "sysgenid", "vmclock0"])
            #expect(try tree.containers() == [])
            let names = ["a", "9", "_", "-", "a.b", "x..", "Web-1_2.service", String(repeating: "n", count: 64)]
            for name in names {
                #expect(try tree.ask("mkdir", "containers/\(name)") == "0", "\(name)")
                #expect(try tree.names(in: "containers/\(name)") == ["sysgenid", "vmclock0"])
                #expect(try tree.ask("mkdir", "containers/\(name)") == "EEXIST", "\(name)")
            }
            #expect(try tree.containers() == names.sorted())
            #expect(try tree.names(in: "") == ["containers", "sysgenid", "vmclock0"])
            try waitUntil("the attribute") { device.attribute("containers") == "\(names.count)" }
            try waitUntil("the metric") {
                device.attribute("sysgenid.prom")?.contains("\nsysgenid_containers \(names.count)\n") == true
            }
            for name in names {
                #expect(try tree.ask("rmdir", "containers/\(name)") == "0", "\(name)")
                #expect(try tree.ask("rmdir", "containers/\(name)") == "ENOENT", "\(name)")
                #expect(try tree.ask("stat", "containers/\(name)/sysgenid") == "ENOENT", "\(name)")
            }
            #expect(try tree.containers() == [])
            try waitUntil("the attribute") { device.attribute("containers") == "0" }
        }

        @Test func badNamesAreRefused() throws {
            let device = try TestDevice()
            defer { device.end() }
            try device.serve()
            let tree = try DeviceTree(device)
            let names = [
                ".hidden", "..a", "a b", " ", "a\nb", "\t", "\u{1}", "a\u{7f}", "ä", "a:b", "a*", "%", "a\\b", "~", "@",
                String(repeating: "n", count: 65), String(repeating: "n", count: 255),
            ]
            for name in names {
                #expect(try tree.ask("mkdir", "containers/\(name)") == "EINVAL", "\(name)")
            }
            for (name, answer) in [(".", "EEXIST"), ("..", "EEXIST"), ("a/b", "ENOENT")] {
                #expect(try tree.ask("mkdir", "containers/\(name)") == answer, "\(name)")
            }
            // The kernel refuses what is longer than it can ask a daemon for, which is no fixed length.
            let tooLong = try tree.ask("mkdir", "containers/" + String(repeating: "n", count: 256))
            #expect(["EINVAL", "ENAMETOOLONG"].contains(tooLong))
            #expect(try tree.containers() == [])
            #expect(try tree.ask("mkdir", "containers/good") == "0")
            #expect(try tree.containers() == ["good"])
        }

        @Test(arguments: Kernel.allCases)
        func thereAreNoMoreThanTheLimit(_ kernel: Kernel) throws {
            let device = try TestDevice()
            defer { device.end() }
            try device.serve("--max-containers", "3", kernel: kernel)
            let tree = try DeviceTree(device)
            for name in ["a", "b", "c"] { #expect(try tree.ask("mkdir", "containers/\(name)") == "0") }
            #expect(try tree.ask("mkdir", "containers/d") == "ENOSPC")
            #expect(try tree.ask("mkdir", "containers/a") == "EEXIST")
            #expect(try tree.containers() == ["a", "b", "c"])
            #expect(try tree.ask("rmdir", "containers/b") == "0")
            #expect(try tree.ask("mkdir", "containers/d") == "0")
            #expect(try tree.ask("mkdir", "containers/e") == "ENOSPC")
            #expect(try tree.containers() == ["a", "c", "d"])
        }

        @Test func anotherUserThanRootMakesAndRemovesNone() throws {
            let device = try TestDevice()
            defer { device.end() }
            try device.serve()
            let tree = try DeviceTree(device)
            let container = try tree.make("a")
            let user = try DeviceTree(device, by: TestDevice.becoming(1_000))
            #expect(try user.ask("mkdir", "containers/b") == "EACCES")
            #expect(try user.ask("rmdir", "containers/a") == "EACCES")
            // Nor does the owner of one.
            #expect(try tree.ask("chown", "containers/a", "1000", "1000") == "0")
            #expect(try user.ask("mkdir", "containers/b") == "EACCES")
            #expect(try user.ask("rmdir", "containers/a") == "EACCES")
            #expect(try user.containers() == ["a"])
            #expect(try user.names(in: "containers/a") == ["sysgenid", "vmclock0"])
            #expect(try container.generation() == "0")
        }

        @Test func nothingElseCanBeMadeMovedOrRemoved() throws {
            let device = try TestDevice()
            defer { device.end() }
            try device.serve()
            let tree = try DeviceTree(device)
            let container = try tree.make("a")
            for folder in ["", "containers/a/"] {
                for verb in ["mkdir", "create", "mknod", "symlink"] {
                    #expect(try tree.ask(verb, "\(folder)new") == "EPERM", "\(verb) in '\(folder)'")
                }
                #expect(try tree.ask("unlink", "\(folder)sysgenid") == "EPERM", "in '\(folder)'")
                #expect(try tree.ask("link", "\(folder)sysgenid", "\(folder)new") == "EPERM", "in '\(folder)'")
                #expect(try tree.ask("rename", "\(folder)sysgenid", "\(folder)new") == "EPERM", "in '\(folder)'")
            }
            for verb in ["create", "mknod", "symlink"] {
                #expect(try tree.ask(verb, "containers/new") == "EPERM", "\(verb)")
            }
            #expect(try tree.ask("rename", "containers/a", "containers/b") == "EPERM")
            #expect(try tree.ask("rename", "containers/a", "b") == "EPERM")
            #expect(try tree.ask("rename", "containers", "others") == "EPERM")
            #expect(try tree.ask("rmdir", "containers") == "EPERM")
            #expect(try tree.ask("mkdir", "containers") == "EEXIST")
            #expect(try tree.ask("rmdir", "sysgenid") == "ENOTDIR")
            #expect(try tree.names(in: "") == ["containers", "sysgenid", "vmclock0"])
            #expect(try tree.containers() == ["a"])
            #expect(try tree.names(in: "containers/a") == ["sysgenid", "vmclock0"])
            #expect(try container.generation() == "0")
        }

        @Test func theDirectoryIsWhereItIsAskedFor() throws {
            let device = try TestDevice()
            defer { device.end() }
            let daemon = try device.serve("--devices-dir", device.folder + "/elsewhere")
            let page = try device.client("map", at: device.folder + "/elsewhere/sysgenid")
            #expect(try page.answer("look") == "0")
            #expect(!device.mountPoints.contains(device.devicesDirectory))
            daemon.signal(SIGTERM)
            #expect(try daemon.exitCode() == 0)
            #expect(device.mountPoints == [])
        }
    }
}
