import SysGenIDSystem

/// A machine's files below a directory that takes the place of the root.
public struct ReplayedMachine {
    public let scratch: Scratch

    public static let tables = "sys/firmware/acpi/tables"

    public init(in parent: String = "/tmp") throws {
        scratch = try Scratch(in: parent)
    }

    public var root: String { scratch.path }

    /// Writes a file, and makes the directories in which it lies.
    public func write(_ path: String, _ contents: [UInt8]) throws {
        let path = scratch.path(path)
        let directory = path[..<path.lastIndex(of: "/")!]
        try Files.makeDirectories(String(directory), permissions: 0o755)
        try Files.replace(path, with: contents, permissions: 0o600)
    }

    /// Writes a log of the kernel's, and gives its driver of the VM generation ID a device.
    public func writeKernelLog(_ lines: [String]) throws {
        try write("sys/bus/platform/drivers/vmgenid/VMGENCTR:00", [])
        try write("dev/kmsg", Array(lines.joined().utf8))
    }

    /// Adds to the log that is there.
    public func log(_ lines: String) throws {
        let file = try openFile(scratch.path("dev/kmsg"), [.writeOnly, .append])
        try file.write(Array(lines.utf8))
    }

    /// The record in which the kernel tells of a resume, with this sequence number.
    public static func forkLine(_ number: UInt64) -> String {
        "6,\(number),99887766,-;random: crng reseeded due to virtual machine fork\n"
    }

    public func writeTable(_ name: String, _ contents: [UInt8]) throws {
        try write("\(Self.tables)/\(name)", contents)
    }

    /// Writes a file as /dev/mem that holds the bytes at the address, and goes on for a page after them.
    public func writeMemory(_ bytes: [UInt8], at address: UInt64) throws {
        try write("dev/mem", [])
        let memory = try NamedFile(scratch.path("dev/mem"), .readWrite)
        try memory.setLength(Int64(address) + 8_192)
        try memory.write(bytes, at: Int64(address))
    }

    /// Writes into the memory that is there.
    public func patchMemory(_ bytes: [UInt8], at address: UInt64) throws {
        try NamedFile(scratch.path("dev/mem"), .writeOnly).write(bytes, at: Int64(address))
    }
}
