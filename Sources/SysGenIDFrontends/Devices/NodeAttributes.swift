import SysGenIDCore
import SysGenIDFuse
import SysGenIDSystem

/// What is told of what is in the directory of devices. The files of a container take it from their directory.
struct NodeAttributes {
    /// Of the system's device.
    let access: DeviceAccess
    /// When the directory was made, in seconds since 1970.
    let time: Int
    /// Of a device, in bytes.
    let fileSize: Int

    private static let readable: UInt32 = 0o444

    /// - Parameter entry: the device of a container; nil where there is none.
    func attributes(of node: DeviceNode, entry: (DeviceID) -> DeviceEntry?) -> FileAttributes? {
        switch node {
        case .root, .containers: directory(node)
        case .file(.system): file(node, permissions: access.permissions, userID: 0, groupID: access.groupID, time: time)
        case .clock(.system): file(node, permissions: Self.readable, userID: 0, groupID: 0, time: time)
        case .directory(let device), .file(let device), .clock(let device):
            entry(device).map { attributes(of: node, $0) }
        }
    }

    func attributes(of node: DeviceNode, _ entry: DeviceEntry) -> FileAttributes {
        if case .directory = node {
            var attributes = directory(node)
            (attributes.permissions, attributes.time) = (entry.permissions, entry.time)
            (attributes.userID, attributes.groupID) = (entry.userID, entry.groupID)
            return attributes
        }
        var permissions = entry.permissions & 0o666
        if case .clock = node { permissions &= Self.readable }
        return file(node, permissions: permissions, userID: entry.userID, groupID: entry.groupID, time: entry.time)
    }

    private func directory(_ node: DeviceNode) -> FileAttributes {
        var attributes = FileAttributes(permissions: 0o755, userID: 0, groupID: 0, size: 0, time: time)
        (attributes.node, attributes.isDirectory) = (node.number, true)
        return attributes
    }

    private func file(
        _ node: DeviceNode, permissions: UInt32, userID: UInt32, groupID: UInt32, time: Int
    ) -> FileAttributes {
        var attributes = FileAttributes(
            permissions: permissions, userID: userID, groupID: groupID, size: fileSize, time: time)
        attributes.node = node.number
        if case .clock = node { attributes.size = CounterPage.size }
        return attributes
    }
}
