import Foundation
import SysGenID
import Testing

@Suite("Published attributes")
struct PublishedAttributesTests {
    /// A runtime directory with these files.
    private func withDirectory<Result>(_ files: [String: Data], _ body: (String) throws -> Result) throws -> Result {
        let directory = FileManager.default.temporaryDirectory.appending(path: "sysgenid-\(UUID())")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        for (name, contents) in files { try contents.write(to: directory.appending(path: name)) }
        return try body(directory.path)
    }

    private func attributes(_ files: [String: String]) throws -> PublishedAttributes {
        try withDirectory(files.mapValues { Data($0.utf8) }) { PublishedAttributes(in: $0) }
    }

    @Test("all of them")
    func complete() throws {
        let attributes = try attributes([
            "generation": "7\n", "page_offset": "0\n", "watchers": "3\n", "tracked": "1\n", "outdated": "2\n",
            "backend": "vmclock\n", "frontends": "cuse fuse\n", "pid": "4711\n", "device": "/dev/sysgenid\n",
            "vmclock_counter": "18446744069414584327\n", "vmclock_clock": "invalid\n",
        ])
        #expect(attributes.generation == Generation(rawValue: 7))
        #expect(attributes.pageOffset == 0)
        #expect(attributes.watchers == 3)
        #expect(attributes.tracked == 1)
        #expect(attributes.outdated == 2)
        #expect(attributes.backend == "vmclock")
        #expect(attributes.frontends == ["cuse", "fuse"])
        #expect(attributes.processID == 4711)
        #expect(attributes.vmclockCounter == 0xffff_ffff_0000_0007 && attributes.hasVMClockTime == false)
        #expect(attributes.device == "/dev/sysgenid")
    }

    @Test("of a container's device, where the daemon serves that")
    func container() throws {
        let (web, devices) = (try #require(ContainerName("web")), ContainerDevices(in: "/nonexistent/devices"))
        let figures = ["generation": 7, "watchers": 3, "tracked_watchers": 1, "outdated_watchers": 2]
        let metrics = figures.map { name, value in
            ["web2", "web", "w"].map { container in
                "sysgenid_container_\(name){container=\"\(container)\"} \(container == "web" ? value : 99)\n"
            }.joined()
        }.joined()
        let files = [
            "generation": "40\n", "watchers": "50\n", "tracked": "60\n", "outdated": "70\n", "containers": "3\n",
            "backend": "vmclock\n", "frontends": "cuse fuse\n", "pid": "4711\n", "device": "/dev/sysgenid\n",
            "changes": "2021-03-01T00:00:00Z 7 for a reason\n", "outdated_processes": "31 nginx\n",
            "devices_directory": "/nonexistent/devices\n", "containers.prom": metrics,
            "vmclock_counter": "40\n", "vmclock_clock": "invalid\n",
        ].mapValues { Data($0.utf8) }
        try withDirectory(files) { directory in
            let published = PublishedAttributes(in: directory)
            #expect(published.containers == 3 && published.devicesDirectory == "/nonexistent/devices")
            let narrowed = try #require(published.narrowed(to: web, of: devices, in: directory))
            #expect(narrowed.generation == Generation(rawValue: 7))
            #expect([narrowed.watchers, narrowed.tracked, narrowed.outdated] == [3, 1, 2])
            #expect(narrowed.backend == "vmclock" && narrowed.processID == 4711 && narrowed.frontends == ["fuse"])
            #expect(narrowed.device == "/nonexistent/devices/containers/web/sysgenid")
            #expect(narrowed.vmclockCounter == nil && narrowed.hasVMClockTime == nil)
            #expect(narrowed.containers == nil && narrowed.changes == nil && narrowed.outdatedProcesses == nil)
            let other = try #require(ContainerName("other"))
            #expect(published.narrowed(to: other, of: devices, in: directory)?.watchers == nil)
            #expect(published.narrowed(to: web, of: ContainerDevices(in: "/elsewhere"), in: directory) == nil)
        }
        let names = ["devices_directory", "vmclock_counter", "vmclock_clock"]
        let none = try attributes(Dictionary(uniqueKeysWithValues: names.map { ($0, "none\n") }))
        #expect(none.devicesDirectory == nil && none.vmclockCounter == nil && none.hasVMClockTime == nil)
    }

    @Test("the last reseed")
    func reseed() throws {
        let plain = try #require(try attributes(["reseed": "2021-03-01T00:00:00Z 7 taken identity,host\n"]).reseed)
        #expect(plain.timestamp == "2021-03-01T00:00:00Z" && plain.generation == Generation(rawValue: 7))
        #expect(plain.isTaken && plain.sources == ["identity", "host"] && plain.remark == nil)
        let failed = try attributes(["reseed": "2021-03-01T00:00:00Z 7 failed identity it is not ready; wait\n"]).reseed
        #expect(failed?.isTaken == false && failed?.sources == ["identity"])
        #expect(failed?.remark == "it is not ready; wait")
        for text in [
            "none", "", "2021-03-01T00:00:00Z 7 taken", "2021-03-01T00:00:00Z -7 taken identity",
            "2021-03-01T00:00:00Z 7 given identity", "2021-03-01T00:00:00Z 7 taken IDENTITY",
            "2021-03-01T00:00:00Z 7 taken identity \u{1B}[31m", "today 7 taken identity",
        ] {
            #expect(try attributes(["reseed": "\(text)\n"]).reseed == nil, "\(text)")
        }
    }

    @Test("each is unknown where its file is missing or hostile, and spoils no other")
    func partial() throws {
        let attributes = try attributes([
            "generation": "99999999999\n", "watchers": "3\n", "tracked": "-1\n", "outdated": "many\n",
            "backend": "\u{1B}]0;title\u{7}\n", "frontends": "", "pid": String(repeating: "1", count: 300),
            "device": "/" + String(repeating: "d", count: 5_000),
        ])
        #expect(attributes.watchers == 3)
        #expect(attributes.generation == nil)
        #expect(attributes.pageOffset == nil)
        #expect(attributes.tracked == nil)
        #expect(attributes.outdated == nil)
        #expect(attributes.backend == nil)
        #expect(attributes.frontends == nil)
        #expect(attributes.processID == nil)
        #expect(attributes.device == nil)
    }

    @Test("what the daemon does not know is no process")
    func unknown() throws {
        let attributes = try attributes(["outdated_processes": "unknown\n", "watchers": "unknown\n"])
        #expect(attributes.outdatedProcesses == nil)
        #expect(attributes.watchers == nil)
        #expect(try self.attributes(["outdated_processes": "\n"]).outdatedProcesses == [])
        #expect(try self.attributes(["outdated_processes": "7 unknown\n"]).outdatedProcesses == ["7 unknown"])
    }

    @Test("a directory that is not there publishes nothing")
    func absent() {
        let attributes = PublishedAttributes(in: "/nonexistent/sysgenid")
        #expect(attributes.generation == nil)
        #expect(!attributes.describe("/dev/sysgenid"))
    }

    @Test("a directory in the place of a file is nothing")
    func directoryAsAttribute() throws {
        let attributes = try withDirectory([:]) { directory in
            try FileManager.default.createDirectory(
                atPath: "\(directory)/generation", withIntermediateDirectories: false)
            return PublishedAttributes(in: directory)
        }
        #expect(attributes.generation == nil)
    }

    @Test("they are about the device at one path, however it is spelled")
    func device() throws {
        let attributes = try attributes(["device": "/dev/sysgenid\n"])
        #expect(attributes.describe("/dev/sysgenid"))
        #expect(attributes.describe("/dev/../dev/./sysgenid"))
        #expect(!attributes.describe("/dev/sysgenid2"))
        #expect(!attributes.describe("sysgenid"))
    }

    @Test("symbolic links are followed, to where the device is and from where it is asked for")
    func linkedDevice() throws {
        try withDirectory(["real": Data(), "other": Data()]) { directory in
            let link = "\(directory)/link"
            try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "real")
            for (published, asked) in [("real", "link"), ("link", "real"), ("link", "link")] {
                let attributes = try attributes(["device": "\(directory)/\(published)\n"])
                #expect(attributes.describe("\(directory)/\(asked)"))
                #expect(!attributes.describe("\(directory)/other"))
            }
        }
    }

    @Test("a relative path is one from the working directory")
    func relativeDevice() throws {
        let here = FileManager.default.currentDirectoryPath
        let attributes = try attributes(["device": "\(here)/run/dev\n"])
        #expect(attributes.describe("run/dev"))
        #expect(attributes.describe("./run//dev"))
    }
}
