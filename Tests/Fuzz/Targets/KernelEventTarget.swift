@testable import SysGenIDBackends

extension FuzzTarget {
    /// The parser of the kernel's uevents.
    static let uevent = FuzzTarget(name: "uevent") { bytes in
        let message = KernelEventMessage(bytes)
        try demand(message == KernelEventMessage(bytes), "another message at the second time")
        guard let message else { return false }
        try demand(written(message) == bytes, "\(message) is not the whole of \(bytes)")
        try demand(!message.action.isEmpty && !message.action.contains(UInt8(ascii: "@")), "\(message.action)")
        try demand(message.devicePath.first == UInt8(ascii: "/"), "\(message.devicePath)")
        for assignment in message.assignments {
            try demand(!assignment.key.isEmpty && !assignment.key.contains(UInt8(ascii: "=")), "\(assignment)")
        }
        // As the kernel ends each part with a zero, there is one before and one behind an assignment.
        let isAnnounced = !bytes.ranges(of: Array("\0NEW_VMGENID=1\0".utf8)).isEmpty
        try demand(message.isVirtualMachineFork == isAnnounced, "a fork is \(message.isVirtualMachineFork): \(message)")
        try demand(KernelEventMessage(bytes.dropLast()) == nil, "a message without its end")
        return isAnnounced
    }

    private static func written(_ message: KernelEventMessage) -> [UInt8] {
        var bytes = message.action + "@".utf8 + message.devicePath + [0]
        for assignment in message.assignments { bytes += assignment.key + "=".utf8 + assignment.value + [0] }
        return bytes
    }
}
