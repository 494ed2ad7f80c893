import SysGenIDCore
import SysGenIDFuse
import Testing

@testable import SysGenIDFrontends

/// What is told of what is in the directory of devices, and in which order it is listed.
struct NodeAttributesTests {
    private static let device = DeviceID(slot: 7, uses: 1)

    private static let nodes: [(DeviceNode, permissions: UInt32, user: UInt32, group: UInt32, size: Int, time: Int)] = [
        (.root, 0o755, 0, 0, 0, 11), (.containers, 0o755, 0, 0, 0, 11),
        (.file(of: .system), 0o620, 0, 5, 4, 11), (.clock(of: .system), 0o444, 0, 0, 4096, 11),
        (.directory(of: device), 0o751, 1_000, 1_001, 0, 22), (.file(of: device), 0o640, 1_000, 1_001, 4, 22),
        (.clock(of: device), 0o440, 1_000, 1_001, 4096, 22),
    ]

    @Test func eachNodeIsShownAsItsOwnersHaveIt() throws {
        let shown = NodeAttributes(access: DeviceAccess(permissions: 0o620, groupID: 5), time: 11, fileSize: 4)
        let entry = DeviceEntry(name: "a", userID: 1_000, groupID: 1_001, permissions: 0o751, time: 22)
        for (node, permissions, user, group, size, time) in Self.nodes {
            let found = try #require(shown.attributes(of: node) { $0 == Self.device ? entry : nil })
            var expected = FileAttributes(
                permissions: permissions, userID: user, groupID: group, size: size, time: time)
            (expected.node, expected.isDirectory) = (node.number, node.isDirectory)
            #expect(found == expected, "\(node)")
        }
        for node in [DeviceNode.directory(of: Self.device), .file(of: Self.device), .clock(of: Self.device)] {
            #expect(shown.attributes(of: node) { _ in nil } == nil, "\(node)")
        }
    }

    private func listed(_ node: DeviceNode, from offset: Int64) -> [String] {
        node.entries(from: offset) { start in
            [(slot: 2, id: DeviceID(slot: 2, uses: 0), name: "a"), (slot: 7, id: Self.device, name: "b")]
                .filter { $0.slot >= start }
        }.map { "\($0.offset) \($0.name) \($0.node) \($0.isDirectory ? "directory" : "file")" }
    }

    @Test func aListIsContinuedBehindTheEntryThatWasToldLast() {
        let own = ["1 . 1 directory", "2 .. 1 directory"]
        let files = ["3 sysgenid 3 file", "4 vmclock0 4 file", "5 containers 2 directory"]
        for taken in 0...5 {
            #expect(listed(.root, from: Int64(taken)) == Array((own + files).dropFirst(taken)))
        }
        let first = DeviceID(slot: 2, uses: 0).rawValue << 2
        let second = Self.device.rawValue << 2
        let devices = ["5 a \(first) directory", "10 b \(second) directory"]
        #expect(listed(.containers, from: 0) == ["1 . 2 directory", "2 .. 1 directory"] + devices)
        #expect(listed(.containers, from: 5) == [devices[1]])
        #expect(listed(.containers, from: 10).isEmpty)
        #expect(
            listed(.directory(of: Self.device), from: 2)
                == ["3 sysgenid \(second | 1) file", "4 vmclock0 \(second | 2) file"])
        #expect(listed(.file(of: .system), from: 2).isEmpty)
    }
}
