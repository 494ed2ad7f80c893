import SysGenIDCore
import SysGenIDDaemon
import SysGenIDSystem
import TestSupport
import Testing

struct RuntimeDirectoryTests {
    let scratch: Scratch
    let path: String

    init() throws {
        scratch = try Scratch()
        path = scratch.path("run")
    }

    private func attributes(generation: UInt32 = 3) -> Attributes {
        var registry = GenerationRegistry(continuing: Record(generation: Generation(rawValue: generation - 1)))
        for isTracked in [true, true, false, false, false] {
            guard let watcher = try? registry.opened(by: Opener(thread: 1, userID: 0, account: .privileged)) else {
                continue
            }
            _ = registry.trackingChanged(watcher, to: isTracked)
        }
        _ = registry.triggered(minimum: 0, isPermitted: true)
        _ = registry.changeStored() + registry.pagesStored()
        _ = try? registry.opened(by: Opener(thread: 1, userID: 0, account: .privileged))
        return Attributes(
            generation: registry.current, pageOffset: 0, watchers: WatcherFigures(registry.census), backend: "manual",
            backendReason: "no other", frontends: ["cuse", "fuse"], processID: 4711, device: "/dev/sysgenid")
    }

    private func contents(_ name: String) throws -> String {
        String(decoding: try Files.read("\(path)/\(name)"), as: UTF8.self)
    }

    private var names: [String] { Scratch.names(in: path).sorted() }

    @Test func theAttributesAreTextsForEverybody() throws {
        let directory = try RuntimeDirectory(path: path)
        #expect(directory.publish(attributes()) == nil)
        let expected = [
            "generation": "3\n", "page_offset": "0\n", "watchers": "6\n", "tracked": "2\n", "outdated": "5\n",
            "backend": "manual\n", "frontends": "cuse fuse\n", "pid": "4711\n", "device": "/dev/sysgenid\n",
            "backend_reason": "no other\n", "outdated_processes": "\n", "changes": "\n",
            "reseed": "none\n", "containers": "0\n", "devices_directory": "none\n",
            "vmclock_counter": "none\n", "vmclock_clock": "none\n",
        ]
        #expect(names == (expected.keys + ["lock", "sysgenid.prom"]).sorted())
        for (name, text) in expected {
            #expect(try contents(name) == text)
            #expect(try Files.status("\(path)/\(name)").permissions == 0o644)
        }
        #expect(try Files.status(path).permissions == 0o755)
    }

    @Test func onlyWhatChangedIsWrittenAgain() throws {
        let directory = try RuntimeDirectory(path: path)
        _ = directory.publish(attributes())
        let before = try inodes()
        _ = directory.publish(attributes())
        #expect(try inodes() == before)
        _ = directory.publish(attributes(generation: 4))
        let changed = try inodes().filter { before[$0.key] != $0.value }
        #expect(Set(changed.keys) == ["generation", "sysgenid.prom"])
        #expect(try contents("generation") == "4\n")
    }

    private func inodes() throws -> [String: UInt64] {
        var inodes: [String: UInt64] = [:]
        for name in names { inodes[name] = try Files.status("\(path)/\(name)").inode }
        return inodes
    }

    @Test func aPredecessorsAttributesAreReplaced() throws {
        _ = try RuntimeDirectory(path: path).publish(attributes(generation: 8))
        _ = try RuntimeDirectory(path: path).publish(attributes(generation: 9))
        #expect(try contents("generation") == "9\n")
    }

    @Test func aFailureIsToldOnceAndSoIsItsEnd() throws {
        let directory = try RuntimeDirectory(path: path)
        try Files.makeDirectories("\(path)/backend", permissions: 0o755)
        guard case .failing(let failure) = directory.publish(attributes()) else {
            Issue.record("a folder was replaced by a file")
            return
        }
        #expect(failure.subject == "\(path)/backend")
        #expect(try contents("device") == "/dev/sysgenid\n")
        #expect(directory.publish(attributes()) == nil)
        #expect(directory.publish(attributes(generation: 5)) == nil)
        #expect(try contents("generation") == "5\n")
        try move("\(path)/backend", to: scratch.path("moved"))
        #expect(directory.publish(attributes(generation: 5)) == .working)
        #expect(try contents("backend") == "manual\n")
        #expect(directory.publish(attributes(generation: 5)) == nil)
    }

    @Test func whatMustOutliveTheDaemonStays() throws {
        let directory = try RuntimeDirectory(path: path)
        let state = try StateFile(in: directory, bootID: try BootID.current())
        try state.write(Record(generation: 3))
        _ = directory.publish(attributes())
        #expect(directory.removeAttributes() == nil)
        #expect(names == ["generation", "lock", "state"])
        #expect(directory.removeAttributes() == nil)
        // They are written again where the daemon goes on after all.
        #expect(directory.publish(attributes()) == nil)
        #expect(names.count == 20)
    }
}

extension Generation: ExpressibleByIntegerLiteral {
    public init(integerLiteral value: UInt32) {
        self.init(rawValue: value)
    }
}
