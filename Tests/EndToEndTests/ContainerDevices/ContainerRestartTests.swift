import Foundation
import TestSupport
import Testing

extension EndToEnd.ContainerDevices {
    /// What a daemon finds that nobody kept descriptors for.
    @Suite struct Restart {
        @Test(arguments: [SIGTERM, SIGKILL], Kernel.allCases)
        func namesOwnersAndGenerationsAreThereAgain(_ signal: Int32, _ kernel: Kernel) throws {
            let device = try TestDevice()
            defer { device.end() }
            var daemon = try device.serve(kernel: kernel)
            let expected = try Remembered(device, DeviceTree(device))
            for _ in 1...2 {
                daemon.signal(signal)
                #expect(try daemon.exitCode() == (signal == SIGTERM ? 0 : -signal))
                if signal == SIGTERM { #expect(device.mountPoints == []) }
                daemon = try device.serve(kernel: kernel)
                try expected.check(DeviceTree(device))
            }
            let tree = try DeviceTree(device)
            let container = ContainerDevice(device, "b")
            let reader = try container.client("read")
            try device.trigger()
            #expect(try reader.exitCode() == 0)
            #expect(reader.lines == ["ready", "3"])
            #expect(try container.trigger(by: TestDevice.becoming(1_000)) == 0)
            #expect(try container.generation() == "4")
            #expect(try tree.ask("rmdir", "containers/b") == "0")
            #expect(try tree.containers() == ["a", "c"])
        }

        /// A client that maps the device once and never opens it again, as cryptographic libraries do.
        @Test(arguments: [SIGTERM, SIGKILL])
        func aMappingGoesOnWithTheNextDaemon(_ signal: Int32) throws {
            let device = try TestDevice()
            defer { device.end() }
            let first = try device.serve()
            let container = try DeviceTree(device).make("a")
            let page = try container.client("map")
            #expect(try container.trigger() == 0)
            #expect(try page.answer("look") == "1")
            first.signal(signal)
            _ = try first.exitCode()
            #expect(try page.answer("look") == "1")
            try device.serve()
            try device.trigger()
            #expect(try page.answer("look") == "2")
            #expect(try container.generation() == "2")
        }

        @Test func aRemovedOneDoesNotComeAgain() throws {
            let device = try TestDevice()
            defer { device.end() }
            let first = try device.serve()
            let tree = try DeviceTree(device)
            let removed = try tree.make("a")
            _ = try tree.make("b")
            let reader = try removed.client("read")
            #expect(try tree.ask("rmdir", "containers/a") == "0")
            first.signal(SIGTERM)
            #expect(try first.exitCode() == 0)
            #expect(try reader.exitCode() == ENODEV)
            try device.serve()
            let next = try DeviceTree(device)
            #expect(try next.containers() == ["b"])
            #expect(try next.make("a").generation() == "0")
        }
    }
}

/// Three containers that differ in all that a daemon has to remember of them.
struct Remembered {
    private let device: TestDevice
    private let statuses: [String: String?]

    private static let generations = ["a": "0", "b": "2", "c": "42"]

    init(_ device: TestDevice, _ tree: DeviceTree) throws {
        self.device = device
        _ = try tree.make("a")
        let changed = try tree.make("b")
        _ = try tree.make("c")
        #expect(try tree.ask("minimum", "containers/c", "42") == "0")
        #expect(try tree.ask("chown", "containers/b", "1000", "1002") == "0")
        #expect(try tree.ask("chmod", "containers/b", "751") == "0")
        for _ in 1...2 { #expect(try changed.trigger() == 0) }
        statuses = try Self.statuses(tree)
        #expect(statuses["containers/b"] == "40751 1000 1002")
        #expect(statuses["containers/b/sysgenid"] == "100640 1000 1002")
    }

    /// Whether all is as it was.
    func check(_ tree: DeviceTree) throws {
        #expect(try tree.containers() == ["a", "b", "c"])
        #expect(try Self.statuses(tree) == statuses)
        #expect(try tree.ask("show-minimum", "containers/c") == "=42")
        for (name, generation) in Self.generations {
            #expect(try ContainerDevice(device, name).generation() == generation, "\(name)")
        }
        #expect(try ContainerDevice(device, "c").trigger(by: TestDevice.becoming(1_000)) == EACCES)
        #expect(try device.mapped() == 0)
        try waitUntil("the attribute") { device.attribute("containers") == "3" }
    }

    private static func statuses(_ tree: DeviceTree) throws -> [String: String?] {
        let paths = generations.keys.flatMap { ["containers/\($0)", "containers/\($0)/sysgenid"] }
        return try Dictionary(uniqueKeysWithValues: paths.map { ($0, try tree.ask("stat", $0)) })
    }
}
